"""What looks odd among ratings: tables of cases, a hall's own ratings, and that nothing is lost."""

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from halls import MovedClock, Rooms
from test_complaint_pages import CLERK, LEADER, MANAGER, PASSWORD, Browser, House, text_of
from test_complaints import GUIDE, HALL, HANDLER, INSPECTOR

from hall import config, days
from hall.refusals import NotFound, NotValid
from rating import oddities
from rating.levels import Channel, Level
from rating.oddities import Given, Kind, Terms
from rating.proof import problems
from rating.reviewing import Reviews
from server import create_app
from web.current import Rooms as Served
from web.passwords import hash_of

TERMS = Terms()
AT = 1_795_140_000_000
A_DAY = "2026-11-20"


def given(number: int, after: float = 30, at: float | None = None, **more: Any) -> Given:
    """Return a rating: ``at`` in seconds of the morning, ``after`` seconds after the end."""
    when = AT + int((number * 300 if at is None else at) * days.SECOND)
    made = Given(
        id=number,
        visit=number,
        window=1,
        clerk="1001",
        device=7,
        device_name="一号评价器",
        channel=Channel.EVALUATOR,
        level=Level.VERY_SATISFIED,
        at=when,
        ended_at=when - int(after * days.SECOND),
        day=A_DAY,
    )
    return replace(made, **more)


def found(kind: Kind, *rows: Given, terms: Terms = TERMS) -> list[list[int]]:
    """Return the ratings of each finding of a kind."""
    return [
        [each.id for each in finding.ratings]
        for finding in oddities.find(rows, terms)
        if finding.kind is kind
    ]


# -- from the staff ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contact", "is_staff"),
    [
        ("13800008000", True),
        ("138 0000 8000", True),
        ("+86-138-0000-8000", True),
        ("13800008001", False),
        ("", False),
        ("张敏", False),
    ],
)
def test_a_rating_from_the_telephone_of_a_clerk_is_shown_with_the_name(
    contact: str, is_staff: bool
) -> None:
    told = oddities.find([given(1, contact=contact)], TERMS, {"13800008000": "张敏"})
    assert [each.kind for each in told] == ([Kind.STAFF] if is_staff else [])
    assert all("工作人员张敏的手机" in each.reason for each in told)


def test_the_hall_knows_the_telephones_of_its_people(rooms: Rooms) -> None:
    clerk = rooms.register.catalogue().person["1001"]
    rooms.register.save(replace(clerk, phone="13800008000"))
    rooms.take()
    rooms.book.rate(rooms.serve(1), "very_satisfied", "qr", contact="13800008000")
    (odd,) = Reviews(rooms.book).found("2026-11")
    assert (odd.kind, "张敏" in odd.reason) == (Kind.STAFF, True)
    assert rooms.book.month("2026-11").totals["rated"] == 1


# -- too soon ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "runs"),
    [
        ([given(n, after=1.9) for n in range(1, 6)], [[1, 2, 3, 4, 5]]),
        ([given(n, after=2) for n in range(1, 6)], [[1, 2, 3, 4, 5]]),
        ([given(n, after=2.1) for n in range(1, 9)], []),
        ([given(n, after=0) for n in range(1, 5)], []),  # four are none
        ([given(n, after=9 if n == 3 else 0) for n in range(1, 8)], []),  # not in a row
        (
            [given(n, after=9 if n == 6 else 0) for n in range(1, 12)],
            [[1, 2, 3, 4, 5], [7, 8, 9, 10, 11]],
        ),
        ([given(n, after=0, window=1 + n % 2) for n in range(1, 9)], []),
        ([given(n, after=0, day=f"2026-11-{20 + n % 2}") for n in range(1, 9)], []),
        ([given(n, after=0, channel=Channel.PAPER) for n in range(1, 9)], []),
        ([given(n, after=0, channel=Channel.IMPORT) for n in range(1, 9)], []),
        ([given(n, after=0, nth=2) for n in range(1, 9)], []),
    ],
)
def test_five_in_a_row_at_once_after_the_end_look_odd(
    rows: list[Given], runs: list[list[int]]
) -> None:
    assert found(Kind.QUICK, *rows) == runs


# -- bursts ------------------------------------------------------------------------------------


def every(seconds: float, how_many: int, **more: Any) -> list[Given]:
    return [given(n, at=n * seconds, **more) for n in range(1, how_many + 1)]


@pytest.mark.parametrize(
    ("rows", "runs"),
    [
        (every(12, 6), [[1, 2, 3, 4, 5, 6]]),  # the sixth comes 60 s after the first
        (every(12.1, 6), []),
        (every(1, 5), []),
        (every(10, 9), [[1, 2, 3, 4, 5, 6, 7, 8, 9]]),  # windows that overlap are one
        ([*every(10, 3), *every(10, 3, device=8)], []),  # two devices
        (every(10, 6, device=None, channel=Channel.QR), [[1, 2, 3, 4, 5, 6]]),
        ([replace(each, window=each.id) for each in every(1, 9, device=None)], []),
        (every(1, 9, device=None, channel=Channel.PHONE), []),  # typed in one after the other
        (
            [*every(5, 6), *(given(10 + n, at=1000 + 5 * n) for n in range(1, 7))],
            [[1, 2, 3, 4, 5, 6], [11, 12, 13, 14, 15, 16]],
        ),
    ],
)
def test_six_from_one_device_within_a_minute_look_odd(
    rows: list[Given], runs: list[list[int]]
) -> None:
    assert found(Kind.BURST, *rows) == runs


# -- all alike ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how_many", "changed", "odd"),
    [
        (30, {}, True),
        (29, {}, False),
        (30, {"level": Level.SATISFIED}, False),
        (30, {"said_why": True}, False),
        (30, {"window": 2}, False),
        (30, {"day": "2026-11-19"}, False),
        (31, {"window": 2}, True),
    ],
)
def test_a_windows_day_without_a_single_difference_looks_odd(
    how_many: int, changed: dict[str, Any], odd: bool
) -> None:
    rows = [given(n) for n in range(1, how_many + 1)]
    rows[3] = replace(rows[3], **changed)
    assert bool(found(Kind.ALIKE, *rows)) == odd


def test_a_day_of_nothing_but_bad_ratings_looks_as_odd() -> None:
    rows = [given(n, level=Level.VERY_DISSATISFIED) for n in range(1, 31)]
    (finding,) = oddities.find(rows, TERMS)
    assert "全部是“非常不满意”" in finding.reason


# -- one contact -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("contacts", "visits", "runs"),
    [
        (["13800138000"] * 3, [1, 2, 3], [[1, 2, 3]]),
        (["13800138000"] * 2, [1, 2], []),
        (["", "", "", ""], [1, 2, 3, 4], []),
        (["13800138000", "13900139000", "13800138000"], [1, 2, 3], []),
        (["13800138000"] * 3, [1, 1, 2], []),  # a second rating of the same visit
    ],
)
def test_one_contact_behind_three_visits_looks_odd(
    contacts: list[str], visits: list[int], runs: list[list[int]]
) -> None:
    told = zip(contacts, visits, strict=True)
    rows = [given(n, contact=c, visit=v) for n, (c, v) in enumerate(told, start=1)]
    assert found(Kind.CONTACT, *rows) == runs


# -- how it is told ----------------------------------------------------------------------------


def test_every_reason_is_a_sentence_with_its_numbers_and_no_whole_contact() -> None:
    rows = [
        given(n, after=0.4, at=n * 2, contact="13800138000" if n < 4 else "") for n in range(1, 31)
    ]
    staff = {"13800138000": "张敏"}
    told = {finding.kind: finding for finding in oddities.find(rows, TERMS, staff)}
    assert set(told) == set(Kind)
    assert told[Kind.QUICK].reason == ("1号窗口连续 30 条评价都在办完后 2 秒内给出，最快 0.4 秒。")
    assert "设备“一号评价器”在 58 秒里给出 30 条评价" in told[Kind.BURST].reason
    assert "当天 30 条评价全部是“非常满意”" in told[Kind.ALIKE].reason
    assert "尾号 8000）出现在 3 次办理" in told[Kind.CONTACT].reason
    assert "13800138000" not in str([each.reason for each in told.values()])


def test_a_finding_keeps_its_key_while_more_of_the_same_comes_in() -> None:
    def keys(how_many: int) -> list[str]:
        rows = [given(n, after=0, at=n * 2, contact="1380013800") for n in range(1, how_many + 1)]
        return [finding.key for finding in oddities.find(rows, TERMS)]

    assert keys(30) == keys(40) == ["quick:1", "burst:1", "alike:2026-11-20:1", "contact:1"]


def test_an_honest_morning_has_no_findings() -> None:
    levels = [Level.VERY_SATISFIED, Level.SATISFIED, Level.VERY_SATISFIED, Level.DISSATISFIED]
    rows = [given(n, after=4 + n % 9, level=levels[n % 4]) for n in range(1, 60)]
    assert oddities.find(rows, TERMS) == []
    assert oddities.find([], TERMS) == []


def test_a_voided_rating_is_still_found() -> None:
    rows = [given(n, after=0, voided=True) for n in range(1, 6)]
    assert found(Kind.QUICK, *rows) == [[1, 2, 3, 4, 5]]


# -- a hall's own ratings ----------------------------------------------------------------------

TAP = "remark-00000001"


def rate_at_once(desk: Any, book: Any, clock: MovedClock, how_many: int, contact: str = "") -> None:
    """Serve and rate one after the other, each the moment it is done."""
    for each in range(how_many):
        desk.issue("marriage", f"odd-tap-{clock()}-{each:04d}")
        visit = desk.call_next(1).visit
        desk.start(1)
        clock.move(minutes=5)
        desk.finish(1, "completed")
        clock.move(seconds=1)
        book.rate(visit, "very_satisfied", "evaluator", contact=contact)


@pytest.fixture
def reviews(rooms: Rooms, clock: MovedClock) -> Reviews:
    """A morning at window 1 that looks odd in two ways."""
    made = Reviews(rooms.book)
    rate_at_once(rooms.desk, rooms.book, clock, 6, "13800138000")
    return made


def everything(rooms: Any) -> list[Any]:
    """Return all that is stored of the ratings, and the month as it is counted."""
    rows = rooms.store.rows("select * from rating order by id")
    return [*rows, rooms.book.month("2026-11", "window").to_json()]


def test_a_halls_ratings_are_looked_at_as_they_were_given(reviews: Reviews, rooms: Rooms) -> None:
    kinds = {each.kind: each for each in reviews.found("2026-11")}
    assert set(kinds) == {Kind.QUICK, Kind.CONTACT}
    assert kinds[Kind.QUICK].reason == "1号窗口连续 6 条评价都在办完后 2 秒内给出，最快 1.0 秒。"
    assert [each.number for each in kinds[Kind.QUICK].ratings][:2] == ["A001", "A002"]
    assert reviews.found("2026-10") == []
    with pytest.raises(NotValid):
        reviews.found("2026-13")


def test_the_telephone_of_the_ticket_counts_where_no_contact_was_left(
    rooms: Rooms, clock: MovedClock
) -> None:
    for each in range(3):
        rooms.desk.issue("marriage", f"phone-tap-{each:04d}", phone="13900139000")
        visit = rooms.desk.call_next(1).visit
        rooms.desk.start(1)
        clock.move(minutes=5)
        rooms.desk.finish(1, "completed")
        clock.move(seconds=30)
        rooms.book.rate(visit, "satisfied", "evaluator")
    (finding,) = Reviews(rooms.book).found("2026-11")
    assert (finding.kind, "尾号 9000" in finding.reason) == (Kind.CONTACT, True)


def test_a_remark_is_kept_once_and_noted(reviews: Reviews, rooms: Rooms) -> None:
    finding = reviews.finding("2026-11", "quick:1")
    wrote = [
        reviews.remark("2026-11", finding, "void_proposed", " 评价器无人时连按 ", TAP, INSPECTOR)
        for _ in range(2)
    ]
    assert wrote == [True, False]
    (told,) = [each for each in reviews.month("2026-11") if each.remarks]
    assert (told.remarks[0].note, told.remarks[0].by) == ("评价器无人时连按", INSPECTOR)
    noted = rooms.store.rows("select who, detail from journal where event = 'oddity_remarked'")
    assert [(who, json.loads(detail)["ratings"]) for who, detail in noted] == [(INSPECTOR, 6)]


@pytest.mark.parametrize(
    ("verdict", "note", "tap", "code"),
    [
        ("delete", "", TAP, "unknown_verdict"),
        ("void_proposed", "  ", TAP, "note_missing"),
        ("checked", "长" * 201, TAP, "note_too_long"),
        ("checked", "", "x", "bad_tap"),
    ],
)
def test_a_remark_with_a_mistake_is_not_kept(
    reviews: Reviews, verdict: str, note: str, tap: str, code: str
) -> None:
    finding = reviews.finding("2026-11", "quick:1")
    with pytest.raises(NotValid) as refused:
        reviews.remark("2026-11", finding, verdict, note, tap, INSPECTOR)
    assert refused.value.code == code
    assert not any(each.remarks for each in reviews.month("2026-11"))
    with pytest.raises(NotFound):
        reviews.finding("2026-11", "quick:2")


def test_nothing_is_removed_by_looking_nor_by_any_verdict(reviews: Reviews, rooms: Rooms) -> None:
    before = everything(rooms)
    assert len(before) == 7
    for place, verdict in enumerate(oddities.Verdict):
        for finding in reviews.found("2026-11"):
            tap = f"remark-{place}-{finding.key.replace(':', '-')}"
            assert reviews.remark("2026-11", finding, verdict, "看过", tap, INSPECTOR)
    assert everything(rooms) == before
    assert before[-1]["totals"]["rated"] == 6
    assert before[-1]["totals"]["voided"] == 0
    assert problems(rooms.book) == []


@pytest.mark.parametrize(
    "statement", ["delete from oddity_remark", "update oddity_remark set verdict = 'checked'"]
)
def test_a_remark_is_never_changed_nor_taken_back(
    reviews: Reviews, rooms: Rooms, statement: str
) -> None:
    finding = reviews.finding("2026-11", "quick:1")
    reviews.remark("2026-11", finding, "void_proposed", "连按", TAP, INSPECTOR)
    with pytest.raises(sqlite3.IntegrityError):
        rooms.store.connection.execute(statement)


def test_a_remark_stays_when_the_hall_looks_less_closely(reviews: Reviews) -> None:
    finding = reviews.finding("2026-11", "quick:1")
    reviews.remark("2026-11", finding, "checked", "设备测试", TAP, INSPECTOR)
    reviews.terms = replace(reviews.terms, quick_in_a_row=20)
    assert Kind.QUICK not in {each.kind for each in reviews.found("2026-11")}
    last = reviews.month("2026-11")[-1]
    assert (last.finding, last.remarks[0].reason) == (None, finding.reason)


# -- the page ----------------------------------------------------------------------------------

PAGE = "/ratings/oddities?month=2026-11"


@pytest.fixture
def house(tmp_path: Path, clock: MovedClock) -> Iterator[House]:
    """The same odd morning, served."""
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Served = app.extensions["hall"]
    rooms.register.adopt(HALL)
    kept = hash_of(PASSWORD)
    for number in (GUIDE, HANDLER, INSPECTOR, LEADER, MANAGER, CLERK):
        rooms.register.set_password_hash(number, kept)
    rooms.desk.open(1)
    rate_at_once(rooms.desk, rooms.book, clock, 6, "13800138000")
    yield House(rooms, clock, app)
    rooms.store.close()


def write(browser: Browser, **changed: str) -> Any:
    form = {"month": "2026-11", "key": "quick:1", "verdict": "checked", "note": "设备测试"}
    return browser.post("/ratings/oddities", **{**form, "tap": TAP, **changed})


def test_only_reviewers_see_what_looks_odd(house: House) -> None:
    for who, status in (
        (INSPECTOR, 200),
        (LEADER, 200),
        (MANAGER, 200),
        (GUIDE, 403),
        (HANDLER, 403),
        (CLERK, 403),
    ):
        browser = house.somebody(who)
        assert browser.get(PAGE).status == status, who
        assert write(browser, key="none").status == (404 if status == 200 else 403), who
    assert Browser(house.app.test_client()).get(PAGE).status in (303, 401)


def test_the_page_tells_reasons_and_ratings_and_no_whole_contact(house: House) -> None:
    page = text_of(house.somebody(INSPECTOR).get(PAGE))
    assert "1号窗口连续 6 条评价都在办完后 2 秒内给出，最快 1.0 秒。" in page
    assert "同一联系方式（尾号 8000）" in page
    assert "13800138000" not in page
    assert re.findall(r"<td>(A\d+)</td>", page)[:6] == [f"A00{n}" for n in range(1, 7)]
    assert "照常计入" in page
    assert "style=" not in page
    assert "没有发现异常" in text_of(house.somebody(LEADER).get("/ratings/oddities?month=2026-10"))


def test_a_rating_is_looked_at_as_it_was_given_and_never_who_gave_it(house: House) -> None:
    inspector = house.somebody(INSPECTOR)
    assert '<a href="/ratings/1">1</a>' in text_of(inspector.get(PAGE))
    page = text_of(inspector.get("/ratings/1"))
    for told in ("非常满意", "A001", "婚姻登记", "评价器", "2026-11-20 10:05:01"):
        assert told in page
    assert "13800138000" not in page
    assert "8000" not in page
    assert inspector.get("/ratings/99").status == 404
    assert house.somebody(CLERK).get("/ratings/1").status == 403


def test_a_remark_is_written_on_the_page_and_every_rating_stays(house: House) -> None:
    inspector = house.somebody(INSPECTOR)
    before = everything(house.rooms)
    for _ in range(2):
        answer = write(inspector, verdict="void_proposed", note="连按")
        assert (answer.status, answer.headers["Location"]) == (303, PAGE)
    page = text_of(inspector.get(PAGE))
    assert page.count('<span class="remark-note">连按</span>') == 1
    assert "评价没有改动" in page
    assert everything(house.rooms) == before
    assert write(inspector, site="cross-site").status == 403


def test_a_refused_remark_is_told_beside_its_form(house: House) -> None:
    answer = write(house.somebody(INSPECTOR), verdict="void_proposed", note="")
    assert answer.status == 422
    assert "建议作废须写明理由。" in text_of(answer)
