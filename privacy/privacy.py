"""class Privacy – the verbs: data goes in its time, looks have reasons, one person's data goes."""

import logging
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from hall import days, services
from hall.config import Config
from hall.days import MINUTE, Clock, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.register import Register
from hall.store import Store
from privacy import receipts, redo, rules
from privacy.erasure_store import Erasures
from privacy.look_store import Looks
from privacy.receipts import Receipt, Record, Stays, Wish
from privacy.redo import Line
from privacy.removal_store import Removals
from privacy.rules import Before, Look, Rule, Run
from privacy.seeking_store import Seeking

# A transaction of a hundred records is some milliseconds; one a second is 86,400 records a night.
MOST_AT_ONCE = 100
LISTED = 40
LOOKS = {"case": "差评", "complaint": "投诉", "complaints": "投诉实名导出", "person": "个人申请"}
log = logging.getLogger("privacy")


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule as it stands: what it last removed, what is held, and what goes next."""

    rule: Rule
    last: Run | None
    removed: int
    held: int
    next_on: str


@dataclass(frozen=True, slots=True)
class Found:
    """One person's records, and what is true of all of them."""

    wish: Wish
    records: tuple[Record, ...]
    in_journal: int

    @property
    def erasable(self) -> tuple[Record, ...]:
        """What may be erased now."""
        return tuple(each for each in self.records if each.stays is None)

    @property
    def staying(self) -> tuple[Stays, ...]:
        """What is not erased now, why, and when it goes."""
        told = [each.stays or each.rest for each in self.records]
        journal = Stays(
            f"操作日志 {self.in_journal} 处",
            "日志不可改动（网络安全法第21条），只有授权人员可查",
            "长期保存",
        )
        own = tuple(each for each in told if each)
        return (*own, *((journal,) if self.in_journal else ()), *receipts.ALWAYS)


class Privacy:
    """The one place where personal data is shown with a reason, handed over and erased."""

    def __init__(
        self, store: Store, register: Register, config: Config, clock: Clock, database: Path
    ) -> None:
        self.store = store
        self.register = register
        self.config = config
        self.clock = clock
        self.zone = config.hall.zone
        self.redo = redo.path_of(database)
        self.removals = Removals(store)
        self.opened = Looks(store)
        self.erasures = Erasures(store)
        self._key = register.secret("privacy")
        self.seeking = Seeking(store, register.secret("person"), config)
        self._done: date | None = None
        self._told: tuple[date, date] | None = None
        self._failed: set[tuple[str, str]] = set()

    # -- data goes in its time ------------------------------------------------------------------

    def tick(self) -> None:
        """Once a day, after the business day, remove what is due: at most 100 records at a time."""
        now = self.clock()
        today = self._night(now)
        # what ``privacy_run`` has for a day is not repeated when the clock is put back to it; nor
        # does a clock that was months ahead once let the data of those months stay
        if today != self._done:
            day = self._day_of_work(today)
            if day != today and self._told != (today, day):
                self._told = (today, day)
                log.warning("privacy_waits: today=%s removes_for=%s", today, day)
            if self._is_done(day.isoformat(), now):
                self._done = today

    def _night(self, at: Instant) -> date:
        here = days.local(at, self.zone)
        return rules.last_day(here.date(), here.time(), self.config.privacy.run_at)

    def _day_of_work(self, today: date) -> date:
        run = self.removals.newest_run(today.isoformat())
        if run is None:
            return today
        return rules.day_of_work(today, date.fromisoformat(run.day), self._night(run.began_at))

    def waits(self) -> tuple[str, str] | None:
        """Return today and the day removal has come to, while it waits for a clock that leaped."""
        today = self._night(self.clock())
        day = self._day_of_work(today)
        return None if day == today else (today.isoformat(), day.isoformat())

    def _is_done(self, day: str, now: Instant) -> bool:
        """Remove what a day's rules say, a piece at a time; return whether nothing is left."""
        with self.store.transaction():
            done = self.removals.runs(day)
            for rule in rules.RULES:
                run = done.get(rule.name)
                if (run and run.ended_at is not None) or (day, rule.name) in self._failed:
                    continue
                removed = self._removed(rule, day, now)
                before = run.removed if run else 0
                over = removed < MOST_AT_ONCE
                self.removals.add_run(day, rule.name, removed, now, over=over)
                if over and removed + before:
                    told = {"rule": rule.name, "day": day, "removed": removed + before}
                    self.store.note(now, "privacy_forgotten", who="hall", detail=told)
                if removed:
                    return False
        return True

    def _removed(self, rule: Rule, day: str, now: Instant) -> int:
        try:
            with self.store.transaction():
                if rule.name == "staff":
                    return self._forget_staff(self._before(rule, day).at)
                return self.removals.remove(rule.name, self._before(rule, day), MOST_AT_ONCE, now)
        except Exception:  # the other rules still have to be carried out
            log.exception("the rule %s could not be carried out for %s", rule.name, day)
            self._failed.add((day, rule.name))
            return 0

    def _before(self, rule: Rule, day: str) -> Before:
        today, booked = date.fromisoformat(day), self.config.appointments
        keep = rule.whole_days(self.config)
        longer = max(keep, booked.no_show_days + booked.bar_days - rule.on_the_last)
        at = rules.before(today, keep).isoformat()
        no_show = rules.before(today, longer).isoformat()
        return Before(at, days.first_instant(at, self.zone), no_show)

    def _forget_staff(self, before: Instant) -> int:
        people = self.register.catalogue().person
        gone = self.removals.people_who_left(before)
        for number in gone:
            self.register.save(replace(people[number], phone=""))
        return len(gone)

    def standings(self) -> list[Standing]:
        """Return how every rule stands; asked beside the loop, since it counts."""
        last, removed = self.removals.last_runs(), self.removals.removed_in_all()
        return [
            Standing(rule, last.get(rule.name), removed.get(rule.name, 0), *self._next(rule))
            for rule in rules.RULES
        ]

    def _next(self, rule: Rule) -> tuple[int, str]:
        held, oldest = self.removals.held(rule.name)
        if oldest is None:
            return held, ""
        day = oldest if isinstance(oldest, str) else days.day_of(oldest, self.zone)
        goes = rules.goes_on(date.fromisoformat(day), rule.whole_days(self.config))
        today = days.day_of(self.clock(), self.zone)
        return held, max(goes.isoformat(), today)

    def recent(self) -> list[Run]:
        """Return the newest runs that removed something."""
        return self.removals.days_of_work(LISTED)

    # -- looks with a reason --------------------------------------------------------------------

    def look(self, kind: str, record: int, reason: str, by: str) -> Instant:
        """Open a record to somebody for some minutes, and return until when; see ``is_open``."""
        told = receipts.check_reason(reason, "查看的原因")
        with self.store.transaction():
            now = self.clock()
            until = now + self.config.privacy.reveal_minutes * MINUTE
            self.opened.add(Look(now, until, by, kind, record, told))
            detail = {"kind": kind, "record": record, "reason": told}
            self.store.note(now, "privacy_look", who=by, detail=detail)
        return until

    def is_open(self, kind: str, record: int, by: str) -> bool:
        """Return whether somebody gave a reason for a record in the last minutes."""
        return self.clock() < self.opened.open_until(kind, record, by)

    def close(self, kind: str, record: int, by: str) -> None:
        """Hide a record again; twice is once."""
        with self.store.transaction():
            self.opened.close(kind, record, by, self.clock())

    def looks(self) -> list[Look]:
        """Return the newest looks."""
        return self.opened.newest(LISTED)

    # -- one person's data ----------------------------------------------------------------------

    def sought(self, wish: Wish, reason: str, by: str) -> None:
        """Keep that somebody looks for a person's data, and why."""
        told = receipts.check_reason(reason, "申请的事由")
        self._note_wish("privacy_sought", wish, told, by)

    def handed_over(self, wish: Wish, reason: str, by: str) -> None:
        """Keep that a person's data was taken out to be handed over."""
        self._note_wish("privacy_handed_over", wish, receipts.check_reason(reason, "事由"), by)

    def _note_wish(self, event: str, wish: Wish, reason: str, by: str) -> None:
        with self.store.transaction():
            detail = {"asked": wish.said, "reason": reason}
            self.store.note(self.clock(), event, who=by, detail=detail)

    def find(self, wish: Wish) -> Found:
        """Return all that is held of a person; asked beside the loop."""
        return Found(wish, tuple(self.seeking.of(wish)), self.seeking.in_journal(wish))

    def erase(self, found: Found, reason: str, by: str, tap: str) -> Receipt:
        """Erase what may be erased of a person, and return the receipt; the same tap is the same.

        Each record is read again and must still be that person's. Raises NotAllowed when nothing
        is left to erase.
        """
        services.check_tap(tap)
        why = receipts.check_reason(reason, "删除的事由")
        with self.store.transaction():
            if done := self.erasures.receipt_of_tap(tap):
                return done
            now = self.clock()
            people = self._people(found)
            erased = [each for each in found.erasable if self._erase(each, people, now)]
            if not erased:
                raise NotAllowed("nothing_to_erase", "没有现在可以删除的个人信息。")
            month = days.day_of(now, self.zone)[:7].replace("-", "")
            receipt = Receipt(
                receipts.number_of(month, self.erasures.count_receipts(month)),
                *(now, by, why, found.wish.said, people),
                tuple((each.table, each.id) for each in erased),
                *(found.staying, tap),
            )
            self.erasures.add_receipt(receipt)
            told = {"receipt": receipt.number, "asked": receipt.asked, "erased": len(erased)}
            self.store.note(now, "privacy_erased", who=by, detail=told | {"reason": why})
            self.store.after_commit(lambda: redo.add(self.redo, self._line(receipt)))
        return receipt

    def _people(self, found: Found) -> tuple[str, ...]:
        persons = [each.person for each in found.records] if found.wish.id_number else []
        return receipts.hashes_of(self._key, [found.wish.phone], persons)

    def _erase(self, record: Record, people: tuple[str, ...], now: Instant) -> bool:
        still = self.seeking.one(record.table, record.id)
        if still is None or still.stays or not receipts.is_of(still, self._key, people):
            return False
        return self.erasures.erase(record.table, record.id, now)

    def receipt(self, number: str) -> Receipt:
        """Return a receipt by its number."""
        found = self.erasures.receipt(number)
        if found is None:
            raise NotFound("unknown_receipt", "没有这份回执。")
        return found

    def receipts(self) -> list[Receipt]:
        """Return the newest receipts."""
        return self.erasures.receipts(LISTED)

    # -- after a backup was restored ------------------------------------------------------------

    def reapply(self) -> int:
        """Erase again what a restored file has brought back; return how many records.

        The list beside the file and the receipts in it are made the same; twice is once.
        """
        own = self.register.hall().made_at
        listed = [each for each in redo.read(self.redo) if each.hall == own]
        kept = self.erasures.receipts()
        in_list = {each.receipt.number for each in listed}
        for each in reversed(kept):
            if each.number not in in_list:
                redo.add(self.redo, self._line(each))
        known = {each.number for each in kept}
        return sum(self._again(each) for each in listed if each.receipt.number not in known)

    def _line(self, receipt: Receipt) -> Line:
        return Line(receipt, self.register.hall().made_at, redo.mark_of(self._key))

    def _again(self, line: Line) -> int:
        receipt = line.receipt
        same_key = line.key == redo.mark_of(self._key)
        with self.store.transaction():
            now = self.clock()
            erased = sum(self._erased_again(each, receipt, same_key) for each in receipt.erased)
            self.erasures.add_receipt(receipt)
            told = {"receipt": receipt.number, "erased": erased}
            self.store.note(now, "privacy_reapplied", who="hall", detail=told)
        log.warning("receipt %s was carried out again on a restored file", receipt.number)
        return erased

    def _erased_again(self, of: tuple[str, int], receipt: Receipt, same_key: bool) -> bool:
        table, number = of
        record = self.seeking.one(table, number)
        if record is None or record.at > receipt.at:
            return False
        if same_key and not receipts.is_of(record, self._key, receipt.people):
            return False
        return self.erasures.erase(table, number, receipt.at)


def wish_of(phone: str, id_number: str, name: str) -> Wish:
    """Return whom to look for, or refuse (NotValid) a name alone and numbers that are none."""
    try:
        return receipts.check_wish(phone, id_number, name)
    except NotValid as wrong:
        if wrong.code == "bad_id_number":
            raise NotValid(wrong.code, "身份证号码不正确，请核对。") from None
        raise
