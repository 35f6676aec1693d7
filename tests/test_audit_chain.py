"""What is wrong with a sequence of audit rows, and what never stands in one: rules as tables."""

from collections.abc import Callable, Sequence
from zoneinfo import ZoneInfo

import pytest

from audit import sheet, words
from audit.chain import GENESIS, START, Entry, Link, Row, Wrong, faults, row_of, seal, text_of
from audit.masking import asked_of, masked, named, target_of

ZONE = ZoneInfo("Asia/Shanghai")


def entry(nth: int, **more: object) -> Entry:
    told = Entry(
        nth * 1000, "person", "1001", "clerk", 1, "10.0.0.7", "admission.sign_in", f"工号 {nth}"
    )
    return told._replace(**more)  # type: ignore[arg-type]


def chain(length: int, start: Link = START) -> list[Row]:
    rows, last = [], start
    for number in range(start.number + 1, start.number + 1 + length):
        kept = seal(last.hash, number, entry(number))
        rows.append(Row(number, entry(number), kept))
        last = Link(number, kept)
    return rows


def resealed(rows: Sequence[Row], changed: Row) -> list[Row]:
    """The chain as it stands after somebody changed a row and recomputed all that follows."""
    last = rows[changed.number - 2].hash if changed.number > 1 else GENESIS
    made = list(rows[: changed.number - 1])
    for row in [changed, *rows[changed.number :]]:
        made.append(Row(row.number, row.entry, seal(last, row.number, row.entry)))
        last = made[-1].hash
    return made


def found(
    rows: Sequence[Row], start: Link = START, heads: dict[int, bytes] | None = None
) -> list[tuple[Wrong, int, int]]:
    return [(each.wrong, each.number, each.until) for each in faults(rows, start, heads)]


def change(number: int, **more: object) -> Callable[[list[Row]], list[Row]]:
    def done(rows: list[Row]) -> list[Row]:
        row = rows[number - 1]
        rows[number - 1] = row._replace(entry=row.entry._replace(**more))  # type: ignore[arg-type]
        return rows

    return done


def rehash(number: int) -> Callable[[list[Row]], list[Row]]:
    def done(rows: list[Row]) -> list[Row]:
        rows[number - 1] = rows[number - 1]._replace(hash=bytes(range(32)))
        return rows

    return done


def without(*numbers: int) -> Callable[[list[Row]], list[Row]]:
    return lambda rows: [row for row in rows if row.number not in numbers]


@pytest.mark.parametrize(
    ("tampered", "told"),
    [
        (lambda rows: rows, []),
        (change(4, who="1002"), [(Wrong.CHANGED, 4, 0)]),
        (change(4, window=None), [(Wrong.CHANGED, 4, 0)]),
        (change(1, code="x"), [(Wrong.CHANGED, 1, 0)]),
        (change(9, detail="改过"), [(Wrong.CHANGED, 9, 0)]),
        (rehash(4), [(Wrong.CHANGED, 4, 0), (Wrong.LINK, 4, 0)]),
        (without(4), [(Wrong.GAP, 4, 4)]),
        (without(4, 5, 6), [(Wrong.GAP, 4, 6)]),
        (without(1), [(Wrong.START, 2, 0)]),
        (without(1, 2, 3), [(Wrong.START, 4, 0)]),
        (lambda rows: [*rows[:3], rows[4], rows[3], *rows[5:]], None),
        (lambda _: [], []),
    ],
)
def test_a_changed_chain_is_found_at_its_row(
    tampered: Callable[[list[Row]], list[Row]], told: list[tuple[Wrong, int, int]] | None
) -> None:
    rows = tampered(chain(9))
    if told is None:
        assert found(rows)
    else:
        assert found(rows) == told


def test_who_recomputes_the_rest_or_cuts_the_tail_off_is_betrayed_by_a_head_outside() -> None:
    rows = chain(9)
    heads = {5: rows[4].hash, 9: rows[8].hash}
    assert found(rows, heads=heads) == []
    redone = resealed(rows, rows[3]._replace(entry=entry(4, who="9999")))
    assert found(redone) == [], "the chain alone cannot know"
    assert found(redone, heads=heads) == [(Wrong.REWRITTEN, 5, 0), (Wrong.REWRITTEN, 9, 0)]
    assert found(rows[:7], heads=heads) == [(Wrong.TAIL, 8, 9)]
    assert found([], heads=heads) == [(Wrong.TAIL, 1, 9)]


def test_a_chain_goes_on_after_what_was_forgotten() -> None:
    whole = chain(9)
    start = Link(5, whole[4].hash)
    assert found(whole[5:], start) == []
    assert found(whole, start) == [], "rows that are still being forgotten are passed over"
    assert found(whole[6:], start) == [(Wrong.START, 7, 0)]
    assert found(whole[5:], Link(5, GENESIS)) == [(Wrong.CHANGED, 6, 0)]


def test_every_fault_is_a_sentence_with_its_rows() -> None:
    told = [each.words for each in faults(without(4, 5)(chain(9)))]
    assert told == ["第 4 至 5 条不在了：记录被删过"]


def test_a_row_is_one_text_and_comes_back_from_it() -> None:
    one = entry(3, detail='带"引号"与，逗号', window=None)
    assert row_of(text_of(3, one)) == (3, one)
    for other in ("x", "[]", '{"number": 1}', "[1,2]"):
        with pytest.raises(ValueError):
            row_of(other)


# -- masking -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("13812345678", "****78"),
        ("手机 138 1234 5678 找人", "手机 ****78 找人"),
        ("110105194912310021", "****21"),
        ("11010519491231002X", "****2X"),
        ("010-66668888", "****88"),
        ("１３８１２３４５６７８", "****78"),
        ("first=2026-11-01；last=2026-11-30", "first=2026-11-01；last=2026-11-30"),
        ("A012 号", "A012 号"),
        ("张敏\n第二行", "张敏 第二行"),
        ("长" * 300, "长" * 200),
    ],
)
def test_a_person_s_numbers_are_masked_and_texts_are_short(text: str, kept: str) -> None:
    assert masked(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("工号 20231234", "工号 20231234"),
        ("工号 13812345678", "工号 ****78"),
        ("工号 11010519491231002X", "工号 ****2X"),
    ],
)
def test_on_whom_an_administrator_acts_is_readable(text: str, kept: str) -> None:
    assert named(text) == kept


def test_what_opens_something_by_itself_is_left_out() -> None:
    assert target_of({"token": "abc.def", "ticket": 17}) == "号票 17"
    assert target_of({"code": "22345678", "given": "x.y"}) == ""
    assert target_of({"kind": "people", "key": "1001"}) == "1001"  # the verb names the kind
    assert target_of({"kind": "csv"}) == "csv"
    asked = [("q", "13812345678"), ("phone", "138"), ("tap", "x"), ("month", "2026-11"), ("a", "")]
    assert asked_of(asked) == "q=****78；month=2026-11"


# -- words -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "said", "sort"),
    [
        ("web.sign_out", "退出登录", "sign"),
        ("kiosk.take_ticket", "取号", "act"),
        ("view helpdesk.dossier", "查看号票", "view"),
        ("view manager.month.export", "导出月度统计", "export"),
        ("complaints.lists.export_full", "导出投诉（含姓名）", "export"),
        ("cases.act:look", "查看差评联系方式", "act"),
        ("cli backup", "备份数据文件", "command"),
        ("system.forget", "清理到期的审计日志", "command"),
        ("of.an_older_hall", "of.an_older_hall", "act"),
    ],
)
def test_a_verb_has_words_and_a_sort(verb: str, said: str, sort: str) -> None:
    assert (words.words_of(verb), words.sort_of(verb)) == (said, sort)


def test_a_search_names_verbs_by_their_words_and_sort() -> None:
    assert words.verbs_that() is None
    assert "cli backup" in (words.verbs_that("command") or ())
    assert set(words.verbs_that("export", "投诉") or ()) == {
        "complaints.lists.export_full",
        "complaints.lists.export",
        "view complaints.lists.export",
        "view complaints.lists.export_full",
    }
    assert words.verbs_that("", "没有的操作") == ()


@pytest.mark.parametrize(
    ("endpoint", "asked", "verb"),
    [
        ("helpdesk.home", {}, None),
        ("helpdesk.home", {"q": "A012"}, "view helpdesk.home"),
        ("manager.items.listing", {"kind": "zones"}, None),
        ("manager.items.listing", {"kind": "people"}, "view manager.items.listing"),
        ("display.page", {"q": "x"}, None),
        ("reports.fetch", {}, "view reports.fetch"),
    ],
)
def test_a_page_is_told_of_when_it_shows_personal_data(
    endpoint: str, asked: dict[str, object], verb: str | None
) -> None:
    assert words.view_of(endpoint, asked) == verb


# -- the file that proves itself ---------------------------------------------------------------

SECRET = b"secret of the hall"


def lines() -> list[list[str]]:
    rows, last, made = chain(5), GENESIS, []
    for row in rows:
        made.append(sheet.line(last, row, ZONE))
        last = row.hash
    end = sheet.last_line([line[sheet.KEPT] for line in made], SECRET)
    return [list(sheet.COLUMNS), *made, end]


def test_a_file_as_it_was_handed_out_is_whole() -> None:
    assert sheet.problems(lines(), SECRET, ZONE) == []
    some = lines()
    assert sheet.problems([some[0], sheet.last_line([], SECRET)], SECRET, ZONE) == []


@pytest.mark.parametrize(
    ("row", "column", "text", "told"),
    [
        (2, 3, "1009", "第 3 行显示的内容与原文不符"),
        (2, sheet.TEXT, "[]", "第 3 行读不出来"),
        (2, sheet.KEPT, "00" * 32, "第 3 行与它的校验值不符"),
        (2, sheet.PREVIOUS, "00" * 32, "第 3 行与它的校验值不符"),
        (6, 2, "00", "校验行与各条记录不符"),
    ],
)
def test_a_changed_cell_of_a_file_is_found(row: int, column: int, text: str, told: str) -> None:
    made = lines()
    made[row][column] = text
    assert any(told in each for each in sheet.problems(made, SECRET, ZONE))


def test_a_file_cut_short_or_of_another_kind_is_refused() -> None:
    made = lines()
    assert "截断" in sheet.problems(made[:-1], SECRET, ZONE)[0]
    assert "校验行与各条" in sheet.problems([*made[:3], *made[4:]], SECRET, ZONE)[0]
    assert "校验行与各条" in sheet.problems(made, b"another hall", ZONE)[0]
    assert "不是审计日志" in sheet.problems([["工号"], ["1001"]], SECRET, ZONE)[0]
    assert "不是审计日志" in sheet.problems([], SECRET, ZONE)[0]
