"""All SQL of signing in, on the connection of the queue's store."""

from dataclasses import dataclass

from admission.migrations import migrations
from hall.days import Instant
from hall.store import Store


@dataclass(frozen=True, slots=True)
class Count:
    """How often in a row somebody failed to sign in to an account, from one source."""

    account: str
    source: str
    failures: int
    last_at: Instant
    address: str


@dataclass(frozen=True, slots=True)
class Factor:
    """A person's second factor; without ``confirmed_at`` it is being set up."""

    secret: bytes
    made_at: Instant
    confirmed_at: Instant | None
    last_step: int


class Admissions:
    """The tables of signing in."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- sign_in_count --------------------------------------------------------------------------

    def count(self, account: str, source: str) -> Count | None:
        """Return the failures of an account from one source, None without any."""
        found = self.store.row(
            """
            select account, source, failures, last_at, address from sign_in_count
            where account = ? and source = ?
            """,
            (account, source),
        )
        return Count(*found) if found else None

    def counts(self, least: int) -> list[Count]:
        """Return all counters of so many failures or more, the newest first."""
        found = self.store.rows(
            """
            select account, source, failures, last_at, address from sign_in_count
            where failures >= ? and account != '' order by last_at desc, account, source
            """,
            (least,),
        )
        return [Count(*each) for each in found]

    def count_one(self, account: str, source: str, at: Instant, address: str) -> int:
        """Count one try more and return how many that makes."""
        found = self.run(
            """
            insert into sign_in_count (account, source, failures, last_at, address)
            values (?, ?, 1, ?, ?)
            on conflict (account, source) do update set failures = failures + 1,
                last_at = excluded.last_at, address = excluded.address
            returning failures
            """,
            (account, source, at, address),
        ).fetchone()
        return int(found[0])

    def take_back(self, account: str, source: str) -> None:
        """Count one try less: what was typed was right."""
        self.run(
            """
            update sign_in_count set failures = failures - 1
            where account = ? and source = ? and failures > 0
            """,
            (account, source),
        )

    def forget_count(self, account: str, source: str) -> None:
        """Forget the failures of an account from one source."""
        self.run("delete from sign_in_count where account = ? and source = ?", (account, source))

    def forget_counts(self, account: str) -> int:
        """Forget all failures of an account; return how many counters there were."""
        return self.run("delete from sign_in_count where account = ?", (account,)).rowcount

    def forget_counts_before(self, at: Instant) -> None:
        """Forget what is older."""
        self.run("delete from sign_in_count where last_at < ?", (at,))

    # -- second_factor --------------------------------------------------------------------------

    def factor(self, person: str) -> Factor | None:
        """Return a person's second factor, also one that is being set up."""
        found = self.store.row(
            "select secret, made_at, confirmed_at, last_step from second_factor where person = ?",
            (person,),
        )
        return Factor(*found) if found else None

    def with_factor(self) -> set[str]:
        """Return who has a second factor."""
        found = self.store.rows("select person from second_factor where confirmed_at is not null")
        return {person for (person,) in found}

    def save_factor(self, person: str, secret: bytes, at: Instant) -> None:
        """Keep the secret of a factor that is being set up."""
        self.run(
            """
            insert into second_factor (person, secret, made_at) values (?, ?, ?)
            on conflict (person) do update set secret = excluded.secret,
                made_at = excluded.made_at, confirmed_at = null, last_step = 0
            """,
            (person, secret, at),
        )

    def confirm_factor(self, person: str, step: int, at: Instant) -> bool:
        """Let a factor count from now on; False when there is none to confirm."""
        return bool(
            self.run(
                """
                update second_factor set confirmed_at = ?, last_step = ?
                where person = ? and confirmed_at is null
                """,
                (at, step, person),
            ).rowcount
        )

    def use_step(self, person: str, step: int) -> bool:
        """Keep the newest time-step that was accepted; False when it was no newer."""
        return bool(
            self.run(
                "update second_factor set last_step = ? where person = ? and last_step < ?",
                (step, person, step),
            ).rowcount
        )

    def drop_factor(self, person: str) -> bool:
        """Forget a factor and its recovery codes; False when there was none."""
        self.run("delete from recovery_code where person = ?", (person,))
        return bool(self.run("delete from second_factor where person = ?", (person,)).rowcount)

    # -- recovery_code --------------------------------------------------------------------------

    def save_recovery_codes(self, person: str, hashes: dict[str, str]) -> None:
        """Keep the hashes of new recovery codes by their labels; the old ones are gone."""
        self.run("delete from recovery_code where person = ?", (person,))
        for label, code_hash in hashes.items():
            self.run(
                "insert into recovery_code (person, label, code_hash) values (?, ?, ?)",
                (person, label, code_hash),
            )

    def recovery_hash(self, person: str, label: str) -> str | None:
        """Return the hash of a recovery code that has not been used."""
        found = self.store.row(
            """
            select code_hash from recovery_code
            where person = ? and label = ? and used_at is null
            """,
            (person, label),
        )
        return found[0] if found else None

    def use_recovery_code(self, person: str, label: str, at: Instant) -> bool:
        """Use a recovery code up; False when somebody was quicker."""
        return bool(
            self.run(
                """
                update recovery_code set used_at = ?
                where person = ? and label = ? and used_at is null
                """,
                (at, person, label),
            ).rowcount
        )

    def recovery_codes_left(self, person: str) -> int:
        """Return how many recovery codes have not been used."""
        found = self.store.row(
            "select count(*) from recovery_code where person = ? and used_at is null", (person,)
        )
        return int(found[0])

    # -- password_known, password_past ----------------------------------------------------------

    def password_known(self, person: str) -> tuple[Instant | None, bool]:
        """Return since when a password holds (None: unknown), and whether it must be changed."""
        found = self.store.row(
            "select set_at, must_change from password_known where person = ?", (person,)
        )
        return (found[0], bool(found[1])) if found else (None, False)

    def save_password_known(self, person: str, at: Instant, must_change: bool) -> None:
        """Keep when a password was set, and whether its owner must change it."""
        self.run(
            """
            insert into password_known (person, set_at, must_change) values (?, ?, ?)
            on conflict (person) do update set set_at = excluded.set_at,
                must_change = excluded.must_change
            """,
            (person, at, must_change),
        )

    def past_hashes(self, person: str) -> list[str]:
        """Return the hashes of a person's former passwords, the newest first."""
        found = self.store.rows(
            "select password_hash from password_past where person = ? order by id desc", (person,)
        )
        return [password_hash for (password_hash,) in found]

    def add_past_hash(self, person: str, password_hash: str, keep: int) -> None:
        """Keep the hash of a former password, and so many in all."""
        self.run(
            "insert into password_past (person, password_hash) values (?, ?)",
            (person, password_hash),
        )
        self.run(
            """
            delete from password_past where person = :person and id not in
                (select id from password_past where person = :person order by id desc limit :keep)
            """,
            {"person": person, "keep": keep},
        )

    # -- window_pin, sign_in_lock ---------------------------------------------------------------

    def pin_hash(self, person: str) -> str | None:
        """Return the hash of a person's PIN."""
        found = self.store.row("select pin_hash from window_pin where person = ?", (person,))
        return found[0] if found else None

    def save_pin(self, person: str, pin_hash: str, at: Instant) -> None:
        """Keep the hash of a person's PIN."""
        self.run(
            """
            insert into window_pin (person, pin_hash, set_at) values (?, ?, ?)
            on conflict (person) do update set pin_hash = excluded.pin_hash,
                set_at = excluded.set_at
            """,
            (person, pin_hash, at),
        )

    def drop_pin(self, person: str) -> None:
        """Forget a person's PIN."""
        self.run("delete from window_pin where person = ?", (person,))

    def locks(self) -> dict[str, int]:
        """Return the sign-ins that are locked, each with its wrong PINs."""
        return dict(self.store.rows("select mark, wrong from sign_in_lock"))

    def lock(self, mark: str, person: str, at: Instant) -> None:
        """Lock a sign-in; one that is locked stays as it is."""
        self.run(
            """
            insert into sign_in_lock (mark, person, locked_at) values (?, ?, ?)
            on conflict (mark) do nothing
            """,
            (mark, person, at),
        )

    def count_wrong_pin(self, mark: str) -> int:
        """Count a wrong PIN and return how many that makes, 0 when nothing is locked."""
        found = self.run(
            "update sign_in_lock set wrong = wrong + 1 where mark = ? returning wrong", (mark,)
        ).fetchone()
        return int(found[0]) if found else 0

    def unlock(self, mark: str) -> None:
        """Unlock a sign-in."""
        self.run("delete from sign_in_lock where mark = ?", (mark,))

    def forget_locks_before(self, at: Instant) -> None:
        """Forget the locks of sign-ins that have ended long ago."""
        self.run("delete from sign_in_lock where locked_at < ?", (at,))
