"""All SQL of who is signed in from where, on the connection of the queue's store."""

from dataclasses import dataclass

from hall.days import Instant
from hall.store import Store


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where and when somebody signed in; ``mark`` is what their cookie holds of it."""

    id: int
    mark: str
    at: Instant
    window: int | None
    address: str
    browser: str


class SignIns:
    """The table of sign-ins; its schema is the ``admission``'s."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute

    def add(
        self,
        mark: str,
        person: str,
        at: Instant,
        window: int | None,
        address: str,
        browser: str,
    ) -> None:
        """Store a sign-in."""
        self.run(
            """
            insert into sign_in (mark, person, at, window, address, browser)
            values (?, ?, ?, ?, ?, ?)
            """,
            (mark, person, at, window, address, browser),
        )

    def of(self, person: str) -> list[SignIn]:
        """Return the sign-ins of a person, the newest first."""
        found = self.store.rows(
            """
            select id, mark, at, window, address, browser from sign_in
            where person = ? order by id desc
            """,
            (person,),
        )
        return [SignIn(*each) for each in found]

    def forget_before(self, at: Instant) -> None:
        """Forget what is older."""
        self.run("delete from sign_in where at < ?", (at,))
