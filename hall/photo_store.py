"""All SQL of the photographs of people."""

from hall.days import Instant
from hall.store import Store


class PhotoStore:
    """The table of photographs, on the connection of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute

    def picture(self, staff_number: str) -> bytes | None:
        """Return a person's photograph, a JPEG; None without one."""
        found = self.store.row("select picture from photo where person = ?", (staff_number,))
        return found[0] if found else None

    def save(self, staff_number: str, picture: bytes, mark: str, at: Instant) -> None:
        """Store a person's photograph in place of the one before."""
        self.run(
            """
            insert into photo (person, picture, mark, set_at) values (?, ?, ?, ?)
            on conflict (person) do update set picture = excluded.picture,
                mark = excluded.mark, set_at = excluded.set_at
            """,
            (staff_number, picture, mark, at),
        )

    def drop(self, staff_number: str) -> bool:
        """Forget a person's photograph; False when there is none."""
        return bool(self.run("delete from photo where person = ?", (staff_number,)).rowcount)
