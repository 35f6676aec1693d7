"""Personal data: every column is known, goes in its time, and one person's goes on a wish."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from case_hall import HALL_WITH_HANDLERS, INSPECTOR, LEADER, CaseHall
from halls import SHANGHAI, MovedClock
from halls import Rooms as SmallRooms
from test_complaints import GUIDE

import server
from complaints.drafting import Draft
from hall import config, identity
from hall.refusals import NotAllowed, NotValid
from hall.tickets import Assisted
from privacy import inventory, receipts, redo, rules
from privacy.privacy import MOST_AT_ONCE, Found, Privacy, wish_of
from privacy.receipts import Wish
from rating import chain, proof
from upkeep import verify
from web.current import Rooms

PHONE, OTHER = "13800005678", "13911112222"
ID_NUMBER = "11010519491231002X"
DAY = 24.0
SETTINGS = {"hall": {"name": "云溪县政务服务中心", "always_open": True, "weekdays": "1234567"}}


@dataclass
class Hall(CaseHall):
    """A hall with citizens whose data it holds, and the verbs of privacy."""

    whole: Rooms | None = None
    path: Path = Path()
    app: Any = None

    @property
    def privacy(self) -> Privacy:
        assert self.whole is not None
        return self.whole.privacy

    def later(self, days: float) -> None:
        """Let days pass, each night with nothing to do, and the last night's work be done."""
        self.clock.move(hours=days * DAY)
        night = datetime.fromtimestamp(self.clock() / 1000, SHANGHAI) - timedelta(days=1)
        self.rooms.store.connection.execute(
            "insert or ignore into privacy_run values (?, 'night', 0, ?, 0)",
            (f"{night:%Y-%m-%d}", int(night.timestamp() * 1000)),
        )
        self.clear()

    def clear(self) -> int:
        """Let the privacy room tick until it is done for the day; return how often."""
        for nth in range(50):
            before = self.rows("select count(*), sum(removed), count(ended_at) from privacy_run")
            self.privacy.tick()
            if before == self.rows(
                "select count(*), sum(removed), count(ended_at) from privacy_run"
            ):
                return nth
        raise AssertionError("the night's work never ends")

    def left(self, table: str, *columns: str) -> int:
        """Return how many rows still hold something in some columns."""
        some = " or ".join(f"coalesce({each}, '') != ''" for each in columns)
        return int(self.rows(f"select count(*) from {table} where {some}")[0][0])

    def closed_case(self, contact: str = PHONE) -> int:
        """Return a bad rating that was answered, asked after and closed."""
        case = self.revisit(self.answered(contact), "satisfied")
        if self.now(case).closed_at is None:
            case = self.cases.close(case.id, publish=False, by=INSPECTOR, tap=self.tap())
        assert self.now(case).closed_at is not None
        return case.id

    def complaint(self, phone: str = PHONE, *, closed: bool = True) -> int:
        """Return a complaint, answered and closed."""
        assert self.whole is not None
        room = self.whole.complaints
        draft = Draft(
            source="window",
            title="重复提交材料",
            content=f"请回电 {phone}",
            complainant="张三",
            phone=phone,
            unit="MZ",
            at=self.clock(),
        )
        number = room.register_one(draft, self.tap(), GUIDE).id
        if closed:
            room.reply(number, "已整改，谢谢。", "3001")
            room.close(number, INSPECTOR)
        return number

    def months(self) -> Any:
        """Return every figure of the month."""
        return json.dumps(self.rooms.book.month("2026-11").to_json(), ensure_ascii=False)

    def found(self, wish: Wish) -> Found:
        return self.privacy.find(wish)


def opened(path: Path, clock: MovedClock) -> Hall:
    app = server.create_app(config.from_dict(SETTINGS), path, clock)
    whole: Rooms = app.extensions["hall"]
    if not whole.register.catalogue().windows:
        whole.register.adopt(HALL_WITH_HANDLERS)
    small = SmallRooms(whole.store, whole.register, whole.desk, whole.book, clock)
    return Hall(small, whole.cases, whole=whole, path=path, app=app)


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[Hall]:
    made = opened(tmp_path / "hall.db", clock)
    yield made
    made.rooms.store.close()


# -- the inventory -----------------------------------------------------------------------------


def test_every_text_of_the_schema_is_known_to_hold_personal_data_or_none(hall: Hall) -> None:
    tables = hall.rows(
        "select name from sqlite_master where type = 'table' and name not like 'sqlite%'"
    )
    real = {
        f"{table}.{column.name}"
        for (table,) in tables
        for column in hall.rooms.store.database[table].columns
        if column.type.upper() in ("TEXT", "BLOB")
    }
    said = [*inventory.held(), *inventory.nothing_personal()]
    assert not real - set(said), "say in privacy/inventory.py what these hold, and how long"
    assert not set(said) - real, "these columns are gone"
    assert len(said) == len(set(said))
    assert not [each.problem() for each in inventory.HELD if each.problem()]
    assert {each.rule for each in inventory.HELD if each.rule} == set(rules.RULE)


def test_the_notice_of_the_hall_says_what_the_inventory_says() -> None:
    notice = Path(__file__).parents[1].joinpath("docs/privacy.md").read_text("utf-8")
    assert inventory.as_markdown() in notice
    assert inventory.rules_as_markdown(config.Config()) in notice


# -- when it goes ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "day"),
    [(time(0, 29), "2026-11-19"), (time(0, 30), "2026-11-20"), (time(23), "2026-11-20")],
)
def test_a_day_is_due_once_its_night_has_come(at: time, day: str) -> None:
    assert rules.last_day(date(2026, 11, 20), at, time(0, 30)).isoformat() == day


@pytest.mark.parametrize("keep", [0, 1, 30, 730])
def test_data_goes_on_the_first_day_it_is_too_old(keep: int) -> None:
    since = date(2026, 2, 27)
    goes = rules.goes_on(since, keep)
    assert since < rules.before(goes, keep)
    assert not since < rules.before(goes - (date(2, 1, 2) - date(2, 1, 1)), keep)


def test_each_rule_has_days_by_its_setting() -> None:
    settings = config.from_dict(
        {"queue": {"keep_phone_days": 7}, "privacy": {"keep_text_days": 365}}
    )
    kept = {each.name: rules.kept_said(each, settings) for each in rules.RULES}
    assert (kept["ticket_phones"], kept["texts"], kept["cases"]) == ("7 天", "1 年", "2 年")
    assert kept["ticket_people"] == "当日"


@pytest.mark.parametrize("key", ["keep_case_days", "keep_complaint_days"])
def test_no_hall_forgets_a_complaint_or_a_bad_rating_within_two_years(key: str) -> None:
    with pytest.raises(config.BadConfig, match=key):
        config.from_dict({"privacy": {key: 729}})


def test_tickets_forget_their_phone_after_a_month_and_their_name_after_three(hall: Hall) -> None:
    hall.rooms.desk.open(1)
    hall.rooms.take(phone=PHONE, id_number=ID_NUMBER, assisted=Assisted("", "", "王小明", "张三"))
    columns = ("phone", "person", "holder")
    hall.rooms.desk.end_day()
    assert [hall.left("ticket", each) for each in columns] == [1, 1, 1]
    hall.later(1)
    assert [hall.left("ticket", each) for each in columns] == [1, 0, 1]
    hall.later(30)
    assert [hall.left("ticket", each) for each in columns] == [0, 0, 1]
    hall.later(60)
    assert [hall.left("ticket", each) for each in columns] == [0, 0, 0]


def test_files_are_blanked_after_two_years_and_every_figure_and_proof_stays(hall: Hall) -> None:
    hall.closed_case()
    hall.complaint()
    hall.rate("satisfied", OTHER, text="请告诉张三，电话 13911112222")
    open_case, open_complaint = hall.bad(PHONE).id, hall.complaint(OTHER, closed=False)
    before = hall.months()
    words = ("rating", "contact"), ("rating_case", "text", "cause", "plan", "reply")
    hall.later(181)
    assert hall.left("rating", "contact") == 2, "both bad ratings keep theirs with their files"
    assert all(hall.left(*each) for each in words)
    hall.later(560)
    assert hall.rows("select id from rating where contact != '' or text != ''") == [(3,)]
    assert hall.cases.case(open_case).text == "等了很久", "an open case keeps what it is about"
    assert hall.left("rating_case", "text") == 1
    assert hall.rows("""select count(*) from case_step where "case" = 1 and note != ''""") == [(0,)]
    ((name, phone, content, reply, unit),) = hall.rows(
        "select complainant, phone, content, reply, unit from complaint where id != ?",
        open_complaint,
    )
    assert (name, phone, content, reply, unit) == ("", "", "（已按期清除）", "（已按期清除）", "MZ")
    assert hall.months() == before
    hall.rooms.store.close()
    assert verify(hall.path, config.from_dict(SETTINGS)) == []


def test_the_night_says_what_it_removed_once(hall: Hall) -> None:
    for _ in range(3):
        hall.rate("satisfied", OTHER)
    hall.later(181)
    told = hall.rows("select detail from journal where event = 'privacy_forgotten'")
    removed = {json.loads(each)["rule"]: json.loads(each)["removed"] for (each,) in told}
    assert removed["contacts"] == 3
    assert hall.clear() == 0, "a second time on the same day finds nothing to do"
    standing = {each.rule.name: each for each in hall.privacy.standings()}
    assert (standing["contacts"].removed, standing["contacts"].held) == (3, 0)
    assert (standing["texts"].held, standing["texts"].next_on) == (3, "2028-11-20")


NIGHT = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("today", "last", "worked_on", "day"),
    [
        (0, None, None, 0),  # the first night of a hall, or of an older version's
        (0, 0, 0, 0),  # today's work, and its rest after a restart
        (1, 0, 0, 1),  # night after night
        (7, 0, 0, 7),  # a week's holiday
        (8, 0, 0, 7),  # one day more waits
        (365, 0, 0, 7),  # a clock a year ahead
        (365, 7, 365, 7),  # no more on that day, however often the server starts
        (366, 7, 365, 14),  # the next day another week
        (3, 0, 365, 3),  # the clock is right again
    ],
)
def test_a_night_takes_no_more_than_a_week_of_days_away(
    today: int, last: int | None, worked_on: int | None, day: int
) -> None:
    def of(days: int | None) -> date | None:
        return None if days is None else NIGHT + timedelta(days=days)

    named = of(today)
    assert named is not None
    assert rules.day_of_work(named, of(last), of(worked_on)) == of(day)


def test_what_a_leap_of_the_clock_would_take_early_stays_until_somebody_sees_it(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    hall.clear()
    assert hall.privacy.waits() is None
    hall.rate("satisfied", OTHER)
    hall.clock.move(hours=365 * DAY)
    assert hall.whole is not None
    for _ in range(3):  # each start of the server on that day
        hall.clear()
        assert hall.privacy.waits() == ("2027-11-20", "2026-11-27")
        ground = (hall.whole.store, hall.whole.register, hall.whole.config, hall.clock, hall.path)
        hall.whole.privacy = Privacy(*ground)
    assert "privacy_waits: today=2027-11-20 removes_for=2026-11-27" in caplog.text
    hall.clock.move(hours=DAY)
    hall.clear()
    assert hall.privacy.waits() == ("2027-11-21", "2026-12-04")
    assert hall.left("rating", "contact") == 1
    for _ in range(24):
        hall.clock.move(hours=DAY)
        hall.clear()
    assert hall.left("rating", "contact") == 0, "if the date is right, all that is due goes"


def test_a_clock_that_was_a_year_ahead_once_does_not_stop_the_nights_after_it(hall: Hall) -> None:
    hall.later(365)
    hall.clock.move(hours=-365 * DAY)
    hall.rooms.take(phone=PHONE)
    hall.rooms.desk.end_day()
    hall.later(40)
    assert hall.left("ticket", "phone") == 0


def test_a_long_night_goes_on_in_small_steps_after_a_restart(hall: Hall) -> None:
    hall.rate("satisfied", OTHER)
    run = hall.rooms.store.connection.execute
    run("drop trigger rating_counts")
    run(
        """
        with recursive n (i) as (select 1 union all select i + 1 from n where i < 250)
        insert into ticket (day, number, prefix, sequence, service, state, taken_at, language,
            source, ahead_at_taking, tap, ended_at, phone)
        select day, 'T', 'T', i, service, 'cancelled', taken_at, 'zh', 'kiosk', 0, 'more-' || i,
            taken_at, '13911112222' from ticket, n where id = 1
        """
    )
    hall.clock.move(hours=32 * DAY)
    hall.privacy.tick()
    assert hall.left("ticket", "phone") == 250 - MOST_AT_ONCE
    assert hall.whole is not None
    ground = (hall.whole.store, hall.whole.register, hall.whole.config, hall.clock, hall.path)
    again = Privacy(*ground)
    again.tick()
    again.tick()
    assert hall.left("ticket", "phone") == 0
    runs = hall.rows(
        "select removed, ended_at is not null from privacy_run where rule = ?", "ticket_phones"
    )
    assert runs == [(250, 1)]


def test_one_rule_that_fails_stops_no_other(hall: Hall) -> None:
    hall.rate("satisfied", OTHER)
    hall.rooms.store.connection.execute(
        """
        create trigger stubborn before update of contact on rating
        begin select raise(abort, 'no'); end
        """
    )
    hall.later(800)
    assert (hall.left("rating", "contact"), hall.left("rating", "text")) == (1, 0)


REWRITES = (
    "update rating set text = 'x'",
    "update rating_case set text = 'x'",
    "update case_step set note = 'x'",
    "update complaint set content = 'x'",
    "update complaint set phone = '1'",
    "update complaint_step set told = 'x'",
    "update seal set text_private = 'x'",
    "update privacy_reveal set reason = 'x'",
    "update privacy_erasure set reason = 'x'",
    "delete from privacy_erasure",
)


def test_what_may_be_blanked_can_still_not_be_rewritten(hall: Hall) -> None:
    hall.closed_case()
    hall.complaint()
    hall.privacy.look("case", 1, "致电核实", LEADER)
    erase(hall)
    for sql in REWRITES:
        with pytest.raises(sqlite3.IntegrityError):
            hall.rooms.store.connection.execute(sql)


def test_staff_who_left_lose_their_phone_after_a_year(hall: Hall) -> None:
    register = hall.rooms.register
    person = register.catalogue().person["1001"]
    register.save(type(person)("1001", "张敏", "clerk", "办事员", "MZ", 1, phone=OTHER))
    register.retire("person", "1001")
    hall.later(300)
    assert register.catalogue().person["1001"].phone == OTHER
    hall.later(70)
    assert register.catalogue().person["1001"].phone == ""
    assert register.catalogue().person["1001"].name == "张敏"


# -- the seals ---------------------------------------------------------------------------------


def as_sealed_before(hall: Hall) -> None:
    """Seal the only rating as it was sealed when texts stood in the seal itself."""
    run = hall.rooms.store.connection.execute
    for trigger in ("seal_is_never_changed", "seal_of_a_text_is_never_changed"):
        run(f"drop trigger {trigger}")
    ((link, values, _),) = hall.rooms.book.ratings.sealed()
    assert values is not None
    hashed = chain.seal(chain.BEGINS, "rating", values, link.private)
    run("update seal set hash = ?, text_salt = '', text_private = ''", (hashed,))


@pytest.mark.parametrize("old", [False, True])
def test_an_erased_text_leaves_the_chain_whole_and_the_rest_of_the_row_sealed(
    hall: Hall, old: bool
) -> None:
    hall.rate("satisfied", text="我叫张三")
    if old:
        as_sealed_before(hall)
    book, run = hall.rooms.book, hall.rooms.store.connection.execute
    assert proof.problems(book) == []
    assert book.ratings.erase_text(1, hall.clock())
    assert not book.ratings.erase_text(1, hall.clock()), "twice is once"
    assert proof.problems(book) == []
    run("drop trigger rating_is_never_edited")
    run("update rating set level = 'very_satisfied'")
    assert proof.broken_seals(book) != []


@pytest.mark.parametrize(
    "attack",
    [
        "update rating set text = ''",
        "update rating set text = ''; update seal set text_salt = ''",
        "update seal set text_salt = 'x'",
    ],
)
def test_a_text_that_went_without_being_told_is_found(hall: Hall, attack: str) -> None:
    hall.rate("satisfied", text="我叫张三")
    for sql in attack.split(";"):
        hall.rooms.store.connection.execute(sql)
    assert proof.broken_seals(hall.rooms.book) != []


# -- one person --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phone", "id_number", "name", "code"),
    [
        ("", "", "张三", "nobody_named"),
        ("12", "", "", "bad_phone"),
        ("", "110105194912310021", "", "bad_id_number"),
        (PHONE, "", "张" * 31, "name_too_long"),
    ],
)
def test_who_is_sought_must_be_one_person(phone: str, id_number: str, name: str, code: str) -> None:
    with pytest.raises(NotValid) as refusal:
        wish_of(phone, id_number, name)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("name", "held", "fits"),
    [
        ("", "张*", True),
        ("张三", "", True),
        ("张三", "张*", True),
        ("张三", "李*", False),
        ("张三", "张三", True),
        ("张三", "张三丰", False),
    ],
)
def test_a_name_only_rules_out_others(name: str, held: str, fits: bool) -> None:
    assert receipts.fits(name, held) is fits


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打 13800005678 找我", "请打 138****5678 找我"),
        ("138 0000 5678", "138****5678"),
        ("身份证 11010519491231002X。", "身份证 110***********002X。"),
        ("2026-11-20 等了40分钟", "2026-11-20 等了40分钟"),
        ("A001，三次，12345", "A001，三次，12345"),
        ("", ""),
    ],
)
def test_numbers_within_texts_are_masked(text: str, shown: str) -> None:
    assert identity.masked_text(text) == shown


def erase(hall: Hall, tap: str = "erase-00000001") -> receipts.Receipt:
    return hall.privacy.erase(hall.found(wish_of(PHONE, "", "")), "本人到场申请", LEADER, tap)


def everything(hall: Hall) -> None:
    """Let a person leave data in every room, and another one as well."""
    hall.closed_case()
    hall.complaint()
    hall.rooms.take(phone=PHONE)
    hall.rooms.desk.open(1)
    hall.rooms.serve(1)
    hall.rate("satisfied", OTHER)
    hall.bad(PHONE)  # still being followed up


def test_a_person_is_found_everywhere_and_nobody_else(hall: Hall) -> None:
    everything(hall)
    hall.rooms.store.connection.execute(
        """
        insert into province_row (rating, kind, key, urgent, state, next_at, made_at, sent_at, unid)
        values (1, 'rating', 'k', 1, 'sent', 1, 1, 1, 'u')
        """
    )
    found = hall.found(wish_of("138-0000-5678", "", ""))
    assert [each.table for each in found.records] == ["ticket", "rating", "rating", "complaint"]
    assert [bool(each.stays) for each in found.records] == [False, True, False, False]
    assert [each.sent for each in found.records] == [(), (), ("省平台",), ()]
    assert hall.found(wish_of(PHONE, "", "李四")).records[-1].table == "rating", "张三 is another"


def test_a_person_is_found_by_the_id_number_that_nobody_keeps(hall: Hall) -> None:
    hall.rooms.desk.open(1)
    hall.rooms.take(id_number=ID_NUMBER)
    wish = wish_of("", ID_NUMBER.lower(), "")
    (record,) = hall.found(wish).records
    assert (record.table, bool(record.stays)) == ("ticket", True), "it still waits"
    with pytest.raises(NotAllowed, match="没有现在可以删除的"):
        hall.privacy.erase(hall.found(wish), "本人", LEADER, "erase-00000001")
    hall.rooms.serve(1)
    hall.privacy.erase(hall.found(wish), "本人", LEADER, "erase-00000001")
    assert hall.found(wish).records == ()


def test_erasing_takes_what_may_go_says_what_stays_and_is_done_once(hall: Hall) -> None:
    everything(hall)
    before, receipt = hall.months(), erase(hall)
    assert receipt.number == "SC202611-0001"
    assert [table for table, _ in receipt.erased] == ["ticket", "rating", "complaint"]
    told = [f"{each.what} {each.why} {each.until}" for each in receipt.kept]
    assert any("正在办理 办结后 730 天" in each for each in told)
    assert any("TS000001的内容 投诉档案 2028-11-" in each for each in told)
    assert PHONE not in str(hall.rows("select asked, people, kept from privacy_erasure"))
    assert hall.rows("select count(*) from ticket where phone is not null") == [(0,)]
    assert hall.rows("select count(*) from rating where contact = ?", OTHER) == [(1,)]
    assert erase(hall).number == receipt.number, "the same form is once"
    with pytest.raises(NotAllowed, match="没有现在可以删除的"):
        erase(hall, "erase-00000002")
    assert hall.months() == before
    assert hall.rows("select count(*) from journal where detail like ?", f"%{PHONE}%") == [(0,)]
    hall.rooms.store.close()
    assert verify(hall.path, config.from_dict(SETTINGS)) == []


@pytest.mark.parametrize(
    ("phone", "text", "said"),
    [
        ("13812345678", "13812345678", True),
        ("13812345678", "138 1234-5678，3号窗口", True),
        ("13812345678", "13812345678 3号窗口", True),  # two numbers, side by side
        ("13812345678", "+86 13812345678", True),
        ("13812345678", "13812345679", False),
        ("88215678", "0571-88215678", True),
        ("88215678", "13888215678", False),
        ("12345", "13812345678", False),  # the hotline, not somebody's phone
        ("12345", "打过12345", True),
    ],
)
def test_a_text_names_a_phone_or_somebody_elses(phone: str, text: str, said: bool) -> None:
    assert receipts.is_said(phone, text) is said


def test_whoever_is_found_by_a_short_number_is_handed_nobody_elses_data(hall: Hall) -> None:
    hall.complaint(PHONE)
    hall.accepted(PHONE, text=f"请回电 {PHONE}")
    assert hall.found(wish_of(PHONE, "", "")).records
    assert not hall.found(wish_of(PHONE[2:8], "", "")).records


def test_a_text_that_begins_with_a_digit_does_not_keep_the_phone_beside_it(hall: Hall) -> None:
    hall.rate("satisfied", PHONE, text="3号窗口办得快")
    assert [each for each, _ in erase(hall).erased] == ["rating"]
    assert hall.rows("select contact, text from rating") == [("", "")]


def test_a_record_that_has_become_somebody_elses_is_left_alone(hall: Hall) -> None:
    hall.rooms.desk.open(1)
    hall.rooms.take(phone=PHONE)
    hall.rooms.take(phone=OTHER, service="advice")
    hall.rooms.desk.end_day()
    found = hall.found(wish_of(PHONE, "", ""))
    hall.rooms.store.connection.execute("update ticket set phone = ? where id = 1", (OTHER,))
    with pytest.raises(NotAllowed):
        hall.privacy.erase(found, "本人", LEADER, "erase-00000001")
    assert hall.left("ticket", "phone") == 2


@pytest.mark.parametrize("key_is_newer", [False, True])
def test_a_restored_backup_forgets_again_what_was_erased(
    hall: Hall, tmp_path: Path, clock: MovedClock, key_is_newer: bool
) -> None:
    everything(hall)
    with sqlite3.connect(tmp_path / "older.db") as older:
        hall.rooms.store.connection.backup(older)
    older.close()
    receipt = erase(hall)
    listed = redo.path_of(hall.path).read_text("utf-8")
    assert PHONE not in listed
    hall.rooms.store.close()
    redo.path_of(tmp_path / "older.db").write_text(listed + '{"cut off', "utf-8")
    if key_is_newer:
        with sqlite3.connect(tmp_path / "older.db") as older:
            older.execute("delete from secret where name = 'privacy'")
        older.close()
    restored = opened(tmp_path / "older.db", clock)
    assert restored.privacy.receipt(receipt.number).erased == receipt.erased
    assert [each.table for each in restored.found(wish_of(PHONE, "", "")).erasable] == []
    assert restored.left("rating", "contact") == 2, "another's, and the one that is followed up"
    assert restored.privacy.reapply() == 0, "once"
    restored.rooms.store.close()


def test_a_receipt_that_a_crash_kept_from_the_list_is_added_at_the_start(hall: Hall) -> None:
    everything(hall)
    receipt = erase(hall)
    redo.path_of(hall.path).unlink()
    hall.privacy.reapply()
    listed = redo.read(redo.path_of(hall.path))
    assert [each.receipt.number for each in listed] == [receipt.number]


def test_a_line_of_the_list_that_a_power_cut_tore_does_not_swallow_the_next_receipt(
    hall: Hall,
) -> None:
    everything(hall)
    listed = redo.path_of(hall.path)
    listed.write_text('{"cut off', "utf-8")
    receipt = erase(hall)
    assert [each.receipt.number for each in redo.read(listed)] == [receipt.number]


# -- looks -------------------------------------------------------------------------------------


def test_a_look_needs_a_reason_and_is_open_to_one_person_for_ten_minutes(hall: Hall) -> None:
    with pytest.raises(NotValid):
        hall.privacy.look("case", 1, " ", LEADER)
    hall.privacy.look("case", 1, "致电核实", LEADER)
    asked = [
        ("case", 1, LEADER),
        ("case", 1, INSPECTOR),
        ("case", 2, LEADER),
        ("complaint", 1, LEADER),
    ]
    assert [hall.privacy.is_open(*each) for each in asked] == [True, False, False, False]
    hall.clock.move(minutes=10)
    assert not hall.privacy.is_open("case", 1, LEADER)
    hall.privacy.look("case", 1, "再打一次", LEADER)
    hall.privacy.close("case", 1, LEADER)
    assert not hall.privacy.is_open("case", 1, LEADER)
    assert [each.reason for each in hall.privacy.looks()] == ["再打一次", "致电核实"]


def test_the_list_of_another_hall_erases_nothing_here(hall: Hall) -> None:
    everything(hall)
    receipt, left = erase(hall), hall.left("rating", "contact")
    line = redo.read(redo.path_of(hall.path))[0]
    strange = replace(receipt, number="SC202611-0009", erased=(("rating", 2),))
    redo.add(redo.path_of(hall.path), redo.Line(strange, line.hall - 1, "another"))
    assert (hall.privacy.reapply(), hall.left("rating", "contact")) == (0, left)


def test_the_night_counts_appointments_and_those_missed_stay_longer(hall: Hall) -> None:
    assert hall.whole is not None
    run = hall.rooms.store.connection.execute
    for number, state, day in ((1, "cancelled", "2026-11-20"), (2, "no_show", "2026-11-20")):
        run(
            """
            insert into appointment (id, code, service, day, slot_at, slot_ends, person,
                day_person, holder, phone, state, source, made_at, ended_at, foreign_id)
            values (?, ?, 'marriage', ?, 1, 2, ?, 'd', '张*', '13800005678', ?, 'phone', 1, 2, ?)
            """,
            (number, f"code{number}", day, f"p{number}", state, f"theirs {number}"),
        )
    hall.clock.move(hours=30 * DAY - 9.25)  # 00:45 on the thirtieth day
    hall.clear()
    assert hall.left("appointment", "phone", "foreign_id") == 0
    assert hall.left("appointment", "person") == 1
    told = {each.rule.name: each.removed for each in hall.privacy.standings()}
    assert (told["appointments"], told["booked_people"]) == (2, 1)
    hall.later(91)
    assert hall.left("appointment", "person", "holder") == 0
