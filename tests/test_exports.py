"""Data that leaves the hall: without names, in whole, for whoever asked, and for an hour."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from case_hall import HALL_WITH_HANDLERS, PHONE
from halls import SHANGHAI, MovedClock, Rooms, open_rooms
from hypothesis import given
from hypothesis import strategies as st

from bench.exporting import FIRST_DAY, LAST_DAY, fill
from cases.cases import Cases
from complaints.complaints import Complaints
from complaints.drafting import Draft
from hall import config, days
from hall.catalogue import Catalogue
from hall.refusals import NotAllowed, NotFound, NotValid
from monitor.monitor import Monitor
from reports import jobs, work
from reports.anonymous import Anonymous, masked
from reports.exports import Exports, Hear
from reports.files import Workbook
from reports.jobs import Broken, Job, State, Wish, wish_of
from web.aside import follow_process

MANAGER, INSPECTOR = "9001", "2004"
DAY = "2026-11-20"
RAW = Wish("raw", "xlsx", "2026-11-01", "2026-11-30")
FORMULA = '=HYPERLINK("http://example.cn","点我")'
SECRET_TEXT = "我是张三丰，电话１３８-0013 8000，身份证四四零一零二一九九零，邮箱 san@example.cn"


@dataclass
class ExportHall:
    """A hall and its exports; the process runs at once, in this one, unless a test says else."""

    rooms: Rooms
    cases: Cases
    complaints: Complaints
    monitor: Monitor
    exports: Exports
    waiting: list[Callable[[], None]] = field(default_factory=list)
    given: list[dict[str, Any]] = field(default_factory=list)
    breaks: bool = False
    taps: int = 0

    @property
    def clock(self) -> MovedClock:
        return self.rooms.clock

    def ask(self, wish: Wish = RAW, by: str = MANAGER) -> Job:
        self.taps += 1
        return self.exports.ask(wish, f"export-{self.taps:08d}", by, "赵主任")

    def work(self) -> None:
        """Let what was asked for run to its end."""
        while self.waiting:
            self.waiting.pop(0)()

    def made(self, wish: Wish = RAW) -> Path:
        """Ask, work and fetch."""
        job = self.ask(wish)
        self.work()
        return self.exports.fetch(job.id, MANAGER)[1]

    def journal(self, event: str) -> list[tuple[str, dict[str, Any]]]:
        found = self.rooms.store.rows(
            "select who, detail from journal where event = ? order by seq", (event,)
        )
        return [(who, json.loads(detail)) for who, detail in found]

    def complain(self, number: int = 1, **changed: Any) -> None:
        told = {
            "source": "window",
            "kind": "complaint",
            "title": FORMULA,
            "content": SECRET_TEXT,
            "complainant": "张三丰",
            "phone": PHONE,
            "unit": "MZ",
            "at": self.clock(),
        }
        self.complaints.register_one(
            Draft(**{**told, **changed}), f"complaint-{number:06d}", "9001"
        )

    def rate(self, level: str = "dissatisfied", **more: Any) -> int:
        """Serve somebody who rates, and return the visit."""
        self.rooms.take("marriage", phone=PHONE)
        visit = self.rooms.serve(1)
        told = {"channel": "qr", "text": SECRET_TEXT, "contact": PHONE, **more}
        self.rooms.book.rate(visit, level, told.pop("channel"), **told)
        return visit


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[ExportHall]:
    yield from opened(tmp_path, clock, HALL_WITH_HANDLERS)


@pytest.fixture
def nasty_hall(tmp_path: Path, clock: MovedClock) -> Iterator[ExportHall]:
    """A hall in which everything is called by a formula."""
    whole = HALL_WITH_HANDLERS
    yield from opened(
        tmp_path,
        clock,
        replace(
            whole,
            departments=tuple(replace(each, name=FORMULA) for each in whole.departments),
            services=tuple(replace(each, name=FORMULA) for each in whole.services),
            people=tuple(replace(each, name=FORMULA) for each in whole.people),
        ),
    )


def opened(folder: Path, clock: MovedClock, catalogue: Catalogue) -> Iterator[ExportHall]:
    """Open a hall with everything that exports read."""
    rooms = open_rooms(folder / "hall.db", clock, catalogue)
    told = config.from_dict({"complaints": {"area_code": "530100000"}})
    ground = (rooms.store, rooms.register, rooms.desk)
    waiting: list[Callable[[], None]] = []

    def run(given: bytes, hear: Hear) -> None:
        house.given.append(json.loads(given))
        if house.breaks:
            raise Broken("no space left")

        def say(**said: Any) -> None:
            hear(json.dumps(said))

        rows = work.Work(json.loads(given), say).make()
        say(rows=rows, memory_mb=30.0)

    exports = Exports(rooms.store, rooms.register, told, clock, run, waiting.append)
    house = ExportHall(
        rooms,
        Cases(*ground, rooms.book, told, clock),
        Complaints(*ground, told, clock),
        Monitor(*ground, told, clock),
        exports,
        waiting,
    )
    rooms.desk.open(1, clerk="1001")
    yield house
    rooms.store.close()


def sheet(path: Path, name: str) -> list[list[Any]]:
    """Return the rows of a sheet, the headings first."""
    book = openpyxl.load_workbook(path)
    return [["" if cell is None else cell for cell in row] for row in book[name].values]


def tables(path: Path) -> dict[str, list[list[str]]]:
    """Return the CSV tables of a ZIP."""
    with zipfile.ZipFile(path) as parts:
        return {
            each: list(csv.reader(io.StringIO(parts.read(each).decode("utf-8-sig"), newline="")))
            for each in parts.namelist()
            if each.endswith(".csv")
        }


def all_of(path: Path) -> str:
    """Return every byte of text in a file, whatever it is packed in."""
    with zipfile.ZipFile(path) as parts:
        return "\n".join(parts.read(each).decode("utf-8", "replace") for each in parts.namelist())


# -- what is left of a text --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("等了两个小时", "等了两个小时"),
        ("一次办好，谢谢", "一次办好，谢谢"),
        ("电话13800138000", "电话***********"),
        ("电话１３８", "电话***"),
        ("一三八零零一三八零零零", "***********"),
        ("幺三八〇〇", "*****"),
        ("第①次", "第*次"),
        ("写信 san.zhang@example.com.cn 联系", "写信 ************************ 联系"),
        ("", ""),
    ],
)
def test_a_text_keeps_its_words_and_loses_its_numbers(text: str, left: str) -> None:
    assert masked(text) == left


@given(st.text())
def test_no_digit_of_any_script_is_left(text: str) -> None:
    left = masked(text)
    assert not any(each.isdecimal() or each.isdigit() for each in left)
    assert len(left) == len(text)


def test_a_pseudonym_is_the_same_for_one_and_another_for_each_other() -> None:
    one, other = (Anonymous(bytes([key]) * 32, HALL_WITH_HANDLERS, SHANGHAI) for key in (1, 2))
    names = {one.pseudonym(kind, 7) for kind in ("visit", "rating", "ticket")}
    assert len(names | {one.pseudonym("visit", 8), other.pseudonym("visit", 7)}) == 5
    assert one.pseudonym("visit", 7) == one.pseudonym("visit", 7)
    assert all(re.fullmatch(r"[0-9a-f]{16}", each) for each in names)
    assert one.pseudonym("clerk", None) == ""


# -- the raw data ------------------------------------------------------------------------------


def test_an_assessor_gets_every_visit_rating_and_complaint_of_the_days(hall: ExportHall) -> None:
    hall.rate("dissatisfied")
    hall.rate("very_satisfied")
    hall.complain()
    path = hall.made()
    visits, ratings, complaints = (sheet(path, each) for each in ("办件", "评价", "投诉"))
    assert (len(visits), len(ratings), len(complaints)) == (3, 3, 2)
    first = dict(zip(visits[0], visits[1], strict=True))
    assert first["业务"] == "婚姻登记"
    assert first["窗口"] == 1
    assert first["办理秒数"] == 300
    assert first["办理结果"] == "办结"
    assert [row[visits[0].index("业务日")] for row in visits[1:]] == [DAY, DAY]
    told = dict(zip(ratings[0], ratings[1], strict=True))
    assert (told["等级"], told["分值"], told["效力"], told["实名"]) == ("不满意", 2, "有效", "是")
    # a rating is joined with its visit by what stands for it
    assert told["办件代号"] == first["办件代号"]


def test_nothing_personal_goes_along(hall: ExportHall) -> None:
    hall.rate()
    hall.complain()
    for form in jobs.FORMS:
        for words in (False, True):
            told = all_of(hall.made(Wish("raw", form, DAY, DAY, words)))
            for secret in (PHONE, "san@example.cn", "四四零一零二", "张敏", '"1001"'):
                assert secret not in told, (form, words, secret)
            assert ("我是张三丰" in told) is words, "free text goes only where it was asked for"


def test_the_standard_s_tables_have_its_headings_and_codes(hall: ExportHall) -> None:
    hall.rate("very_dissatisfied")
    hall.complain()
    path = hall.made(Wish("standard", "xlsx", DAY, DAY))
    nine, ten, eleven = (
        sheet(path, each) for each in ("表9 绩效评价", "表10 办事互动", "表11 电子监察")
    )
    assert nine[0] == [
        *("办件编号", "评价渠道", "评价人", "评价时间", "评价次数"),
        *("满意度", "满意度代码", "文字评价", "行政区划"),
    ]
    number, channel, who, at, nth, level, code, words, area = nine[1]
    assert (number, channel, who) == ("20261120A001", "小票二维码", "匿名")
    assert (at, nth) == ("20261120T100500", 1)
    assert (level, code, area) == ("非常不满意", 5, "530100000")
    assert "张三丰" in words
    assert "138" not in words
    assert ten[0][:4] == ["投诉标题", "投诉人", "被投诉单位", "被投诉人"]
    assert ten[1][1] == "张*"
    assert "8000" not in ten[1][4]
    assert eleven[0][:3] == ["办件编号", "督办内容", "机构名称"]


def test_a_voided_rating_is_told_apart_and_no_rating_of_the_standard_s(hall: ExportHall) -> None:
    visit = hall.rate("dissatisfied")
    rating = hall.rooms.store.row("select id from rating where visit = ?", (visit,))[0]
    hall.rooms.store.connection.execute(
        "update rating set voided_at = ? where id = ?", (hall.clock(), rating)
    )
    raw = sheet(hall.made(), "评价")
    assert raw[1][raw[0].index("效力")] == "作废"
    assert len(sheet(hall.made(Wish("standard", "xlsx", DAY, DAY)), "表9 绩效评价")) == 1


def test_a_formula_in_any_text_stays_a_text(nasty_hall: ExportHall) -> None:
    hall = nasty_hall
    hall.rate("very_satisfied", text=FORMULA)
    hall.complain(content=FORMULA, accused_unit=FORMULA, accused=FORMULA[:30])
    for kind in jobs.KINDS:
        path = hall.made(Wish(kind, "xlsx", DAY, DAY, words=True))
        book = openpyxl.load_workbook(path)
        cells = [cell for page in book for row in page.iter_rows() for cell in row]
        assert any(str(cell.value).startswith("=") for cell in cells)
        assert {cell.data_type for cell in cells} <= {"s", "n", "d", "inlineStr"}
        assert "<f>" not in all_of(path)
        assert "<hyperlink" not in all_of(path)
        rows = tables(hall.made(Wish(kind, "csv", DAY, DAY, words=True))).values()
        starts = [cell[:1] for table in rows for row in table for cell in row]
        assert not set(starts) & set("=+-@")


def test_the_days_are_the_hall_s_and_both_are_included(hall: ExportHall) -> None:
    hall.rate("satisfied")
    assert len(sheet(hall.made(Wish("raw", "xlsx", DAY, DAY)), "评价")) == 2
    for other in ("2026-11-19", "2026-11-21"):
        assert len(sheet(hall.made(Wish("raw", "xlsx", other, other)), "评价")) == 1


def test_every_number_of_the_month_can_be_counted_again_from_the_raw_data(hall: ExportHall) -> None:
    levels = (
        "very_satisfied",
        "satisfied",
        "basically_satisfied",
        "dissatisfied",
        "very_dissatisfied",
        "satisfied",
    )
    for level in levels:
        hall.rate(level)
    month = hall.rooms.book.month("2026-11").totals
    path = hall.made()
    rows = [
        dict(zip(table[0], row, strict=True))
        for table in [sheet(path, "评价")]
        for row in table[1:]
    ]
    valid = [each for each in rows if each["效力"] == "有效" and each["评价次数"] == 1]
    assert len(valid) == month["rated"] == 6
    assert sum(each["分值"] >= 3 for each in valid) == month["satisfaction"]["numerator"]
    visits = sheet(path, "办件")
    served = sum(row[visits[0].index("状态")] == "已办完" for row in visits[1:])
    assert served == month["served"]


def test_a_full_sheet_goes_on_in_the_next(tmp_path: Path) -> None:
    path, made_at = tmp_path / "two.xlsx", days.local(0, SHANGHAI).replace(tzinfo=None)
    with Workbook(path, "两页", made_at, most_rows=3) as file:
        file.sheet("办件", {"号": 5})
        for number in range(5):
            file.row([number])
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["办件", "办件（2）"]
    assert [row[0] for row in book["办件（2）"].values] == ["号", 3, 4]


def test_the_records_are_read_along_their_indexes(hall: ExportHall) -> None:
    from reports import store

    for sql in (store.VISITS, store.RATINGS, store.COMPLAINTS, store.BAD, *store.COUNTS.values()):
        plan = hall.rooms.store.rows(f"explain query plan {sql}", {"first": 0, "past": 1})
        told = " ".join(str(row[3]) for row in plan)
        assert "SCAN" not in told, told
        assert "TEMP B-TREE" not in told, told


def rows_below(path: Path, title: str) -> int:
    """Return how many rows a sheet has below its headings; their cells would take seconds."""
    names = openpyxl.load_workbook(path, read_only=True).sheetnames
    with zipfile.ZipFile(path) as parts:
        sheet = parts.read(f"xl/worksheets/sheet{names.index(title) + 1}.xml")
    return sheet.count(b"<row ") - 1


def test_many_rows_need_no_more_memory_than_a_few(hall: ExportHall) -> None:
    fill(hall.rooms.store, 8_000)
    heard: list[dict[str, Any]] = []

    def run(given: bytes, hear: Hear) -> None:
        follow_process("reports.work", lambda line: heard.append(json.loads(line)), given=given)
        hear(json.dumps(heard[-1]))

    hall.exports.run = run
    path = hall.made(Wish("raw", "xlsx", FIRST_DAY, LAST_DAY, words=True))
    assert [rows_below(path, each) for each in ("办件", "评价", "投诉")] == [4_000, 4_000, 0]
    assert heard[0] == {"all": 8_000}
    assert [each["done"] for each in heard[1:-1]] == list(range(500, 8_001, 500))
    assert heard[-1]["rows"] == {"办件": 4_000, "评价": 4_000, "投诉": 0}
    assert heard[-1]["memory_mb"] <= 150


# -- an export's life --------------------------------------------------------------------------


def test_a_form_that_comes_twice_begins_one_export(hall: ExportHall) -> None:
    job = hall.exports.ask(RAW, "export-once", MANAGER, "赵主任")
    assert hall.exports.ask(RAW, "export-once", MANAGER, "赵主任").id == job.id
    hall.work()
    assert hall.exports.ask(RAW, "export-once", MANAGER, "赵主任").state is State.DONE
    assert len(hall.given) == 1


def test_one_export_runs_at_a_time(hall: ExportHall) -> None:
    hall.ask()
    with pytest.raises(NotAllowed) as refusal:
        hall.ask(by=INSPECTOR)
    assert refusal.value.code == "export_running"
    hall.work()
    hall.ask(by=INSPECTOR)


def test_the_journal_says_who_took_out_what_and_how_many_rows(hall: ExportHall) -> None:
    hall.rate()
    hall.made()
    assert [who for who, _ in hall.journal("export_asked")] == [MANAGER]
    who, told = hall.journal("export_made")[0]
    assert who == MANAGER
    assert told["rows"] == {"办件": 1, "评价": 1, "投诉": 0}
    assert (told["kind"], told["first"], told["last"]) == ("raw", "2026-11-01", "2026-11-30")
    assert len(hall.journal("export_fetched")) == 1


def test_only_who_asked_fetches_the_file_and_for_an_hour(hall: ExportHall) -> None:
    job = hall.ask()
    with pytest.raises(NotAllowed) as early:
        hall.exports.fetch(job.id, MANAGER)
    assert early.value.code == "still_running"
    hall.work()
    path = hall.exports.fetch(job.id, MANAGER)[1]
    with pytest.raises(NotAllowed) as other:
        hall.exports.fetch(job.id, INSPECTOR)
    assert other.value.code == "not_yours"
    hall.clock.move(minutes=59)
    hall.exports.tick()
    assert path.exists()
    hall.clock.move(minutes=1)
    with pytest.raises(NotFound):
        hall.exports.fetch(job.id, MANAGER)
    hall.exports.tick()
    assert not path.exists()
    assert hall.exports.newest()[0].state is State.REMOVED
    with pytest.raises(NotFound) as gone:
        hall.exports.fetch(job.id, MANAGER)
    assert gone.value.code == "file_gone"
    with pytest.raises(NotFound) as unknown:
        hall.exports.fetch(99, MANAGER)
    assert unknown.value.code == "unknown_export"


def test_a_broken_export_says_so_and_leaves_nothing(hall: ExportHall) -> None:
    hall.breaks = True
    job = hall.ask()
    hall.exports.folder.mkdir()
    (hall.exports.folder / f"{job.file}.part").write_text("half")
    hall.work()
    assert hall.exports.newest()[0].state is State.BROKEN
    assert list(hall.exports.folder.iterdir()) == []
    assert len(hall.journal("export_broke")) == 1
    hall.breaks = False
    hall.made()


def test_an_export_is_stopped_by_who_asked_or_who_is_in_charge_and_leaves_nothing(
    hall: ExportHall,
) -> None:
    job = hall.ask(replace(RAW, form="csv"))
    with pytest.raises(NotAllowed) as refused:
        hall.exports.stop(job.id, "somebody else", in_charge=False)
    assert refused.value.code == "not_yours"
    for _twice in range(2):
        hall.exports.stop(job.id, "somebody else", in_charge=True)
    hall.work()  # its process writes a line, or ends by itself: too late
    stopped = hall.exports.newest()[0]
    assert (stopped.state, stopped.said) == (State.BROKEN, "已停止")
    assert list(hall.exports.folder.iterdir()) == []
    assert [who for who, _ in hall.journal("export_stopped")] == [MANAGER]
    assert hall.journal("export_broke") == hall.journal("export_made") == []
    hall.made()
    with pytest.raises(NotAllowed) as late:
        hall.exports.stop(hall.exports.newest()[0].id, MANAGER, in_charge=False)
    assert late.value.code == "not_running"
    with pytest.raises(NotFound):
        hall.exports.stop(99, MANAGER, in_charge=True)


def test_after_a_crash_the_export_is_broken_and_its_file_is_gone(hall: ExportHall) -> None:
    done = hall.made()
    job = hall.ask()
    half = hall.exports.folder / f"{job.file}.part"
    half.write_text("half")
    again = Exports(
        hall.rooms.store,
        hall.rooms.register,
        hall.exports.config,
        hall.clock,
        hall.exports.run,
        hall.waiting.append,
    )
    again.tick()
    assert again.newest()[0].state is State.BROKEN
    assert not half.exists()
    assert done.exists(), "what was done before is still kept for its hour"


def test_how_far_it_is_is_known_while_it_works(hall: ExportHall) -> None:
    job = hall.ask()
    assert hall.exports.percent(job) == 0
    progress = hall.exports.progress[job.id]
    progress.hear('{"all": 1000}')
    progress.hear('{"done": 500}')
    assert hall.exports.percent(job) == 50
    progress.hear('{"done": 1000}')
    assert hall.exports.percent(job) == 99, "the file is not closed yet"
    hall.work()
    assert hall.exports.percent(hall.exports.newest()[0]) == 100


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "everything"}, "unknown_kind"),
        ({"form": "pdf"}, "unknown_form"),
        ({"first": "2026-13-01"}, "bad_period"),
        ({"first": "2026-11-30", "last": "2026-11-01"}, "bad_period"),
        ({"last": ""}, "bad_period"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(changed: dict[str, str], code: str) -> None:
    typed = {"kind": "raw", "form": "xlsx", "first": DAY, "last": DAY}
    assert wish_of(typed) == Wish("raw", "xlsx", DAY, DAY)
    with pytest.raises(NotValid) as refusal:
        wish_of({**typed, **changed})
    assert refusal.value.code == code


def test_the_life_of_an_export_is_the_table() -> None:
    assert set(jobs.MAY_BECOME) == set(State) == set(jobs.STATES)
    reachable = set().union(*jobs.MAY_BECOME.values())
    assert reachable == set(State) - {State.RUNNING}


def test_a_file_s_name_holds_nothing_that_a_disk_refuses() -> None:
    name = jobs.file_name(RAW, 'A/B:"厅"', demo=True)
    assert name == "AB厅-匿名原始数据-2026-11-01至2026-11-30（演示）.xlsx"
