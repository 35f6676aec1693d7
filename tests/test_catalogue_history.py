"""Every change of what a hall consists of is kept: who, by which way, what from what to what."""

import sqlite3
from dataclasses import replace

import pytest
from halls import SMALL_HALL, Rooms
from test_desk import refused

from hall.catalogue import HallText, Matter, Person, SpecialDay, Window
from hall.changes import Change
from hall.register import BadCatalogue

MATTER = Matter("M1", "结婚登记", "marriage", "at_once", 0, 0, ("window",))


def newest(rooms: Rooms, kind: str = "", key: str = "") -> Change:
    return rooms.register.history.changes(kind, key)[0]


def told(rooms: Rooms, kind: str, key: str) -> list[tuple[str, str, str, dict[str, list[object]]]]:
    """Return what is kept of a thing since the hall was made, oldest first."""
    found = rooms.register.history.changes(kind, key)
    return [(each.who, each.way, each.act, each.fields) for each in reversed(found)][1:]


def test_a_new_hall_is_a_change_of_each_thing_in_it(rooms: Rooms) -> None:
    found = rooms.register.history.changes(most=1000)
    assert len(found) == 2 + 2 + 4 + 4 + 6 + 4
    assert {(each.way, each.act) for each in found} == {("workbook", "added")}
    marriage = newest(rooms, "service", "marriage")
    assert marriage.fields["name"] == [None, "婚姻登记"]
    assert "target_minutes" not in marriage.fields, "what is as usual is not told"


def test_a_change_keeps_who_made_it_and_each_field_from_what_to_what(rooms: Rooms) -> None:
    window = SMALL_HALL.windows[0]
    changed = replace(window, name="一号", category="综合", services=("advice",))
    rooms.register.save(changed, by="9000")
    rooms.register.save(changed, by="9000")  # sent twice, changed once
    assert told(rooms, "window", "1") == [
        (
            "9000",
            "page",
            "changed",
            {
                "name": ["", "一号"],
                "services": [["marriage", "advice"], ["advice"]],
                "category": ["", "综合"],
            },
        )
    ]
    assert newest(rooms).at == rooms.clock()
    assert newest(rooms).name == "1号 一号"


def test_retiring_and_restoring_are_kept(rooms: Rooms) -> None:
    rooms.register.retire("service", "nowhere", by="9001")
    rooms.register.retire("service", "nowhere", by="9001")
    rooms.register.save(SMALL_HALL.services[3], by="9000")
    assert told(rooms, "service", "nowhere") == [
        ("9001", "page", "retired", {"active": [True, False]}),
        ("9000", "page", "restored", {"active": [False, True]}),
    ]


def test_an_import_keeps_only_what_it_changes(rooms: Rooms) -> None:
    before = len(rooms.register.history.changes(most=1000))
    people = tuple(each for each in SMALL_HALL.people if each.staff_number != "1004")
    new = replace(SMALL_HALL, people=people, matters=(MATTER,))
    rooms.register.adopt(new, by="9000")
    rooms.register.adopt(new, by="9000")
    found = rooms.register.history.changes(most=1000)
    assert len(found) == before + 2
    assert [(each.way, each.act, each.kind, each.key) for each in found[:2]] == [
        ("workbook", "retired", "person", "1004"),
        ("workbook", "added", "matter", "M1"),
    ]


def test_what_is_refused_leaves_no_trace(rooms: Rooms) -> None:
    before = rooms.register.history.changes(most=1000)
    with pytest.raises(BadCatalogue):
        rooms.register.save(Window(5, "", "9F", "MZ"))
    with refused("still_used"):
        rooms.register.retire("department", "MZ")
    assert rooms.register.history.changes(most=1000) == before


def test_the_history_is_never_changed_and_never_shortened(rooms: Rooms) -> None:
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        rooms.store.connection.execute("update catalogue_change set who = 'nobody'")
    with pytest.raises(sqlite3.IntegrityError, match="never shortened"):
        rooms.store.connection.execute("delete from catalogue_change")


def test_of_a_telephone_the_history_keeps_the_ends_only(rooms: Rooms) -> None:
    rooms.register.save(replace(SMALL_HALL.people[0], phone="13812345678"), by="9000")
    assert newest(rooms).fields == {"phone": ["", "138****5678"]}


def test_the_history_is_found_by_words_and_read_on_page_by_page(rooms: Rooms) -> None:
    rooms.register.save(SpecialDay("2026-12-31", note="系统升级"), by="9000")
    rooms.register.save(HallText("slip_foot", text="请保管好号票"), by="server.py import")
    find = rooms.register.history.changes
    assert [each.name for each in find(words="升级")] == ["2026-12-31 系统升级"]
    assert [each.way for each in find("text")] == ["command"]
    first = find(most=10)
    second = find(before=first[-1].id, most=10)
    assert [each.id for each in first + second] == [each.id for each in find(most=20)]
    assert find(words="%") == []


# -- words of the hall's own --------------------------------------------------------------------


def test_words_taken_away_are_the_usual_ones_again_and_kept_in_the_history(rooms: Rooms) -> None:
    rooms.register.save(HallText("display_notice", "1F", "请安静"), by="9000")
    assert rooms.register.catalogue().words("display_notice", "1F") == "请安静"
    rooms.register.save(HallText("display_notice", "1F"), by="9000")
    assert rooms.register.catalogue().texts == ()
    found = rooms.register.history.changes("text", "display_notice@1F")
    assert [(each.act, each.fields["text"]) for each in found] == [
        ("retired", ["请安静", ""]),
        ("added", ["", "请安静"]),
    ]


# -- photographs --------------------------------------------------------------------------------


def test_a_photograph_stays_through_an_edit_and_an_import_and_is_kept_as_a_word(
    rooms: Rooms,
) -> None:
    rooms.register.set_photo("1001", b"jpeg", by="9000")
    rooms.register.set_photo("1001", b"jpeg", by="9000")
    mark = rooms.register.catalogue().person["1001"].photo
    assert len(mark) == 16
    rooms.register.save(replace(SMALL_HALL.people[0], name="张敏敏"), by="9000")
    rooms.register.adopt(SMALL_HALL)
    assert rooms.register.catalogue().person["1001"].photo == mark
    assert rooms.register.photos.picture("1001") == b"jpeg"
    photos = [each for each in told(rooms, "person", "1001") if "photo" in each[3]]
    assert photos == [("9000", "page", "changed", {"photo": ["没有照片", "有照片"]})]


def test_a_photograph_goes_with_its_person(rooms: Rooms) -> None:
    for number in ("1001", "1002", "1003", "1004"):
        rooms.register.set_photo(number, b"jpeg")
    rooms.register.set_photo("1001", None)
    rooms.register.retire("person", "1002")
    rooms.register.save(replace(SMALL_HALL.people[2], active=False))
    people = tuple(each for each in SMALL_HALL.people if each.staff_number != "1004")
    rooms.register.adopt(replace(SMALL_HALL, people=people))
    assert [rooms.register.photos.picture(f"100{no}") for no in (1, 2, 3, 4)] == [None] * 4
    assert rooms.store.row("select count(*) from photo") == (0,)
    with refused("unknown_person"):
        rooms.register.set_photo("1004", b"jpeg")


def test_an_administrator_whom_an_import_leaves_in_charge_keeps_the_photograph(
    rooms: Rooms,
) -> None:
    rooms.register.save(Person("admin", "张三", "administrator"))
    rooms.register.set_password_hash("admin", "hash")
    rooms.register.set_photo("admin", b"jpeg")
    rooms.register.adopt(SMALL_HALL)
    assert rooms.register.photos.picture("admin") == b"jpeg"


# -- an import does what was shown --------------------------------------------------------------


def test_an_import_is_refused_when_the_hall_is_no_longer_the_one_that_was_shown(
    rooms: Rooms,
) -> None:
    shown = rooms.register.catalogue()
    rooms.register.save(replace(SMALL_HALL.windows[1], name="二号"))
    with refused("changed_meanwhile"):
        rooms.register.adopt(SMALL_HALL, "9000", standing=shown)
    assert rooms.register.catalogue().window[2].name == "二号"
    rooms.register.adopt(SMALL_HALL, "9000", standing=rooms.register.catalogue())
    assert rooms.register.catalogue().window[2].name == ""
