"""The hall's own data: edited as a whole or one by one, with keys that are told once."""

from dataclasses import replace
from pathlib import Path

import pytest
from halls import SMALL_HALL, MovedClock, Rooms
from test_desk import journal, refused

from hall.catalogue import Device, Person, Service, Window
from hall.events import CatalogueChanged, Event
from hall.register import BadCatalogue, Register
from hall.store import Store


def test_a_catalogue_comes_back_as_it_was_adopted(rooms: Rooms) -> None:
    kept = rooms.register.catalogue()
    assert kept.windows == SMALL_HALL.windows
    assert set(kept.services) == set(SMALL_HALL.services)
    assert set(kept.people) == set(SMALL_HALL.people)
    assert kept.zones == SMALL_HALL.zones


def test_a_wrong_catalogue_changes_nothing_and_tells_all_its_problems(rooms: Rooms) -> None:
    wrong = replace(
        SMALL_HALL,
        services=(replace(SMALL_HALL.services[0], prefix="9"), *SMALL_HALL.services[1:]),
        windows=(replace(SMALL_HALL.windows[0], zone="9F"), *SMALL_HALL.windows[1:]),
    )
    before = rooms.register.catalogue()
    with pytest.raises(BadCatalogue) as bad:
        rooms.register.adopt(wrong)
    assert [each.column for each in bad.value.problems] == ["prefix", "zone"]
    assert rooms.register.catalogue() == before


def test_what_a_new_catalogue_leaves_out_is_retired_not_deleted(rooms: Rooms) -> None:
    ticket = rooms.take("estate")
    rooms.register.adopt(
        replace(
            SMALL_HALL,
            services=tuple(each for each in SMALL_HALL.services if each.code != "estate"),
            windows=tuple(
                replace(each, services=tuple(code for code in each.services if code != "estate"))
                for each in SMALL_HALL.windows
            ),
        )
    )
    assert not rooms.register.catalogue().service["estate"].active
    assert rooms.desk.ticket(ticket).service == "estate"
    with refused("unknown_service"):
        rooms.take("estate")


def test_a_change_is_seen_by_the_desk_at_once_and_by_who_follows(rooms: Rooms) -> None:
    heard: list[Event] = []
    rooms.desk.follow(heard.append)
    rooms.register.save(Service("birth", "出生登记", "Birth", "C", "MZ"))
    rooms.register.save(replace(SMALL_HALL.windows[0], services=("birth",)))
    assert rooms.desk.ticket(rooms.take("birth")).number == "C001"
    assert [type(each) for each in heard[:2]] == [CatalogueChanged] * 2


def test_a_change_by_another_process_is_seen_too(rooms: Rooms) -> None:
    other = Register(Store(rooms.store.path), MovedClock())
    other.save(Window(9, "九号", "1F", "MZ", ("advice",)))
    assert rooms.register.catalogue().window[9].name == "九号"
    _, key = other.mint_key("kiosk", "东门取号机")
    assert rooms.register.device_of_key(key) is not None
    other.store.close()


def test_saving_something_wrong_changes_nothing(rooms: Rooms) -> None:
    before = rooms.register.catalogue()
    with pytest.raises(BadCatalogue):
        rooms.register.save(Window(5, "", "9F", "MZ", ("marriage",)))
    assert rooms.register.catalogue() == before


def test_what_others_stand_on_is_not_retired(rooms: Rooms) -> None:
    with refused("still_used"):
        rooms.register.retire("department", "MZ")
    with refused("still_used"):
        rooms.register.retire("zone", "1F")
    with refused("unknown_kind"):
        rooms.register.retire("ticket", 1)
    with refused("unknown_item"):
        rooms.register.retire("service", "ghost")


def test_a_key_opens_for_its_device_until_it_is_revoked(rooms: Rooms) -> None:
    device, key = rooms.register.mint_key("evaluator", "3号评价器", window=3)
    found = rooms.register.device_of_key(key)
    assert found == device
    assert device.id is not None
    assert rooms.register.device(device.id) == device
    assert rooms.register.device_of_key(key + "x") is None
    rooms.register.revoke(device.id)
    assert rooms.register.device_of_key(key) is None
    assert rooms.register.device(device.id) is None


def test_a_new_key_closes_the_old_one(rooms: Rooms) -> None:
    device, old = rooms.register.mint_key("kiosk", "取号机")
    assert device.id is not None
    new = rooms.register.new_key(device.id)
    assert rooms.register.device_of_key(old) is None
    assert rooms.register.device_of_key(new) == device


def test_the_file_keeps_no_key(rooms: Rooms) -> None:
    _, key = rooms.register.mint_key("kiosk", "取号机")
    rooms.store.connection.execute("pragma wal_checkpoint(truncate)")
    assert key.encode() not in rooms.store.path.read_bytes()


@pytest.mark.parametrize(
    ("role", "window", "zone"),
    [
        ("boss", None, None),
        ("evaluator", None, None),
        ("evaluator", 77, None),
        ("display", None, "9F"),
    ],
)
def test_a_key_is_not_minted_for_what_the_hall_does_not_have(
    rooms: Rooms, role: str, window: int | None, zone: str | None
) -> None:
    before = rooms.store.row("select count(*) from device")
    with pytest.raises(BadCatalogue) if role != "boss" else refused("unknown_role"):
        rooms.register.mint_key(role, "设备", window=window, zone=zone)
    assert rooms.store.row("select count(*) from device") == before


def test_a_catalogue_adopted_again_keeps_the_keys_of_its_devices(rooms: Rooms) -> None:
    with_kiosk = replace(SMALL_HALL, devices=(Device(None, "kiosk", "东门取号机"),))
    rooms.register.adopt(with_kiosk)
    (device,) = kiosks_of(rooms)
    assert device.id is not None
    key = rooms.register.new_key(device.id)
    rooms.register.adopt(with_kiosk)
    assert rooms.register.device_of_key(key) == device
    assert kiosks_of(rooms) == [device]


def kiosks_of(rooms: Rooms) -> list[Device]:
    return [each for each in rooms.register.catalogue().devices if each.role == "kiosk"]


def test_demo_data_never_mixes_with_a_real_halls(tmp_path: Path, clock: MovedClock) -> None:
    for demo in (True, False):
        register = Register(Store(tmp_path / f"{demo}.db"), clock)
        register.make_hall("云溪县政务服务中心", demo=demo)
        assert register.hall().demo is demo
        with refused("is_a_demo" if demo else "is_a_real_hall"):
            register.make_hall("云溪县政务服务中心", demo=not demo)
        register.store.close()


def test_a_secret_is_made_once(rooms: Rooms) -> None:
    assert rooms.register.secret("cookie") == rooms.register.secret("cookie")
    assert rooms.register.secret("cookie") != rooms.register.secret("slip link")
    assert len(rooms.register.secret("cookie")) == 32


def test_a_password_is_set_for_people_the_hall_knows(rooms: Rooms) -> None:
    assert rooms.register.password_hash("1001") is None
    rooms.register.set_password_hash("1001", "$argon2id$…")
    assert rooms.register.password_hash("1001") == "$argon2id$…"
    with refused("unknown_person"):
        rooms.register.set_password_hash("7777", "$argon2id$…")


def test_an_import_never_retires_the_last_administrator_who_can_sign_in(rooms: Rooms) -> None:
    """Found by a stranger: the workbook's own administrator had no password."""
    rooms.register.save(Person("admin", "张三", "administrator"))
    rooms.register.set_password_hash("admin", "hash")
    rooms.register.adopt(SMALL_HALL)
    assert [each.staff_number for each in rooms.register.able("administrator")] == ["admin"]
    rooms.register.set_password_hash("9000", "hash")
    rooms.register.adopt(SMALL_HALL)
    assert [each.staff_number for each in rooms.register.able("administrator")] == ["9000"]


def test_an_import_that_leaves_nobody_in_charge_changes_nothing(rooms: Rooms) -> None:
    rooms.register.set_password_hash("9000", "hash")
    people = tuple(
        replace(each, role="manager") if each.role == "administrator" else each
        for each in SMALL_HALL.people
    )
    before = journal(rooms)
    with refused("nobody_in_charge"):
        rooms.register.adopt(replace(SMALL_HALL, people=people))
    assert journal(rooms) == before
    assert rooms.register.able("administrator")
