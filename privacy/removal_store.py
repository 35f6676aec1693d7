"""All SQL of what goes by the rules: it blanks what other rooms keep, and counts what is left."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from hall.days import Instant
from hall.store import Store
from privacy.migrations import migrations
from privacy.rules import Before, Run
from rating.store import Ratings

BLANKED = "（已按期清除）"
# A rating that became a case, and a second one of the same visit, are kept and go with its file.
IN_A_CASE = """exists (
    select 1 from rating_case where rating_case.rating = (
        select first.id from rating as first where first.visit = rating.visit and first.nth = 1
    )
)"""


class Removals:
    """What a rule removes, what it still has to do with, and how far it is."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        self.ratings = Ratings(store)
        store.take_steps(migrations)
        self._with_more: dict[str, Callable[[dict[str, Any]], int]] = {
            "contacts": self._contacts,
            "texts": self._texts,
            "cases": self._cases,
            "complaints": self._complaints,
        }

    # -- what goes by the rules -----------------------------------------------------------------

    def remove(self, rule: str, before: Before, most: int, now: Instant) -> int:
        """Blank up to ``most`` records of a rule that are older than ``before``; return how many.

        Each is found by an index of what is still there, so that a hall of ten years asks for as
        little as a new one.
        """
        when = {**asdict(before), "most": most, "now": now}
        if rule in self._with_more:
            return self._with_more[rule](when)
        return max(self.run(sql, when).rowcount for sql in REMOVE[rule])

    def _contacts(self, when: dict[str, Any]) -> int:
        found = self.store.rows(
            f"""
            select id from rating where contact != '' and at < :at and not {IN_A_CASE}
            order by at limit :most
            """,
            when,
        )
        return sum(self.ratings.erase_contact(number) for (number,) in found)

    def _texts(self, when: dict[str, Any]) -> int:
        found = self.store.rows(
            f"""
            select id from rating where text != '' and at < :at and not {IN_A_CASE}
            order by at limit :most
            """,
            when,
        )
        return sum(self.ratings.erase_text(number, when["now"]) for (number,) in found)

    def _cases(self, when: dict[str, Any]) -> int:
        found = self.store.rows(
            """
            select id, visit from rating_case
            where closed_at is not null and forgotten_at is null and closed_at < :at
            order by closed_at limit :most
            """,
            when,
        )
        for number, visit in found:
            self._blank_case(number, visit, when["now"])
        return len(found)

    def _blank_case(self, number: int, visit: int, now: Instant) -> None:
        for (rating,) in self.store.rows("select id from rating where visit = ?", (visit,)):
            self.ratings.erase_contact(rating)
            self.ratings.erase_text(rating, now)
        self.run(
            """
            update rating_case set text = '', cause = '', plan = '', reply = '', forgotten_at = ?
            where id = ?
            """,
            (now, number),
        )
        self.run("""update case_step set note = '' where "case" = ? and note != ''""", (number,))
        self.run("""update case_appeal set reason = '' where "case" = ?""", (number,))
        self.run("""update case_extension set reason = '' where "case" = ?""", (number,))

    def _complaints(self, when: dict[str, Any]) -> int:
        found = self.store.rows(
            """
            update complaint set complainant = '', phone = '', accused = '', title = :blanked,
                content = :blanked, forgotten_at = :now,
                reply = case when reply = '' then '' else :blanked end,
                extension_reason = case when extension_reason = '' then '' else :blanked end
            where id in (
                select id from complaint
                where coalesce(ended_at, replied_at) is not null and forgotten_at is null
                    and coalesce(ended_at, replied_at) < :at
                order by coalesce(ended_at, replied_at) limit :most
            )
            returning id
            """,
            {**when, "blanked": BLANKED},
        )
        for (number,) in found:
            self.run(
                "update complaint_step set told = '' where complaint = ? and told != ''", (number,)
            )
        return len(found)

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

    def newest_run(self, day: str) -> Run | None:
        """Return what was begun first for the newest day up to one; None before the first night."""
        found = self.store.row(f"{RUNS} where day <= ? order by day desc, began_at limit 1", (day,))
        return Run(*found) if found else None

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


RUNS = "select day, rule, removed, began_at, ended_at from privacy_run"
# The same conditions as the indexes: SQLite compares them word by word.
REMOVE = {
    "ticket_phones": (
        """
        update ticket set phone = null where id in (
            select id from ticket where phone is not null and day < :day order by day limit :most
        )
        """,
    ),
    "ticket_people": (
        """
        update ticket set person = null where id in (
            select id from ticket where person is not null and day < :day order by day limit :most
        )
        """,
    ),
    "ticket_names": (
        """
        update ticket set holder = '', helper = '' where id in (
            select id from ticket where (holder != '' or helper != '') and day < :day
            order by day limit :most
        )
        """,
    ),
    "appointments": (
        """
        update appointment set phone = null where id in (
            select id from appointment where phone is not null and day < :day
            order by day limit :most
        )
        """,
        """
        update appointment set foreign_id = null where id in (
            select id from appointment where foreign_id is not null and day < :day
            order by day limit :most
        )
        """,
    ),
    "booked_people": (
        """
        update appointment set person = null, day_person = null, holder = '' where id in (
            select id from appointment
            where person is not null and state != 'booked'
                and day < case when state = 'no_show' then :no_show_day else :day end
            order by day limit :most
        )
        """,
    ),
    "forms": (
        """
        update paper_form set contact = '', text = '' where id in (
            select id from paper_form where (contact != '' or text != '') and typed_at < :at
            order by typed_at limit :most
        )
        """,
    ),
    "looks": (
        """
        delete from privacy_reveal where id in (
            select id from privacy_reveal where at < :at order by at limit :most
        )
        """,
    ),
}
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
