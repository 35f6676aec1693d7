"""All SQL of privacy: what goes by the rules, the looks, the receipts."""

import json
from collections.abc import Callable
from typing import Any

from hall.days import Instant
from hall.store import Store
from privacy.migrations import migrations
from privacy.receipts import Receipt, Stays
from privacy.rules import Before, Look, Run
from rating.store import Ratings

BLANKED = "（已按期清除）"
# A rating that became a case, and a second one of the same visit, are kept and go with its file.
IN_A_CASE = """exists (
    select 1 from rating_case where rating_case.rating = (
        select first.id from rating as first where first.visit = rating.visit and first.nth = 1
    )
)"""


class PrivacyTables:
    """The tables of privacy, and what it blanks in those of the other rooms."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        self.ratings = Ratings(store)
        if not store.readonly:
            with store.transaction():
                migrations.apply(store.database)
        self._removers: dict[str, Callable[[Before, int], int]] = {
            "ticket_phones": self._ticket_phones,
            "ticket_people": self._ticket_people,
            "ticket_names": self._ticket_names,
            "appointments": self._appointments,
            "booked_people": self._booked_people,
            "contacts": self._contacts,
            "forms": self._forms,
            "texts": self._texts,
            "cases": self._cases,
            "complaints": self._complaints,
            "looks": self._looks,
        }

    # -- what goes by the rules -----------------------------------------------------------------

    def remove(self, rule: str, before: Before, most: int, now: Instant) -> int:
        """Blank up to ``most`` records of a rule that are older than ``before``; return how many.

        Each is found by an index of what is still there, so that a hall of ten years asks for as
        little as a new one.
        """
        self._now = now
        return self._removers[rule](before, most)

    def _ticket_phones(self, before: Before, most: int) -> int:
        return self._change(
            """
            update ticket set phone = null where id in (
                select id from ticket where phone is not null and day < ? order by day limit ?
            )
            """,
            *(before.day, most),
        )

    def _ticket_people(self, before: Before, most: int) -> int:
        return self._change(
            """
            update ticket set person = null where id in (
                select id from ticket where person is not null and day < ? order by day limit ?
            )
            """,
            *(before.day, most),
        )

    def _ticket_names(self, before: Before, most: int) -> int:
        return self._change(
            """
            update ticket set holder = '', helper = '' where id in (
                select id from ticket where (holder != '' or helper != '') and day < ?
                order by day limit ?
            )
            """,
            *(before.day, most),
        )

    def _appointments(self, before: Before, most: int) -> int:
        phones = self._change(
            """
            update appointment set phone = null where id in (
                select id from appointment where phone is not null and day < ?
                order by day limit ?
            )
            """,
            *(before.day, most),
        )
        foreign = self._change(
            """
            update appointment set foreign_id = null where id in (
                select id from appointment where foreign_id is not null and day < ?
                order by day limit ?
            )
            """,
            *(before.day, most),
        )
        return max(phones, foreign)

    def _booked_people(self, before: Before, most: int) -> int:
        return self._change(
            """
            update appointment set person = null, day_person = null, holder = '' where id in (
                select id from appointment
                where person is not null and state != 'booked'
                    and day < case when state = 'no_show' then ? else ? end
                order by day limit ?
            )
            """,
            *(before.no_show_day, before.day, most),
        )

    def _contacts(self, before: Before, most: int) -> int:
        found = self.store.rows(
            f"""
            select id from rating where contact != '' and at < ? and not {IN_A_CASE}
            order by at limit ?
            """,
            (before.at, most),
        )
        return sum(self.ratings.erase_contact(number) for (number,) in found)

    def _forms(self, before: Before, most: int) -> int:
        return self._change(
            """
            update paper_form set contact = '', text = '' where id in (
                select id from paper_form where (contact != '' or text != '') and typed_at < ?
                order by typed_at limit ?
            )
            """,
            *(before.at, most),
        )

    def _texts(self, before: Before, most: int) -> int:
        found = self.store.rows(
            f"""
            select id from rating where text != '' and at < ? and not {IN_A_CASE}
            order by at limit ?
            """,
            (before.at, most),
        )
        return sum(self.ratings.erase_text(number, self._now) for (number,) in found)

    def _cases(self, before: Before, most: int) -> int:
        found = self.store.rows(
            """
            select id, visit from rating_case
            where closed_at is not null and forgotten_at is null and closed_at < ?
            order by closed_at limit ?
            """,
            (before.at, most),
        )
        for number, visit in found:
            self._blank_case(number, visit)
        return len(found)

    def _blank_case(self, number: int, visit: int) -> None:
        for (rating,) in self.store.rows("select id from rating where visit = ?", (visit,)):
            self.ratings.erase_contact(rating)
            self.ratings.erase_text(rating, self._now)
        self.run(
            """
            update rating_case set text = '', cause = '', plan = '', reply = '', forgotten_at = ?
            where id = ?
            """,
            (self._now, number),
        )
        self.run("""update case_step set note = '' where "case" = ? and note != ''""", (number,))
        self.run("""update case_appeal set reason = '' where "case" = ?""", (number,))
        self.run("""update case_extension set reason = '' where "case" = ?""", (number,))

    def _complaints(self, before: Before, most: int) -> int:
        found = self.store.rows(
            """
            update complaint set complainant = '', phone = '', accused = '', title = :blanked,
                content = :blanked, forgotten_at = :now,
                reply = case when reply = '' then '' else :blanked end,
                extension_reason = case when extension_reason = '' then '' else :blanked end
            where id in (
                select id from complaint
                where coalesce(ended_at, replied_at) is not null and forgotten_at is null
                    and coalesce(ended_at, replied_at) < :before
                order by coalesce(ended_at, replied_at) limit :most
            )
            returning id
            """,
            {"blanked": BLANKED, "now": self._now, "before": before.at, "most": most},
        )
        for (number,) in found:
            self.run(
                "update complaint_step set told = '' where complaint = ? and told != ''", (number,)
            )
        return len(found)

    def _looks(self, before: Before, most: int) -> int:
        return self._change(
            """
            delete from privacy_reveal where id in (
                select id from privacy_reveal where at < ? order by at limit ?
            )
            """,
            *(before.at, most),
        )

    def _change(self, sql: str, *values: Any) -> int:
        return self.run(sql, values).rowcount

    def people_who_left(self, before: Instant) -> list[str]:
        """Return who was retired before an instant and still has a telephone number here."""
        found = self.store.rows(
            """
            select staff_number from person where active = 0 and phone != '' and (
                select coalesce(max(at), 0) from catalogue_change
                where kind = 'person' and key = staff_number and act = 'retired'
            ) < ?
            """,
            (before,),
        )
        return [number for (number,) in found]

    # -- what one person wants erased -----------------------------------------------------------

    def erase(self, table: str, number: int, now: Instant) -> bool:
        """Erase the person from one record; False when nobody was in it any more.

        Whether it may be erased has been asked before. A missed appointment keeps its keyed hash
        while the no-show rule counts it.
        """
        if table == "rating":
            return self._erase_rating(number, now)
        return bool(self.run(ERASE[table], (number,)).rowcount)

    def _erase_rating(self, number: int, now: Instant) -> bool:
        contact = self.ratings.erase_contact(number)
        text = self.ratings.erase_text(number, now)
        self.run("update rating_case set text = '' where rating = ? and text != ''", (number,))
        return contact or text

    # -- how much is still there: asked beside the loop ------------------------------------------

    def held(self, rule: str) -> tuple[int, str | Instant | None]:
        """Return how many records a rule still has to do with, and the oldest's day or instant."""
        found = self.store.row(HELD[rule])
        return int(found[0]), found[1]

    # -- privacy_run ----------------------------------------------------------------------------

    def runs(self, day: str) -> dict[str, Run]:
        """Return how far the rules of a day are, by their names."""
        found = self.store.rows(f"{RUNS} where day = ?", (day,))
        return {each[1]: Run(*each) for each in found}

    def add_run(self, day: str, rule: str, removed: int, now: Instant, *, over: bool) -> None:
        """Add to what a rule removed on a day; ``over`` says that nothing is left."""
        self.run(
            """
            insert into privacy_run (day, rule, removed, began_at, ended_at)
            values (:day, :rule, :removed, :now, :ended)
            on conflict (day, rule) do update set removed = removed + excluded.removed,
                ended_at = coalesce(ended_at, excluded.ended_at)
            """,
            {
                "day": day,
                "rule": rule,
                "removed": removed,
                "now": now,
                "ended": now if over else None,
            },
        )

    def last_runs(self) -> dict[str, Run]:
        """Return the newest run of each rule, by its name."""
        found = self.store.rows(
            f"""
            {RUNS} where (rule, day) in (select rule, max(day) from privacy_run group by rule)
            """
        )
        return {each[1]: Run(*each) for each in found}

    def days_of_work(self, most: int) -> list[Run]:
        """Return the newest runs that removed something."""
        return [
            Run(*each)
            for each in self.store.rows(
                f"{RUNS} where removed > 0 order by day desc, rule limit ?", (most,)
            )
        ]

    def removed_in_all(self) -> dict[str, int]:
        """Return how many records each rule has removed since the beginning."""
        return dict(self.store.rows("select rule, sum(removed) from privacy_run group by rule"))

    # -- privacy_reveal -------------------------------------------------------------------------

    def add_look(self, look: Look) -> None:
        """Keep that somebody looks at a record, why, and until when it stays open."""
        self.run(
            """
            insert into privacy_reveal (at, until, who, kind, record, reason)
            values (?, ?, ?, ?, ?, ?)
            """,
            (look.at, look.until, look.who, look.kind, look.record, look.reason),
        )

    def open_until(self, kind: str, record: int, who: str) -> Instant:
        """Return until when a record is open to somebody, 0 for never."""
        found = self.store.row(
            """
            select coalesce(max(until), 0) from privacy_reveal
            where kind = ? and record = ? and who = ?
            """,
            (kind, record, who),
        )
        return int(found[0])

    def close_looks(self, kind: str, record: int, who: str, now: Instant) -> None:
        """End what is open of a record to somebody."""
        self.run(
            """
            update privacy_reveal set until = max(at, ?)
            where kind = ? and record = ? and who = ? and until > ?
            """,
            (now, kind, record, who, now),
        )

    def looks(self, most: int) -> list[Look]:
        """Return the newest looks."""
        return [
            Look(*each)
            for each in self.store.rows(
                """
                select at, until, who, kind, record, reason from privacy_reveal
                order by id desc limit ?
                """,
                (most,),
            )
        ]

    # -- privacy_erasure ------------------------------------------------------------------------

    def receipt(self, number: str) -> Receipt | None:
        """Return a receipt by its number."""
        return self._receipt("number = ?", number)

    def receipt_of_tap(self, tap: str) -> Receipt | None:
        """Return the receipt that a form has already made."""
        return self._receipt("tap = ?", tap)

    def _receipt(self, where: str, value: str) -> Receipt | None:
        found = self.store.row(f"{RECEIPTS} where {where}", (value,))
        return _as_receipt(found) if found else None

    def receipts(self, most: int = -1) -> list[Receipt]:
        """Return the newest receipts; all of them without a limit."""
        found = self.store.rows(f"{RECEIPTS} order by id desc limit ?", (most,))
        return [_as_receipt(each) for each in found]

    def count_receipts(self, month: str) -> int:
        """Return how many receipts have numbers of a month (202611)."""
        found = self.store.row(
            "select count(*) from privacy_erasure where number like ?", (f"SC{month}-%",)
        )
        return int(found[0])

    def add_receipt(self, receipt: Receipt) -> None:
        """Store a receipt."""
        self.run(
            """
            insert into privacy_erasure (number, at, who, reason, asked, people, erased, kept, tap)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                *(receipt.number, receipt.at, receipt.who, receipt.reason, receipt.asked),
                json.dumps(receipt.people),
                json.dumps(receipt.erased),
                json.dumps([[each.what, each.why, each.until] for each in receipt.kept]),
                receipt.tap,
            ),
        )


def _as_receipt(row: Any) -> Receipt:
    number, at, who, reason, asked, people, erased, kept, tap = row
    return Receipt(
        *(number, at, who, reason, asked, tuple(json.loads(people))),
        tuple((table, int(record)) for table, record in json.loads(erased)),
        tuple(Stays(*each) for each in json.loads(kept)),
        tap,
    )


RUNS = "select day, rule, removed, began_at, ended_at from privacy_run"
RECEIPTS = """select number, at, who, reason, asked, people, erased, kept, tap
    from privacy_erasure"""
# The same conditions as the indexes: SQLite compares them word by word.
HELD = {
    "ticket_phones": "select count(*), min(day) from ticket where phone is not null",
    "ticket_people": "select count(*), min(day) from ticket where person is not null",
    "ticket_names": "select count(*), min(day) from ticket where holder != '' or helper != ''",
    "appointments": "select count(*), min(day) from appointment where phone is not null",
    "booked_people": "select count(*), min(day) from appointment where person is not null",
    "contacts": f"select count(*), min(at) from rating where contact != '' and not {IN_A_CASE}",
    "forms": "select count(*), min(typed_at) from paper_form where contact != '' or text != ''",
    "texts": f"select count(*), min(at) from rating where text != '' and not {IN_A_CASE}",
    "cases": """select count(*), min(closed_at) from rating_case
        where closed_at is not null and forgotten_at is null""",
    "complaints": """select count(*), min(coalesce(ended_at, replied_at)) from complaint
        where coalesce(ended_at, replied_at) is not null and forgotten_at is null""",
    "staff": "select count(*), null from person where active = 0 and phone != ''",
    "looks": "select count(*), min(at) from privacy_reveal",
}
ERASE = {
    "ticket": """
        update ticket set phone = null, person = null, holder = '', helper = ''
        where id = ? and (phone is not null or person is not null or holder != '' or helper != '')
    """,
    "appointment": """
        update appointment set phone = null, foreign_id = null,
            person = case when state = 'no_show' then person end,
            day_person = case when state = 'no_show' then day_person end,
            holder = case when state = 'no_show' then holder else '' end
        where id = ? and (phone is not null or person is not null or holder != '')
    """,
    "paper_form": """
        update paper_form set contact = '', text = ''
        where id = ? and (contact != '' or text != '')
    """,
    "complaint": """
        update complaint set complainant = '', phone = ''
        where id = ? and (complainant != '' or phone != '')
    """,
}
