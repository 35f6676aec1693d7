"""Where ratings come in: keypads, forms typed by two, files of other systems, tags by version."""

import csv
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import time as wall_time
from io import BytesIO, StringIO
from pathlib import Path

import openpyxl
import pytest
from halls import SMALL_HALL, MovedClock, Rooms, open_rooms
from servers import Served
from test_desk import refused

from hall import config, days
from hall.catalogue import Person
from hall.events import Event
from hall.refusals import NotValid
from rating import forms, importing, proof
from rating.entering import Entries
from rating.events import ServiceRated
from rating.forms import Entry, Form
from rating.importing import FileProblems
from rating.levels import LEVELS, TYPED, Channel, Level, channel_said, keypad_of, level_said
from rating.tables import table_of
from rating.tally_migrations import count_anew

GUIDES = (Person("8001", "吴导办", "guide"), Person("8002", "郑导办", "guide"))
DAY = "2026-11-20"
HEAD = ("办理编号", "日期", "号码", "评价等级", "评价时间", "评价渠道", "默认评价", "评价内容")


@pytest.fixture
def rooms(tmp_path: Path, clock: MovedClock) -> Iterator[Rooms]:
    opened = open_with_guides(tmp_path, clock)
    yield opened
    opened.store.close()


def open_with_guides(tmp_path: Path, clock: MovedClock, **rating: object) -> Rooms:
    opened = open_rooms(tmp_path / "hall.db", clock, rating=rating)
    for each in GUIDES:
        opened.register.save(each)
    opened.register.save(Person("1001", "张敏", "guide", "办事员", "MZ"))  # guides today
    opened.desk.open(1, clerk="1002")
    return opened


@pytest.fixture
def entries(rooms: Rooms) -> Entries:
    return Entries(rooms.book)


# -- keypads -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "keys"), [(1, "12345"), (3, "54321"), (33, "12345"), (4, "97531")]
)
def test_each_window_has_the_keys_of_its_own_pad(window: int, keys: str) -> None:
    found = keypad_of(window, "12345", ["3=54321", "4=97531"])
    assert "".join(found[level] for level in LEVELS) == keys


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"keypad": "1234"}, "五个不同的数字"),
        ({"keypad": "11345"}, "五个不同的数字"),
        ({"keypad": "abcde"}, "五个不同的数字"),
        ({"keypads": ["54321"]}, "窗口号=按键"),
        ({"keypads": ["3=5432"]}, "五个不同的数字"),
        ({"keypads": ["3=54321", "3=12345"]}, "只能写一次"),
    ],
)
def test_a_keypad_that_cannot_be_stops_the_start(settings: dict[str, object], told: str) -> None:
    with pytest.raises(config.BadConfig, match=told):
        config.from_dict({"rating": settings})


# -- words of other systems --------------------------------------------------------------------


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_of_another_system_is_a_name_a_word_or_the_interface_digit(level: Level) -> None:
    digit = str(5 - LEVELS.index(level))
    assert level_said(level.value) is level_said(level.chinese) is level_said(digit) is level


@pytest.mark.parametrize("text", ["0", "6", "", "好", "51"])
def test_no_level_is_made_of_what_is_none(text: str) -> None:
    with pytest.raises(NotValid):
        level_said(text)


@pytest.mark.parametrize("channel", Channel)
def test_a_channel_is_known_by_its_name_and_its_word(channel: Channel) -> None:
    assert channel_said(channel.value) is channel_said(channel.chinese) is channel
    assert channel_said("") is Channel.IMPORT


# -- forms -------------------------------------------------------------------------------------


def serve(rooms: Rooms) -> tuple[int, str]:
    """Serve somebody at window 1, clerk 1002; return the visit and the ticket's number."""
    ticket = rooms.take("advice")
    visit = rooms.serve(1)
    return visit, rooms.desk.ticket(ticket).number


def typed(
    entries: Entries, ticket: str, by: str = "8001", tap: str = "tap-1", **form: object
) -> Entry:
    said = {"channel": Channel.PAPER, "number": "P-001", "level": Level.DISSATISFIED, **form}
    return entries.type_in(DAY, ticket, Form(**said), tap, by=by)  # type: ignore[arg-type]


def ratings(rooms: Rooms) -> list[tuple[str, str]]:
    return rooms.store.rows("select channel, level from rating order by id")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("channel", TYPED)
def test_each_level_comes_in_on_each_channel_that_staff_type(
    rooms: Rooms, entries: Entries, channel: Channel, level: Level
) -> None:
    visit, number = serve(rooms)
    entry = typed(entries, number, channel=channel, level=level)
    assert ratings(rooms) == []
    confirmed = entries.confirm(entry.id, by="8002")
    assert ratings(rooms) == [(channel.value, level.value)]
    assert confirmed.rating == rooms.store.row("select id from rating where visit = ?", (visit,))[0]
    assert proof.problems(rooms.book) == []


def test_a_form_counts_once_however_often_it_comes(rooms: Rooms, entries: Entries) -> None:
    _, number = serve(rooms)
    first = typed(entries, number)
    assert typed(entries, number).id == first.id
    entries.confirm(first.id, by="8002")
    assert entries.confirm(first.id, by="8002").rating is not None
    assert len(ratings(rooms)) == 1


def test_what_a_citizen_wrote_comes_through_whole(rooms: Rooms, entries: Entries) -> None:
    visit, number = serve(rooms)
    entry = typed(entries, number, tags=("207", "214"), text=" 等太久 ", contact="13800000000")
    entries.confirm(entry.id, by="8002")
    rating = rooms.book.ratings.rating_of(visit)
    assert rating is not None
    assert (rating.tags, rating.text) == (("没有提供材料样本", "服务态度生硬"), "等太久")
    assert rooms.store.row("select contact from rating")[0] == "13800000000"


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("8001", "same_person"),
        ("1002", "not_a_confirmer"),  # a clerk, and the rated one
        ("1003", "not_a_confirmer"),
        ("nobody", "not_a_confirmer"),
    ],
)
def test_nobody_confirms_who_should_not(
    rooms: Rooms, entries: Entries, person: str, code: str
) -> None:
    _, number = serve(rooms)
    entry = typed(entries, number)
    with refused(code):
        entries.confirm(entry.id, by=person)
    assert ratings(rooms) == []
    assert entries.entry(entry.id).is_pending


def test_who_was_rated_as_a_clerk_neither_types_nor_confirms(
    rooms: Rooms, entries: Entries
) -> None:
    _, number = serve(rooms)
    rooms.register.save(Person("1002", "李㛃", "guide", "导办", "MZ"))  # a clerk this morning
    with refused("own_rating"):
        typed(entries, number, by="1002")
    entry = typed(entries, number)
    with refused("own_rating"):
        entries.confirm(entry.id, by="1002")
    assert ratings(rooms) == []


@pytest.mark.parametrize("role", ["clerk", "handler", "inspector", "leader"])
def test_only_guides_and_managers_type(rooms: Rooms, entries: Entries, role: str) -> None:
    _, number = serve(rooms)
    rooms.register.save(Person("7001", "钱某", role))
    with refused("not_a_typist"):
        typed(entries, number, by="7001")


def test_a_forms_number_is_typed_once(rooms: Rooms, entries: Entries) -> None:
    _, first = serve(rooms)
    _, second = serve(rooms)
    entry = typed(entries, first)
    with refused("number_taken"):
        typed(entries, second, tap="tap-2")
    with refused("form_pending"):
        typed(entries, first, tap="tap-3", number="P-002")
    entries.confirm(entry.id, by="8002")
    with refused("number_taken"):
        typed(entries, second, tap="tap-4")
    with refused("already_rated"):
        typed(entries, first, tap="tap-5", number="P-002")


def test_a_mistyped_form_is_sent_back_and_typed_again(rooms: Rooms, entries: Entries) -> None:
    _, number = serve(rooms)
    wrong = typed(entries, number, level=Level.SATISFIED)
    with refused("reason_missing"):
        entries.withdraw(wrong.id, " ", by="8002")
    back = entries.withdraw(wrong.id, "等级录错", by="8002")
    assert (back.withdrawn_by, back.reason) == ("8002", "等级录错")
    with refused("form_withdrawn"):
        entries.confirm(wrong.id, by="8002")
    again = typed(entries, number, tap="tap-2", level=Level.DISSATISFIED)
    entries.confirm(again.id, by="8002")
    with refused("form_confirmed"):
        entries.withdraw(again.id, "再改", by="8002")
    assert ratings(rooms) == [("paper", "dissatisfied")]


def test_a_citizen_who_rates_first_is_not_overwritten(rooms: Rooms, entries: Entries) -> None:
    visit, number = serve(rooms)
    entry = typed(entries, number)
    rooms.book.rate(visit, "satisfied", "evaluator")
    with refused("already_rated"):
        entries.confirm(entry.id, by="8002")
    assert ratings(rooms) == [("evaluator", "satisfied")]
    assert entries.entry(entry.id).is_pending


def test_the_second_person_may_come_after_the_time_for_rating(
    rooms: Rooms, entries: Entries
) -> None:
    _, number = serve(rooms)
    rooms.clock.move(hours=24 * 14)
    entry = typed(entries, number)
    rooms.clock.move(hours=24 * 3)
    entries.confirm(entry.id, by="8002")
    assert ratings(rooms) == [("paper", "dissatisfied")]
    assert rooms.store.row("select at from rating")[0] == entry.typed_at


def test_a_form_that_comes_too_late_is_refused(rooms: Rooms, entries: Entries) -> None:
    _, number = serve(rooms)
    rooms.clock.move(hours=24 * 16)
    with refused("too_late"):
        typed(entries, number)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"number": " "}, "number_missing"),
        ({"number": "长" * 41}, "number_too_long"),
        ({"channel": Channel.EVALUATOR}, "not_typed"),
        ({"tags": ("108",)}, "unknown_tag"),
        ({"text": "长" * 151}, "text_too_long"),
        ({"tap": ""}, "bad_tap"),
    ],
)
def test_a_form_that_is_not_whole_is_refused(
    rooms: Rooms, entries: Entries, form: dict[str, object], code: str
) -> None:
    _, number = serve(rooms)
    with refused(code):
        typed(entries, number, **form)  # type: ignore[arg-type]
    assert entries.entries.pending() == []


def test_a_form_of_a_service_that_did_not_end_is_refused(rooms: Rooms, entries: Entries) -> None:
    number = rooms.desk.ticket(rooms.take("advice")).number
    with refused("not_rateable"):
        typed(entries, number)
    with refused("unknown_ticket"):
        typed(entries, "Q999")


@pytest.mark.parametrize("channel", [Channel.PHONE, Channel.BOX])
def test_a_hall_may_let_the_hotline_count_at_once(
    tmp_path: Path, clock: MovedClock, channel: Channel
) -> None:
    rooms = open_with_guides(tmp_path, clock, confirm_hotline=False)
    entries = Entries(rooms.book)
    _, number = serve(rooms)
    entry = typed(entries, number, channel=channel, number="11:05 来电")
    assert (entry.is_pending, entry.confirmed_by) == (False, None)
    assert ratings(rooms) == [(channel.value, "dissatisfied")]
    _, paper = serve(rooms)
    assert typed(entries, paper, tap="tap-2").is_pending  # paper always needs two
    rooms.store.close()


def test_what_was_typed_is_kept_as_it_was(rooms: Rooms, entries: Entries) -> None:
    _, number = serve(rooms)
    entry = typed(entries, number)
    run = rooms.store.connection.execute
    for change in (
        "update paper_form set level = 'satisfied'",
        "update paper_form set confirmed_by = typed_by",
        "update paper_form set confirmed_by = '8002'",  # without a rating
        "delete from paper_form",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            run(change)
    assert entries.entry(entry.id).form.level is Level.DISSATISFIED


@pytest.mark.parametrize("channel", Channel)
def test_a_second_person_is_needed_for_paper_whatever_is_set(channel: Channel) -> None:
    assert forms.needs_second(channel, confirm_hotline=False) == (channel is Channel.PAPER)
    assert forms.needs_second(channel, confirm_hotline=True)


# -- files of other systems --------------------------------------------------------------------


def cells(*rows: tuple[object, ...]) -> list[list[str]]:
    return [list(HEAD), *([str(cell) for cell in row] for row in rows)]


def row(
    visit: object, level: str = "满意", at: str = f"{DAY} 12:00", **more: str
) -> tuple[object, ...]:
    said = {"day": "", "number": "", "channel": "", "default": "", "text": "", **more}
    return (
        *(visit, said["day"], said["number"], level, at),
        *(said["channel"], said["default"], said["text"]),
    )


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_imported_as_itself(rooms: Rooms, entries: Entries, level: Level) -> None:
    visit, _ = serve(rooms)
    rooms.clock.move(hours=3)
    looked = entries.look_over(cells(row(visit, level.chinese)))
    assert ratings(rooms) == []  # a dry run
    assert (len(looked.news), looked.known, looked.problems) == (1, 0, [])
    assert entries.load(looked.news, "旧系统.csv", by="9001") == 1
    assert ratings(rooms) == [("import", level.value)]
    assert rooms.store.row("select file, row, by from imported_rating") == ("旧系统.csv", 2, "9001")
    assert proof.problems(rooms.book) == []


@pytest.mark.parametrize("channel", Channel)
def test_an_imported_rating_keeps_its_channel(
    rooms: Rooms, entries: Entries, channel: Channel
) -> None:
    visit, _ = serve(rooms)
    rooms.clock.move(hours=3)
    entries.load(entries.look_over(cells(row(visit, channel=channel.chinese))).news, "a", by="x")
    assert ratings(rooms) == [(channel.value, "satisfied")]


def test_the_same_file_twice_imports_nothing_twice(rooms: Rooms, entries: Entries) -> None:
    visit, _ = serve(rooms)
    _, number = serve(rooms)
    rooms.clock.move(hours=3)
    file = cells(row(visit), row("", "1", day=DAY, number=number))
    first = entries.look_over(file)
    assert entries.load(first.news, "a.csv", by="9001") == 2
    again = entries.look_over(file)
    assert (again.news, again.known, again.problems) == ([], 2, [])
    assert entries.load(first.news, "a.csv", by="9001") == 0  # the same yes, sent twice
    assert ratings(rooms) == [("import", "satisfied"), ("import", "very_dissatisfied")]


def test_every_problem_of_a_file_is_told_by_its_row(rooms: Rooms, entries: Entries) -> None:
    rated, _ = serve(rooms)
    rooms.book.rate(rated, "dissatisfied", "evaluator")
    fine, number = serve(rooms)
    waiting = rooms.desk.ticket(rooms.take("advice")).number
    rooms.clock.move(hours=3)
    file = cells(
        row(fine),
        row(fine, "不满意"),
        row(rated),
        row(999),
        row("x"),
        row("", day=DAY, number=waiting),
        row("", day=DAY, number="Q999"),
        row(fine, "很好"),
        row(fine, at="中午"),
        row(fine, at=f"{DAY} 09:00"),
        row(fine, at="2027-01-01 09:00"),
        row(fine, channel="传真"),
        row(fine, default="也许"),
        row(fine, default="是"),
        row(fine, text="长" * 151),
        row(fine, day=DAY, number="Q999"),
        row(""),
    )
    looked = entries.look_over(file)
    told = {problem.line: problem.message for problem in looked.problems}
    assert [each.visit for each in looked.news] == [fine]
    wanted = {
        3: "同一次办理",
        4: "已经有评价",
        5: "没有这次办理",
        6: "须为数字",
        7: "没有办完",
        8: "没有 Q999 号",
        9: "评价等级",
        10: "评价时间须写作",
        11: "早于办完",
        12: "还没有到",
        13: "评价渠道",
        14: "“是”或“否”",
        15: "同一次办理",
        16: "最多 150 个字",
        17: f"是 {DAY} 的 {number} 号",
        18: "请写办理编号",
    }
    # rows 11 and 12 name a visit that row 2 has taken: that is told first
    wanted[11] = wanted[12] = "同一次办理"
    assert list(told) == list(wanted)
    assert [line for line, words in wanted.items() if words not in told[line]] == []


@pytest.mark.parametrize(
    ("at", "now_in_days", "default", "told"),
    [
        (f"{DAY} 09:00", 1, "", "早于办完"),
        ("2026-11-22 10:00", 1, "", "还没有到"),
        ("2026-12-08 10:00", 30, "", "晚于办完后 15 天"),
        ("2026-11-27 10:00", 10, "是", "群众仍可评价"),
        ("2026-11-27 10:00", 16, "是", ""),
        ("2026-11-27 10:00", 16, "", ""),
    ],
)
def test_a_rating_is_taken_over_only_if_its_time_can_be(
    rooms: Rooms, entries: Entries, at: str, now_in_days: int, default: str, told: str
) -> None:
    visit, _ = serve(rooms)
    rooms.clock.move(hours=24 * now_in_days)
    looked = entries.look_over(cells(row(visit, at=at, default=default)))
    assert [told in each.message for each in looked.problems] == ([True] if told else [])
    assert len(looked.news) == (0 if told else 1)


def test_a_default_is_nobodys_word(rooms: Rooms, entries: Entries) -> None:
    visit, _ = serve(rooms)
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    rooms.clock.move(hours=24 * 16)
    blamed = entries.look_over(cells(row(visit, "不满意", default="是")))
    assert "不能是差评" in blamed.problems[0].message
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    looked = entries.look_over(cells(row(visit, "满意", at="2026-11-25 10:00", default="是")))
    entries.load(looked.news, "a.csv", by="9001")
    assert heard == []  # nobody rated: no screen, no receiver hears of a rating
    totals = rooms.book.month("2026-11").totals
    assert (totals["defaults"], totals["rated"], totals["timed_out"]) == (1, 0, 0)
    assert totals["satisfaction"]["denominator"] == totals["rating_rate"]["numerator"] == 0
    assert rooms.book.ratings.outcome_of(visit) == "default"
    assert proof.problems(rooms.book) == []


def test_an_imported_bad_rating_is_told_as_one(rooms: Rooms, entries: Entries) -> None:
    visit, _ = serve(rooms)
    rooms.clock.move(hours=3)
    heard: list[Event] = []
    rooms.book.follow(heard.append)
    entries.load(entries.look_over(cells(row(visit, "1"))).news, "a.csv", by="9001")
    assert [type(each) for each in heard] == [ServiceRated]


def test_a_file_is_taken_over_whole_or_not_at_all(rooms: Rooms, entries: Entries) -> None:
    first, _ = serve(rooms)
    second, _ = serve(rooms)
    rooms.clock.move(hours=3)
    looked = entries.look_over(cells(row(first), row(second)))
    rooms.book.rate(second, "dissatisfied", "qr")  # between the dry run and the yes
    with pytest.raises(FileProblems) as trouble:
        entries.load(looked.news, "a.csv", by="9001")
    assert [each.line for each in trouble.value.problems] == [3]
    assert ratings(rooms) == [("qr", "dissatisfied")]


def test_a_file_without_its_headings_says_which(rooms: Rooms, entries: Entries) -> None:
    with pytest.raises(FileProblems) as trouble:
        entries.look_over([["visit", "渠道"], ["1", "电话"]])
    told = [str(each) for each in trouble.value.problems]
    assert told == ["第 1 行：第一行缺少标题“评价等级”。", "第 1 行：第一行缺少标题“评价时间”。"]
    with pytest.raises(FileProblems, match="1 处"):
        entries.look_over([list(HEAD)] + [[""]] * (importing.MOST_ROWS + 1))


def as_csv(rows: list[list[str]], alphabet: str = "utf-8-sig") -> bytes:
    out = StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode(alphabet)


def as_xlsx(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for each in rows:
        book.active.append(each)  # type: ignore[union-attr]
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_table_is_read_from_csv_in_two_alphabets_and_from_a_workbook() -> None:
    rows = [["办理编号", "评价等级"], ["7", "满意"]]
    assert table_of("a.CSV", as_csv(rows)) == rows
    assert table_of("a.csv", as_csv(rows, "gb18030")) == rows
    moment = days.local(MovedClock()(), config.Config().hall.zone).replace(tzinfo=None)
    read = table_of("a.xlsx", as_xlsx([["a", "b", "c", "d"], [7.0, None, True, moment]]))
    assert read == [["a", "b", "c", "d"], ["7", "", "是", "2026-11-20 10:00:00"]]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", b"x"),
        ("a.xlsx", b"no zip"),
        ("a.csv", b"\xff\xff\xff"),
        ("a.csv", b"x" * 8_400_000),
    ],
)
def test_a_file_that_is_none_is_refused(name: str, content: bytes) -> None:
    with refused("bad_file"):
        table_of(name, content)


# -- tags --------------------------------------------------------------------------------------


def tag_cells(*more: tuple[str, str, str, str]) -> list[list[str]]:
    rows = [
        (level.value, f"9{place}{n}", "", f"理由{n}")
        for place, level in enumerate(LEVELS)
        for n in range(5)
    ]
    return [["level", "code", "shown_first", "text_zh"], *map(list, (*rows, *more))]


def test_a_new_version_is_shown_and_older_ratings_keep_their_words(
    rooms: Rooms, entries: Entries
) -> None:
    first, _ = serve(rooms)
    rooms.book.rate(first, "very_dissatisfied", "qr", tags=["108"])
    assert entries.load_tags(tag_cells(), by="9001") == 3
    tags = rooms.book.tags(Level.VERY_DISSATISFIED)
    assert [(tag.code, tag.first) for tag in tags] == [
        *(("940", True), ("941", True), ("942", True), ("943", False), ("944", False)),
    ]
    rating = rooms.book.ratings.rating_of(first)
    assert rating is not None
    assert rating.tags == ("在办事指南之外增加新的审批条件",)
    second, _ = serve(rooms)
    rooms.book.rate(second, "very_dissatisfied", "qr", tags=["941"])
    kept = rooms.store.rows("select tags from rating order by id")
    assert ['"version": 2' in kept[0][0], '"version": 3' in kept[1][0]] == [True, True]


def test_a_page_that_stayed_open_may_still_send_the_tags_it_offers(
    rooms: Rooms, entries: Entries
) -> None:
    visit, _ = serve(rooms)
    entries.load_tags(tag_cells(), by="9001")
    rating = rooms.book.rate(visit, "very_dissatisfied", "evaluator", tags=["108"])
    assert rating.tags == ("在办事指南之外增加新的审批条件",)


def test_another_process_sees_the_new_version(rooms: Rooms, tmp_path: Path) -> None:
    beside = open_rooms(tmp_path / "hall.db", rooms.clock)
    assert len(rooms.book.tags(Level.SATISFIED)) == 8
    Entries(beside.book).load_tags(tag_cells(), by="server.py tags")
    assert len(rooms.book.tags(Level.SATISFIED)) == 5
    beside.store.close()


def test_the_same_tags_again_are_no_new_version(rooms: Rooms, entries: Entries) -> None:
    assert entries.load_tags(tag_cells(), by="9001") == 3
    assert entries.load_tags(tag_cells(), by="9001") == 3
    assert [each["version"] for each in entries.tag_sets()] == [3, 2]


def test_the_shipped_tags_are_a_file_that_can_be_loaded(rooms: Rooms, entries: Entries) -> None:
    shipped = Path(forms.__file__).with_name("tags.csv").read_bytes()
    assert entries.load_tags(table_of("tags.csv", shipped), by="9001") == 2


@pytest.mark.parametrize("change", ["update tag set text = 'x'", "delete from tag"])
def test_a_version_is_never_changed(rooms: Rooms, change: str) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="a tag is never"):
        rooms.store.connection.execute(change)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (("satisfied", "910", "", "另一个"), "出现了两次"),
        (("satisfied", "a9", "", "理由1"), "出现了两次"),
        (("great", "a9", "", "另一个"), "评价等级"),
        (("satisfied", "a 9", "", "另一个"), "字母或数字"),
        (("satisfied", "a9", "", ""), "1 到 30 个字"),
        (("satisfied", "a9", "", "长" * 31), "1 到 30 个字"),
        (("satisfied", "a9", "对", "另一个"), "“是”或“否”"),
    ],
)
def test_a_mistake_in_a_file_of_tags_is_told_by_its_row(
    rooms: Rooms, entries: Entries, line: tuple[str, str, str, str], told: str
) -> None:
    with pytest.raises(FileProblems) as trouble:
        entries.load_tags(tag_cells(line), by="9001")
    assert [(each.line, told in each.message) for each in trouble.value.problems] == [(27, True)]
    assert rooms.book.ratings.tag_version() == 2


def test_four_tags_cannot_be_the_first_three_and_no_level_is_without(
    rooms: Rooms, entries: Entries
) -> None:
    four = [("满意", f"b{n}", "是", f"先{n}") for n in range(4)]
    with pytest.raises(FileProblems) as trouble:
        entries.load_tags(tag_cells(*four), by="9001")
    assert [each.line for each in trouble.value.problems] == [30]
    with pytest.raises(FileProblems) as trouble:
        entries.load_tags(tag_cells()[:21], by="9001")
    assert "缺少“非常不满意”的标签" in str(trouble.value.problems[0])


# -- the four outcomes -------------------------------------------------------------------------


def test_the_four_outcomes_are_told_apart(rooms: Rooms, entries: Entries) -> None:
    rated, _ = serve(rooms)
    rooms.book.rate(rated, "satisfied", "evaluator")
    asked, _ = serve(rooms)
    default, _ = serve(rooms)
    never, _ = serve(rooms)
    rooms.clock.move(minutes=1)
    rooms.book.tick()
    # as in a file of before there were evaluators
    rooms.store.connection.execute("delete from asking where visit = ?", (never,))
    count_anew(rooms.store.connection)
    rooms.clock.move(hours=24 * 16)
    looked = entries.look_over(cells(row(default, at="2026-11-25 10:00", default="是")))
    entries.load(looked.news, "a.csv", by="9001")
    visits = (rated, asked, default, never)
    outcomes = [rooms.book.ratings.outcome_of(visit) for visit in visits]
    assert outcomes == ["rated", "timed_out", "default", "never_asked"]
    shown = rooms.book.month("2026-11").rows[0]
    counted = ("served", "rated", "timed_out", "defaults", "never_asked")
    assert [shown[name] for name in counted] == [4, 1, 1, 1, 1]


def test_people_of_the_small_hall_are_who_these_tests_think() -> None:
    roles = {each.staff_number: each.role for each in SMALL_HALL.people}
    assert (roles["1002"], roles["1003"], roles["9001"]) == ("clerk", "clerk", "manager")


# -- the command line --------------------------------------------------------------------------


def run(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "config.toml").write_text("", encoding="utf-8")
    return Served(tmp_path).command(*words)


def test_a_file_is_imported_from_the_command_line(rooms: Rooms, tmp_path: Path) -> None:
    rooms.clock.instant = days.now() - 3 * days.DAY
    day = days.day_of(rooms.clock.instant, rooms.desk.zone)
    rooms.clock.instant = days.instant_of(day, wall_time(10), rooms.desk.zone)
    visit, _ = serve(rooms)
    at = f"{day} 12:00"
    file = tmp_path / "旧.csv"
    file.write_bytes(as_csv(cells(row(visit, "很好", at))))
    refused = run(tmp_path, "import-ratings", str(file))
    assert (refused.returncode, "第 2 行：没有评价等级" in refused.stderr) == (1, True), (
        refused.stderr
    )
    file.write_bytes(as_csv(cells(row(visit, "不满意", at))))
    looked = run(tmp_path, "import-ratings", str(file), "--check")
    assert (looked.returncode, ratings(rooms)) == (0, []), looked.stderr
    for told in ("已导入 1 条", "已导入 0 条"):
        done = run(tmp_path, "import-ratings", str(file))
        assert (done.returncode, told in done.stdout) == (0, True), done.stderr
    assert ratings(rooms) == [("import", "dissatisfied")]


def test_tags_are_loaded_from_the_command_line(rooms: Rooms, tmp_path: Path) -> None:
    file = tmp_path / "tags.csv"
    file.write_bytes(as_csv(tag_cells()))
    for told in ("已启用第 3 版", "没有新增版本"):
        done = run(tmp_path, "tags", str(file))
        assert (done.returncode, told in done.stdout) == (0, True), done.stderr
    assert rooms.book.ratings.tag_version() == 3
