"""All SQL of who may come in: secrets, ended sign-ins, keys of devices, passwords of people."""

from typing import NamedTuple

from hall.days import Instant
from hall.store import Store


class Paired(NamedTuple):
    """When, by whom and with which browser a device was paired."""

    at: Instant
    who: str
    address: str
    browser: str


class AccessStore:
    """The tables that let people and devices in, on the connection of a store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute

    # -- secrets and sign-ins -------------------------------------------------------------------

    def secret(self, name: str) -> str | None:
        """Return a secret's text."""
        found = self.store.row("select value from secret where name = ?", (name,))
        return found[0] if found else None

    def ended_sessions(self) -> dict[str, Instant]:
        """Return the marks of sign-ins that ended, and until when their cookies could be shown."""
        return dict(self.store.rows("select mark, until from ended_session"))

    def end_session(self, mark: str, until: Instant) -> None:
        """Keep that a sign-in ended."""
        self.run("insert or ignore into ended_session (mark, until) values (?, ?)", (mark, until))

    def forget_sessions(self, now: Instant, keep: int) -> None:
        """Forget sign-ins whose cookies have run out, but not the last ones to end."""
        self.run(
            """
            delete from ended_session where until <= :now and mark not in
                (select mark from ended_session order by until desc limit :keep)
            """,
            {"now": now, "keep": keep},
        )

    def secrets(self, name: str) -> list[tuple[str, str, Instant]]:
        """Return name, text and making of a secret and of those that took its place, in order."""
        return self.store.rows(
            """
            select name, value, made_at from secret
            where name = :name or name like :name || ' /%' order by made_at, rowid
            """,
            {"name": name},
        )

    def drop_secret(self, name: str) -> None:
        """Forget a secret."""
        self.run("delete from secret where name = ?", (name,))

    def add_secret(self, name: str, value: str, at: Instant) -> None:
        """Store a secret that is not there yet."""
        self.run("insert into secret (name, value, made_at) values (?, ?, ?)", (name, value, at))

    # -- keys of devices ------------------------------------------------------------------------

    def set_key(self, device: int, key_hash: str | None) -> None:
        """Give a device a key, or take it away."""
        self.run("update device set key_hash = ? where id = ?", (key_hash, device))

    def set_paired(self, device: int, paired: Paired) -> None:
        """Keep when, by whom and where a device was paired, in place of the time before."""
        self.run(
            """
            insert or replace into device_pairing (device, at, who, address, browser)
            values (?, ?, ?, ?, ?)
            """,
            (device, *paired),
        )

    def paired(self) -> dict[int, Paired]:
        """Return the last pairing of each device that was paired."""
        told = self.store.rows("select device, at, who, address, browser from device_pairing")
        return {device: Paired(*row) for device, *row in told}

    def key_hashes(self) -> dict[str, int]:
        """Return the devices by the hash of their keys."""
        return dict(
            self.store.rows(
                "select key_hash, id from device where key_hash is not null and active = 1"
            )
        )

    # -- passwords ------------------------------------------------------------------------------

    def password_hash(self, staff_number: str) -> str | None:
        """Return the hash of a person's password, None without one."""
        found = self.store.row(
            "select password_hash from person where staff_number = ? and active = 1",
            (staff_number,),
        )
        return found[0] if found else None

    def with_password(self) -> frozenset[str]:
        """Return the staff numbers of the active people who have a password."""
        return frozenset(
            number
            for (number,) in self.store.rows(
                "select staff_number from person where password_hash is not null and active = 1"
            )
        )

    def set_password_hash(self, staff_number: str, password_hash: str | None) -> bool:
        """Store the hash of a person's password; False when there is no such person."""
        return bool(
            self.run(
                "update person set password_hash = ? where staff_number = ?",
                (password_hash, staff_number),
            ).rowcount
        )
