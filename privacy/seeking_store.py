"""All SQL that finds one person's records; asked beside the loop, some tables have no index for it.

``person`` of a ticket is a keyed hash of its day alone, so for an ID number each day with such
hashes is worked out by itself.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from hall import days, identity
from hall.days import Instant
from hall.store import Store
from privacy import receipts, rules
from privacy.receipts import Record, Stays, Wish
from rating.levels import Level

SPACED = "replace(replace(replace({}, ' ', ''), '-', ''), '　', '')"
OF_CASE = "差评档案"
OF_COMPLAINT = "投诉档案"


class Seeking:
    """Where a person's records are looked for."""

    def __init__(self, store: Store, key: bytes, config: Any) -> None:
        self.store = store
        self.key = key  # of the queue's keyed hashes
        self.config = config
        self.zone = config.hall.zone

    def of(self, wish: Wish) -> list[Record]:
        """Return a person's records, a table after the other, the newest of each first."""
        places = (self._tickets, self._appointments, self._ratings, self._forms, self._complaints)
        return [
            each
            for find in places
            for each in find(wish)
            if receipts.fits(wish.name, dict(each.told).get("姓名", ""))
        ]

    def one(self, table: str, number: int) -> Record | None:
        """Return a record as it is now, None when nothing of a person is left in it."""
        where = f"{table}.id = ?"
        told = next(self._made[table](self._rows(table, where, (number,))), None)
        return told if told and (told.phones or told.person) else None

    @property
    def _made(self) -> dict[str, Callable[[Sequence[Any]], Iterator[Record]]]:
        return {
            "ticket": self._as_tickets,
            "appointment": self._as_appointments,
            "rating": self._as_ratings,
            "paper_form": self._as_forms,
            "complaint": self._as_complaints,
        }

    def _rows(self, table: str, where: str, values: Sequence[Any]) -> list[Any]:
        return self.store.rows(f"{ROWS[table]} where {where} order by {table}.id desc", values)

    def _either(self, table: str, *ways: tuple[str, Sequence[Any]]) -> list[Any]:
        """Return the rows of some conditions, each asked by itself so that it has its index."""
        found = {row[0]: row for where, values in ways for row in self._rows(table, where, values)}
        return [found[number] for number in sorted(found, reverse=True)]

    # -- tickets --------------------------------------------------------------------------------

    def _tickets(self, wish: Wish) -> Iterator[Record]:
        ways: list[tuple[str, Sequence[Any]]] = []
        if wish.phone:
            ways.append(("ticket.phone is not null and ticket.phone = ?", (wish.phone,)))
        if wish.id_number:
            known = self.store.rows("select distinct day from ticket where person is not null")
            for (day,) in known:
                whose = identity.person_hash(self.key, wish.id_number, day)
                condition = "ticket.person is not null and ticket.day = ? and ticket.person = ?"
                ways.append((condition, (day, whose)))
        yield from self._as_tickets(self._either("ticket", *ways))

    def _as_tickets(self, rows: Sequence[Any]) -> Iterator[Record]:
        for row in rows:
            number, day, no, service, at, phone, person, holder, helper, ended, sent = row
            told = [("手机号码", phone or ""), ("姓名", holder), ("协助取号人", helper)]
            told += [("身份证号码", "当日密文" if person else ""), ("业务", service)]
            stays = None
            if ended is None:
                stays = Stays(f"{day} {no} 号", "号票正在排队或办理", "当日结束后可再申请")
            yield Record(
                *("ticket", number, f"号票 {day} {no}", at, _told(told), phone or ""),
                *(person or "", stays, ("短信通知平台",) if sent and phone else ()),
            )

    # -- appointments ---------------------------------------------------------------------------

    def _appointments(self, wish: Wish) -> Iterator[Record]:
        ways: list[tuple[str, Sequence[Any]]] = []
        if wish.phone:
            ways.append(("appointment.phone is not null and appointment.phone = ?", (wish.phone,)))
        if wish.id_number:
            whose = identity.person_hash(self.key, wish.id_number, "appointment")
            ways.append(("appointment.person is not null and appointment.person = ?", (whose,)))
        yield from self._as_appointments(self._either("appointment", *ways))

    def _as_appointments(self, rows: Sequence[Any]) -> Iterator[Record]:
        for number, day, code, service, at, phone, person, holder, state, source in rows:
            told = [("手机号码", phone or ""), ("姓名", holder)]
            told += [("身份证号码", "密文" if person else ""), ("业务", service), ("来自", source)]
            stays = rest = None
            if state == "booked":
                stays = Stays(f"{day} 的预约 {code}", "预约还有效", "取消预约后可再申请")
            elif state == "no_show" and person:
                until = self._goes(day, self._no_show_days())
                rest = Stays(f"{day} 预约的密文", "失约次数还在计算（预约规则）", until)
                stays = None if phone else rest
            yield Record(
                *("appointment", number, f"预约 {day}", at, _told(told), phone or ""),
                *(person or "", stays, (), rest),
            )

    def _no_show_days(self) -> int:
        booked = self.config.appointments
        return int(max(booked.keep_phone_days, booked.no_show_days + booked.bar_days))

    # -- ratings --------------------------------------------------------------------------------

    def _ratings(self, wish: Wish) -> Iterator[Record]:
        found = self._as_ratings(self._mentioning("rating", ("contact", "text"), wish))
        yield from _that_say(wish, found)

    def _mentioning(self, table: str, columns: Sequence[str], wish: Wish) -> list[Any]:
        if not wish.phone:
            return []
        ways = [
            (f"{table}.{name} != '' and {SPACED.format(f'{table}.{name}')} like ?", (_in(wish),))
            for name in columns
        ]
        return self._either(table, *ways)

    def _as_ratings(self, rows: Sequence[Any]) -> Iterator[Record]:
        for number, at, level, text, contact, case, closed, sent in rows:
            told = [("联系方式", contact), ("评价文字", text), ("等级", Level(level).chinese)]
            stays = rest = None
            keep = self.config.privacy.keep_case_days
            if case and closed is None:
                what = f"评价 {number}（差评 {case} 号）"
                stays = Stays(what, f"{OF_CASE}，正在办理", f"办结后 {keep} 天")
            elif case:
                rest = Stays(
                    f"差评 {case} 号的办理记录", OF_CASE, self._goes(self._day(closed), keep)
                )
            told_to = ("省平台",) if sent else ()
            yield Record(
                *("rating", number, f"评价 {self._day(at)}", at, _told(told)),
                *(_beside(contact, text), "", stays, told_to, rest),
            )

    # -- what staff typed in --------------------------------------------------------------------

    def _forms(self, wish: Wish) -> Iterator[Record]:
        found = self._as_forms(self._mentioning("paper_form", ("contact", "text"), wish))
        yield from _that_say(wish, found)

    def _as_forms(self, rows: Sequence[Any]) -> Iterator[Record]:
        for number, at, text, contact, ended in rows:
            stays = None
            if not ended:
                stays = Stays(f"录入单 {number}", "等待第二人核对", "核对或撤回后可再申请")
            yield Record(
                *("paper_form", number, f"评价录入单 {self._day(at)}", at),
                _told([("联系方式", contact), ("文字", text)]),
                *(_beside(contact, text), "", stays),
            )

    # -- complaints -----------------------------------------------------------------------------

    def _complaints(self, wish: Wish) -> Iterator[Record]:
        columns = ("phone", "title", "content")
        found = self._as_complaints(self._mentioning("complaint", columns, wish))
        yield from _that_say(wish, found)

    def _as_complaints(self, rows: Sequence[Any]) -> Iterator[Record]:
        keep = self.config.privacy.keep_complaint_days
        for number, at, name, phone, title, content, ended in rows:
            what = f"投诉 TS{number:06d}"
            told = [("姓名", name), ("电话", phone), ("标题", title), ("内容", content)]
            stays = rest = None
            if ended is None:
                stays = Stays(what, f"{OF_COMPLAINT}，正在办理", f"办结后 {keep} 天")
            else:
                rest = Stays(f"{what}的内容", OF_COMPLAINT, self._goes(self._day(ended), keep))
                stays = None if phone else rest
            yield Record(
                *("complaint", number, what, at, _told(told), _beside(phone, title, content)),
                *("", stays, (), rest),
            )

    # -- what never goes by a wish ---------------------------------------------------------------

    def in_journal(self, wish: Wish) -> int:
        """Return how many rows of the journal name a phone."""
        if not wish.phone:
            return 0
        found = self.store.row(
            "select count(*) from journal where detail != '' and detail like ?", (_in(wish),)
        )
        return int(found[0])

    def _day(self, at: Instant) -> str:
        return days.day_of(at, self.zone)

    def _goes(self, day: str, keep: int) -> str:
        return rules.goes_on(date.fromisoformat(day), keep).isoformat()


def _that_say(wish: Wish, found: Iterator[Record]) -> Iterator[Record]:
    """Yield the records that name the phone: SQL finds it within other people's numbers too."""
    return (each for each in found if receipts.is_said(wish.phone, each.phones))


def _beside(*texts: str) -> str:
    """Return texts as one, without letting the numbers at their ends run together."""
    return "；".join(each for each in texts if each)


def _in(wish: Wish) -> str:
    return f"%{wish.phone}%"


def _told(pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in pairs if text)


ROWS = {
    "ticket": """
        select ticket.id, ticket.day, ticket.number, service.name, ticket.taken_at, ticket.phone,
            ticket.person, ticket.holder, ticket.helper, ticket.ended_at,
            exists (
                select 1 from message join delivery on delivery.message = message.id
                where message.type = 'ticket.nearly' and message.about = ticket.id
                    and delivery.notifier = 'citizen' and delivery.state = 'sent'
            ) or exists (
                select 1 from journal
                join message on message.type = 'service.finished' and message.about = journal.seq
                join delivery on delivery.message = message.id
                where journal.ticket = ticket.id and journal.event = 'service_finished'
                    and delivery.notifier = 'citizen' and delivery.state = 'sent'
            )
        from ticket join service on service.code = ticket.service
    """,
    "appointment": """
        select appointment.id, appointment.day, appointment.code, service.name,
            appointment.made_at, appointment.phone, appointment.person, appointment.holder,
            appointment.state, appointment.source
        from appointment join service on service.code = appointment.service
    """,
    "rating": """
        select rating.id, rating.at, rating.level, rating.text, rating.contact, rating_case.id,
            rating_case.closed_at, exists (
                select 1 from province_row
                where province_row.rating = rating.id and province_row.state = 'sent'
            )
        from rating left join rating_case on rating_case.rating = (
            select first.id from rating as first where first.visit = rating.visit and first.nth = 1
        )
    """,
    "paper_form": """
        select paper_form.id, paper_form.typed_at, paper_form.text, paper_form.contact,
            paper_form.confirmed_at is not null or paper_form.withdrawn_at is not null
        from paper_form
    """,
    "complaint": """
        select complaint.id, complaint.at, complaint.complainant, complaint.phone,
            complaint.title, complaint.content, coalesce(complaint.ended_at, complaint.replied_at)
        from complaint
    """,
}
