"""Three administrators kept apart: who keeps the people, and what nobody may do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from halls import SMALL_HALL, MovedClock, Rooms, open_rooms

from hall.administrators import check_may_become, first_days, keepers
from hall.catalogue import Person
from hall.refusals import NotAllowed
from manager.differences import Change, not_yours

CHIEF = Person("9000", "赵系统", "administrator")
SECOND = Person("9001", "钱系统", "administrator")
GUARD = Person("9002", "孙安全", "security")
OTHER = Person("9003", "李安全", "security")
AUDITOR = Person("9004", "周审计", "audit")
CLERK = Person("1001", "吴窗口", "clerk")
ALL = (CHIEF, GUARD, AUDITOR, CLERK)
EVERYONE = {each.staff_number for each in (CHIEF, SECOND, GUARD, OTHER, AUDITOR, CLERK)}


def gone(person: Person) -> Person:
    return replace(person, active=False)


def now(person: Person, role: str) -> Person:
    return replace(person, role=role)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(NotAllowed) as no:
        yield
    assert no.value.code == code


@pytest.mark.parametrize(
    ("people", "with_password", "first", "kept_by"),
    [
        ((CHIEF, CLERK), {"9000"}, True, ["9000"]),
        ((CHIEF, GUARD), {"9000"}, True, ["9000"]),  # nobody can sign in as security yet
        ((CHIEF, gone(GUARD)), {"9000", "9002"}, True, ["9000"]),
        ((CHIEF, GUARD), {"9000", "9002"}, False, ["9002"]),
        ((CHIEF, GUARD, OTHER), EVERYONE, False, ["9002", "9003"]),
        ((GUARD,), {"9002"}, False, ["9002"]),
        ((CHIEF, GUARD), set(), True, []),
    ],
)
def test_an_administrator_keeps_the_people_until_a_security_administrator_can(
    people: tuple[Person, ...], with_password: set[str], first: bool, kept_by: list[str]
) -> None:
    assert first_days(people, with_password) == first
    assert [each.staff_number for each in keepers(people, with_password)] == kept_by


# Everybody of a row has a password unless it says who has.
@pytest.mark.parametrize(
    ("people", "new", "by", "code"),
    [
        # others may change anybody
        (ALL, now(CLERK, "guide"), "9002", ""),
        (ALL, gone(CLERK), "9002", ""),
        (ALL, now(AUDITOR, "clerk"), "9002", ""),
        (ALL, gone(AUDITOR), "9002", ""),
        (ALL, Person("7", "新人", "audit"), "9002", ""),
        (ALL, Person("7", "新人", "security"), "9002", ""),
        ((*ALL, OTHER), gone(OTHER), "9002", ""),
        ((*ALL, OTHER), now(OTHER, "clerk"), "9002", ""),
        # nobody changes their own role, or ends their own account
        (ALL, now(GUARD, "administrator"), "9002", "own_role"),
        ((*ALL, OTHER), now(GUARD, "audit"), "9002", "own_role"),
        ((*ALL, OTHER), gone(GUARD), "9002", "own_account"),
        ((CHIEF, SECOND), now(CHIEF, "security"), "9000", "own_role"),
        ((CHIEF, SECOND), gone(CHIEF), "9000", "own_account"),
        (ALL, replace(GUARD, name="孙安"), "9002", ""),  # a name is no right
        # the system's administrator stays, whoever asks
        (ALL, gone(CHIEF), "9002", "last_administrator"),
        (ALL, now(CHIEF, "security"), "9002", "last_administrator"),
        ((CHIEF, CLERK), now(CHIEF, "clerk"), "9000", "last_administrator"),
        ((*ALL, SECOND), now(CHIEF, "security"), "9002", ""),
        # the last security administrator goes when an administrator can take over, by a command
        (ALL, gone(GUARD), "server.py admin", ""),
        (ALL, now(GUARD, "clerk"), "device:3", ""),
        ((GUARD, CLERK), gone(GUARD), "server.py import", "last_in_charge"),
        ((GUARD, CLERK), now(GUARD, "audit"), "server.py import", "last_in_charge"),
        ((gone(CHIEF), GUARD), gone(GUARD), "", "last_in_charge"),
        ((gone(CHIEF), GUARD), CHIEF, "9002", ""),
    ],
)
def test_what_a_change_of_people_may_not_do(
    people: tuple[Person, ...], new: Person, by: str, code: str
) -> None:
    if not code:
        check_may_become(people, EVERYONE, new, by)
        return
    with refused(code):
        check_may_become(people, EVERYONE, new, by)


def test_an_administrator_without_a_password_takes_over_nothing() -> None:
    with refused("last_in_charge"):
        check_may_become(ALL, {"9002"}, gone(GUARD), "server.py import")


def change(title: str, *added: str) -> Change:
    return Change(title, added, (), (), 3)


@pytest.mark.parametrize(
    ("changes", "hall", "people", "told"),
    [
        ([change("业务", "路灯报修"), change("人员")], True, False, ""),
        ([change("人员", "吴窗口"), change("业务")], False, True, ""),
        ([change("人员", "吴窗口"), change("业务", "路灯报修")], True, True, ""),
        ([change("人员", "吴窗口")], True, False, "由安全管理员管理"),
        ([change("人员", "吴窗口"), change("业务", "路灯报修")], False, True, "改动了“业务”"),
        ([change("人员"), change("业务")], True, False, ""),
    ],
)
def test_a_workbook_is_imported_by_whom_its_changes_belong_to(
    changes: list[Change], hall: bool, people: bool, told: str
) -> None:
    refusal = not_yours(changes, hall=hall, people=people)
    assert told in refusal
    assert bool(told) == bool(refusal)


# -- on a hall's file --------------------------------------------------------------------------


@pytest.fixture
def rooms(tmp_path: Path) -> Iterator[Rooms]:
    """A hall whose administrator can sign in."""
    rooms = open_rooms(tmp_path / "hall.db", MovedClock())
    rooms.register.set_password_hash("9000", "kept")
    yield rooms
    rooms.store.close()


def test_the_first_days_end_with_the_security_administrators_password(rooms: Rooms) -> None:
    assert rooms.register.first_days()
    rooms.register.save(GUARD, by="9000")
    assert rooms.register.first_days(), "nobody can sign in as security yet"
    rooms.register.set_password_hash("9002", "kept", by="9000")
    assert not rooms.register.first_days()


def test_a_refused_change_of_people_leaves_no_trace(rooms: Rooms) -> None:
    before = rooms.store.last_seq()
    with refused("last_administrator"):
        rooms.register.retire("person", "9000", by="9000")
    rooms.register.save(Person("9005", "二号", "administrator"), by="9000")
    noted = rooms.store.last_seq()
    with refused("own_role"):
        rooms.register.save(
            replace(rooms.register.catalogue().person["9000"], role="audit"), "9000"
        )
    assert before < noted == rooms.store.last_seq()


@pytest.mark.parametrize(("person", "word"), [(GUARD, "安全管理员"), (AUDITOR, "审计管理员")])
def test_an_import_that_names_no_security_or_audit_administrator_keeps_who_can_sign_in(
    rooms: Rooms, person: Person, word: str
) -> None:
    rooms.register.save(person)
    rooms.register.set_password_hash(person.staff_number, "kept")
    rooms.register.adopt(SMALL_HALL, "server.py import")
    assert rooms.register.person(person.staff_number) == person
    demoted = replace(SMALL_HALL, people=(*SMALL_HALL.people, replace(person, role="clerk")))
    with pytest.raises(NotAllowed, match=f"没有能登录的{word}"):
        rooms.register.adopt(demoted, "server.py import")


def test_whoever_imports_stays_and_keeps_the_role(rooms: Rooms) -> None:
    rooms.register.save(GUARD)
    rooms.register.save(OTHER)
    for number in ("9002", "9003"):
        rooms.register.set_password_hash(number, "kept")
    named = replace(SMALL_HALL, people=(*SMALL_HALL.people, OTHER))
    rooms.register.adopt(named, "9002")
    assert rooms.register.person("9002") == GUARD
    with refused("own_role"):
        rooms.register.adopt(replace(named, people=(*named.people, now(GUARD, "audit"))), "9002")
