"""All SQL of the ratings, on the connection of the queue's store."""

import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from hall.days import Instant
from hall.store import Store
from rating import chain
from rating.levels import Level, Tag
from rating.migrations import migrations


@dataclass(frozen=True, slots=True)
class Rating:
    """What a citizen said of a visit."""

    id: int
    visit: int
    level: Level
    tags: tuple[str, ...]
    text: str
    channel: str
    at: Instant
    window: int
    nth: int = 1
    voided_at: Instant | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain: what it seals, and its hash."""

    seq: int
    kind: str
    about: int
    salt: str
    private: str
    hash: str
    text_salt: str
    text_private: str
    erased: str | None


class Ratings:
    """The tables of the ratings."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- tag ------------------------------------------------------------------------------------

    def tags(self) -> list[Tag]:
        """Return the tags of every version, oldest first."""
        found = self.store.rows(
            "select version, level, code, shown_first, text from tag order by version, place"
        )
        return [Tag(each[0], Level(each[1]), each[2], bool(each[3]), each[4]) for each in found]

    def tag_version(self) -> int:
        """Return the newest version of the tags."""
        return int(self.store.row("select max(version) from tag")[0])

    # -- rating ---------------------------------------------------------------------------------

    def add_rating(
        self,
        visit: int,
        level: Level,
        tags: Sequence[Tag],
        text: str,
        contact: str,
        channel: str,
        at: Instant,
        device: int | None,
        nth: int = 1,
        by_default: bool = False,
    ) -> int | None:
        """Store and seal a visit's rating; None when it has its ``nth`` one already."""
        kept = [{"version": tag.version, "code": tag.code, "text": tag.text} for tag in tags]
        found = self.run(
            f"""
            insert into rating (visit, nth, level, tags, text, contact, channel, at, device,
                given_by_default, window, clerk, service)
            select id, ?, ?, ?, ?, ?, ?, max(?, ended_at), ?, ?, window, clerk, service
            from visit where id = ? and state = 'done'
            on conflict (visit, nth) do nothing
            returning {", ".join(chain.SEALED)}
            """,
            (
                nth,
                level.value,
                json.dumps(kept, ensure_ascii=False),
                text,
                contact,
                channel,
                at,
                device,
                int(by_default),
                visit,
            ),
        ).fetchone()
        if found is None:
            return None
        self._seal("rating", found, contact)
        return int(found[0])

    def rating_of(self, visit: int) -> Rating | None:
        """Return the first rating of a visit."""
        return self._rating("visit = ? and nth = 1", visit)

    def second_of(self, visit: int) -> Rating | None:
        """Return the second rating of a visit, given after what was bad had been put right."""
        return self._rating("visit = ? and nth = 2", visit)

    def rating(self, number: int) -> Rating | None:
        """Return a rating by its id."""
        return self._rating("id = ?", number)

    def _rating(self, where: str, value: int) -> Rating | None:
        found = self.store.row(
            f"""
            select id, visit, level, tags, text, channel, at, window, nth, voided_at
            from rating where {where}
            """,
            (value,),
        )
        if found is None:
            return None
        tags = tuple(tag["text"] for tag in json.loads(found[3]))
        return Rating(found[0], found[1], Level(found[2]), tags, *found[4:])

    def outcome_of(self, visit: int) -> str:
        """Return what became of a visit's rating.

        rated, asked (and no answer yet), timed_out, never_asked, or default: filled in by a rule.
        """
        found = self.store.row(
            """
            select
                case
                    when exists (
                        select 1 from rating where visit = :visit and given_by_default = 0
                    ) then 'rated'
                    when exists (select 1 from rating where visit = :visit) then 'default'
                    else coalesce(
                        (select coalesce(ended_as, 'asked') from asking where visit = :visit),
                        'never_asked'
                    )
                end
            """,
            {"visit": visit},
        )
        return str(found[0])

    # -- rating_void and second_rating ----------------------------------------------------------

    def void(self, rating: int, kind: str, reason: str, by: str, at: Instant) -> bool:
        """Void and seal; False when the rating is voided already."""
        changed = self.run(
            "update rating set voided_at = ? where id = ? and voided_at is null", (at, rating)
        ).rowcount
        if changed:
            row = (rating, kind, reason, by, at)
            self.run(
                "insert into rating_void (rating, kind, reason, by, at) values (?, ?, ?, ?, ?)", row
            )
            self._seal("void", row)
        return bool(changed)

    def void_of(self, rating: int) -> tuple[str, str, str, Instant] | None:
        """Return kind, reason, who and when of a voiding."""
        found = self.store.row(
            "select kind, reason, by, at from rating_void where rating = ?", (rating,)
        )
        return (found[0], found[1], found[2], found[3]) if found else None

    def invite_second(self, visit: int, by: str, at: Instant) -> bool:
        """Let a visit be rated a second time; False when it may be already."""
        return bool(
            self.run(
                """
                insert into second_rating (visit, by, at) values (?, ?, ?)
                on conflict (visit) do nothing
                """,
                (visit, by, at),
            ).rowcount
        )

    def second_invited_at(self, visit: int) -> Instant | None:
        """Return since when a visit may be rated a second time."""
        found = self.store.row("select at from second_rating where visit = ?", (visit,))
        return found[0] if found else None

    # -- seal -----------------------------------------------------------------------------------

    def _seal(self, kind: str, values: Sequence[object], contact: str = "") -> None:
        """Seal a row in the transaction that writes it."""
        salt = secrets.token_hex(8) if contact else ""
        private = chain.private_seal(salt, contact)
        text = str(values[chain.TEXT]) if kind == "rating" else ""
        text_salt = secrets.token_hex(8) if text else ""
        text_private = chain.private_seal(text_salt, text)
        told = chain.hidden(values, text_private)
        hashed = chain.seal(self.head(), kind, told, private)
        self.run(
            """
            insert into seal (kind, about, salt, private, hash, text_salt, text_private)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            (kind, values[0], salt, private, hashed, text_salt, text_private),
        )

    def erase_contact(self, number: int) -> bool:
        """Forget how a rater is reached, together with the salt of its seal; False for none."""
        erased = self.run(
            "update rating set contact = '' where id = ? and contact != ''", (number,)
        ).rowcount
        if erased:
            self.run("update seal set salt = '' where kind = 'rating' and about = ?", (number,))
        return bool(erased)

    def erase_text(self, number: int, at: Instant) -> bool:
        """Forget what a rater wrote; level, reasons and the chain stay. False for none."""
        found = self.store.row(
            f"""
            select {", ".join(f"rating.{name}" for name in chain.SEALED)}, seal.hash, seal.private
            from rating join seal on seal.kind = 'rating' and seal.about = rating.id
            where rating.id = ? and rating.text != ''
            """,
            (number,),
        )
        if found is None:
            return False
        *values, sealed, private = found
        self.run("update rating set text = '' where id = ?", (number,))
        self.run("update seal set text_salt = '' where kind = 'rating' and about = ?", (number,))
        self.run(
            "insert into erased_text (rating, at, hash) values (?, ?, ?)",
            (number, at, chain.erased_seal(sealed, values, private)),
        )
        return True

    def head(self) -> str:
        """Return the newest seal: who keeps it elsewhere can prove that nothing was cut off."""
        found = self.store.row("select hash from seal order by seq desc limit 1")
        return found[0] if found else chain.BEGINS

    def sealed(self) -> Iterator[tuple[Seal, tuple[object, ...] | None, str]]:
        """Yield every seal with the row it seals – None for one that is gone – and its contact."""
        ratings = ", ".join(f"rating.{name}" for name in chain.SEALED)
        voids = ", ".join(f"void.{name}" for name in chain.SEALED_VOID)
        width = len(chain.SEALED)
        for row in self.run(
            f"""
            select seal.seq, seal.kind, seal.about, seal.salt, seal.private, seal.hash,
                seal.text_salt, seal.text_private, erased_text.hash,
                {ratings}, {voids}, rating.contact
            from seal
            left join rating on seal.kind = 'rating' and rating.id = seal.about
            left join rating_void as void on seal.kind = 'void' and void.rating = seal.about
            left join erased_text on erased_text.rating = rating.id
            order by seal.seq
            """
        ):
            link, rest, contact = Seal(*row[:9]), row[9:-1], row[-1] or ""
            values = rest[:width] if link.kind == "rating" else rest[width:]
            yield link, (None if values[0] is None else values), contact
