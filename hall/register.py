"""class Register – the hall's own data: catalogue, people, devices and their keys."""

import hashlib
import secrets as random
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise

from hall.catalogue import (
    DEVICE_ROLES,
    Catalogue,
    Department,
    Device,
    Person,
    Problem,
    Service,
    SpecialDay,
    Window,
    Zone,
    problems,
)
from hall.catalogue_store import CatalogueStore, HallRow
from hall.days import Clock, Instant
from hall.events import CatalogueChanged, Event
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.store import Store

Item = Department | Zone | Service | Window | Person | Device | SpecialDay
TABLES = {
    "department": "code",
    "zone": "code",
    "service": "code",
    "window": "no",
    "person": "staff_number",
    "device": "id",
    "special_day": "day",
}


class BadCatalogue(NotValid):
    """A catalogue with problems; all of them at once."""

    def __init__(self, found: list[Problem]) -> None:
        first = found[0]
        super().__init__(
            "bad_catalogue",
            f"资料有 {len(found)} 处问题，未作任何改动。第一处：{first.message}",
        )
        self.problems = found


class Register:
    """The hall's data: read often from memory, changed by few."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.tables = CatalogueStore(store)
        self._version: tuple[int, int] = (-1, -1)
        self._own = 0
        self._catalogue = Catalogue()
        self._devices: dict[int, Device] = {}
        self._keys: dict[str, int] = {}
        self._marks: dict[int, str] = {}
        self.followers: list[Callable[[Event], None]] = []

    # -- the hall -------------------------------------------------------------------------------

    def hall(self) -> HallRow:
        """Return the hall this file belongs to; NotFound before ``make_hall``."""
        found = self.tables.hall()
        if found is None:
            raise NotFound("no_hall", "这个数据文件里还没有大厅。")
        return found

    def make_hall(self, name: str, *, demo: bool) -> HallRow:
        """Say what this file is; a file once a demonstration's never becomes a real hall's."""
        with self.store.transaction():
            found = self.tables.hall()
            if found is None:
                self.tables.make_hall(name, demo, self.clock())
            elif found.demo != demo:
                code = "is_a_demo" if found.demo else "is_a_real_hall"
                what = "演示数据" if found.demo else "正式大厅的数据"
                raise NotAllowed(code, f"这个文件是{what}，不能混用。请换一个数据文件。")
            elif found.name != name:
                self.tables.rename_hall(name)
        return self.hall()

    def secret(self, name: str) -> bytes:
        """Return a secret of the hall, made at its first use; a reader may ask for one too."""
        if (value := self.tables.secret(name)) is None:
            with self.store.transaction():
                value = self.tables.secret(name)  # another process may have been quicker
                if value is None:
                    value = random.token_hex(32)
                    self.tables.add_secret(name, value, self.clock())
        return bytes.fromhex(value)

    def secrets(self, name: str) -> list[bytes]:
        """Return a secret and those that took its place, the newest last: that one signs."""
        self.secret(name)
        return [bytes.fromhex(value) for _, value, _ in self.tables.secrets(name)]

    def rotate_secret(self, name: str, keep: Instant) -> None:
        """Sign with a new secret from now on; one replaced longer than ``keep`` ms ago is dropped.

        What was signed with an older one stays good until then.
        """
        self.secret(name)
        with self.store.transaction():
            now, known = self.clock(), self.tables.secrets(name)
            for (old, _, _), (_, _, replaced_at) in pairwise(known):
                if now - replaced_at > keep:
                    self.tables.drop_secret(old)
            self.tables.add_secret(f"{name} /{random.token_hex(4)}", random.token_hex(32), now)
            self.store.note(now, "secret_rotated", detail={"secret": name})

    # -- the catalogue --------------------------------------------------------------------------

    def catalogue(self) -> Catalogue:
        """Return the hall's catalogue, read again only after a change."""
        self._read_again_if_changed()
        return self._catalogue

    def _read_again_if_changed(self) -> None:
        others, _ = self.store.version()
        version = (others, self._own)
        if version == self._version:
            return
        self._catalogue = self.tables.catalogue()
        self._devices = {each.id: each for each in self._catalogue.devices if each.id is not None}
        self._keys = self.tables.key_hashes()
        self._marks = {number: key_hash[:16] for key_hash, number in self._keys.items()}
        self._version = version

    def adopt(self, catalogue: Catalogue, by: str = "") -> None:
        """Make the hall what a catalogue says; what it does not name is retired.

        Devices are added by role and name; the keys of those that stay are kept.
        """
        if found := problems(catalogue):
            raise BadCatalogue(found)
        with self.store.transaction():
            old, before = self.tables.catalogue(), self.administrators()
            for item in _all_items(catalogue):
                self._store(_with_known_id(item, old))
            self._retire_missing(old, catalogue)
            self._keep_somebody_in_charge(before, catalogue)
            self._note("catalogue_adopted", by, "")

    def administrators(self) -> list[Person]:
        """Return the administrators who can sign in: active, with a password."""
        return [
            each
            for each in self.tables.catalogue().people
            if each.active
            and each.role == "administrator"
            and self.tables.password_hash(each.staff_number)
        ]

    def _keep_somebody_in_charge(self, before: list[Person], new: Catalogue) -> None:
        """Never let an import lock everybody out: whom it does not name stays, if nobody else."""
        if not before or self.administrators():
            return
        staying = [each for each in before if each.staff_number not in new.person]
        if not staying:
            raise NotAllowed(
                "nobody_in_charge",
                "导入后将没有能登录的系统管理员，未作任何改动。请先给新的系统管理员设置密码。",
            )
        for each in staying:
            self.tables.save_person(each)

    def _retire_missing(self, old: Catalogue, new: Catalogue) -> None:
        gone: list[tuple[str, str | int]] = [
            *(("window", no) for no in old.window if no not in new.window),
            *(("service", code) for code in old.service if code not in new.service),
            *(("department", code) for code in old.department if code not in new.department),
            *(("zone", code) for code in old.zone if code not in new.zone),
            *(("person", number) for number in old.person if number not in new.person),
            *(("special_day", day) for day in old.special_day if day not in new.special_day),
        ]
        for kind, key in gone:
            self.tables.retire(kind, TABLES[kind], key)

    def save(self, item: Item, by: str = "") -> Item:
        """Store one thing of the catalogue, if the whole is right with it."""
        with self.store.transaction():
            changed = _with(self.tables.catalogue(), item)
            before = {(p.sheet, p.message) for p in problems(self.tables.catalogue())}
            if found := [p for p in problems(changed) if (p.sheet, p.message) not in before]:
                raise BadCatalogue(found)
            stored = self._store(item)
            self._note("catalogue_saved", by, f"{type(item).__name__} {_key(item)}")
        return stored

    def retire(self, kind: str, key: str | int, by: str = "") -> None:
        """Take something out of use; nothing is deleted, since old tickets still name it."""
        if kind not in TABLES:
            raise NotFound("unknown_kind", f"没有“{kind}”这类资料。")
        with self.store.transaction():
            if reason := _still_used(self.tables.catalogue(), kind, key):
                raise NotAllowed("still_used", reason)
            if not self.tables.retire(kind, TABLES[kind], key):
                raise NotFound("unknown_item", f"没有“{key}”。")
            self._note("catalogue_retired", by, f"{kind} {key}")

    def _store(self, item: Item) -> Item:
        match item:
            case Department():
                self.tables.save_department(item)
            case Zone():
                self.tables.save_zone(item)
            case Service():
                self.tables.save_service(item)
            case Window():
                self.tables.save_window(item)
            case Person():
                self.tables.save_person(item)
            case Device():
                return replace(item, id=self.tables.save_device(item, self.clock()))
            case SpecialDay():
                self.tables.save_special_day(item)
        return item

    def _note(self, event: str, by: str, detail: str) -> None:
        self.store.note(self.clock(), event, who=by, detail={"what": detail} if detail else None)
        self.store.after_commit(self._changed)

    def _changed(self) -> None:
        self._own += 1
        event = CatalogueChanged(self.store.last_seq(), self.clock(), tuple(self.catalogue().zone))
        for follower in self.followers:
            follower(event)

    # -- devices and keys -----------------------------------------------------------------------

    def mint_key(
        self,
        role: str,
        name: str,
        window: int | None = None,
        zone: str | None = None,
        printer: str = "",
        by: str = "",
    ) -> tuple[Device, str]:
        """Add a device and return it with its key, which is told this once."""
        if role not in DEVICE_ROLES:
            raise NotValid("unknown_role", f"角色须为 {'、'.join(DEVICE_ROLES)} 之一。")
        with self.store.transaction():
            device = self.save(Device(None, role, name, window, zone, printer), by)
            assert isinstance(device, Device)
            assert device.id is not None
            key = self.new_key(device.id, by)
        return device, key

    def new_key(self, device: int, by: str = "") -> str:
        """Give a device a new key and return it; the old one opens nothing any more."""
        key = random.token_urlsafe(24)
        with self.store.transaction():
            if device not in {each.id for each in self.tables.catalogue().devices}:
                raise NotFound("unknown_device", "没有这台设备。")
            self.tables.set_key(device, _hash(key))
            self._note("key_minted", by, str(device))
        return key

    def revoke(self, device: int, by: str = "") -> None:
        """Take a device's key away; whoever still holds it is refused from now on."""
        with self.store.transaction():
            if not self.tables.retire("device", "id", device):
                raise NotFound("unknown_device", "没有这台设备。")
            self.tables.set_key(device, None)
            self._note("key_revoked", by, str(device))

    def device_of_key(self, key: str) -> Device | None:
        """Return the active device a key belongs to."""
        self._read_again_if_changed()
        number = self._keys.get(_hash(key))
        return self._devices.get(number) if number is not None else None

    def device(self, number: int) -> Device | None:
        """Return an active device that holds a key."""
        self._read_again_if_changed()
        device = self._devices.get(number)
        return device if device and device.active and number in self._marks else None

    def key_mark(self, number: int) -> str | None:
        """Return what tells a device's key from the one after it, None without a key."""
        self._read_again_if_changed()
        return self._marks.get(number)

    # -- people ---------------------------------------------------------------------------------

    def person(self, staff_number: str) -> Person | None:
        """Return an active person."""
        person = self.catalogue().person.get(staff_number)
        return person if person and person.active else None

    def password_hash(self, staff_number: str) -> str | None:
        """Return the hash of a person's password, None without one."""
        return self.tables.password_hash(staff_number)

    def set_password_hash(self, staff_number: str, password_hash: str, by: str = "") -> None:
        """Store the hash of a person's new password."""
        with self.store.transaction():
            if not self.tables.set_password_hash(staff_number, password_hash):
                raise NotFound("unknown_person", f"没有工号“{staff_number}”。")
            self._note("password_set", by, staff_number)


def _hash(key: str) -> str:
    # Keys are 192 random bits: a plain hash cannot be guessed back, and it is asked at every tap.
    return hashlib.sha256(key.encode()).hexdigest()


def _all_items(catalogue: Catalogue) -> Iterable[Item]:
    yield from catalogue.departments
    yield from catalogue.zones
    yield from catalogue.services
    yield from catalogue.windows
    yield from catalogue.people
    yield from catalogue.devices
    yield from catalogue.special_days


def _with_known_id(item: Item, old: Catalogue) -> Item:
    if not isinstance(item, Device):
        return item
    # A workbook may come from another hall, whose ids mean other devices or none here.
    if (item.id, item.role) in {(each.id, each.role) for each in old.devices}:
        return item
    same = [each.id for each in old.devices if (each.role, each.name) == (item.role, item.name)]
    return replace(item, id=same[0] if same else None)


def _key(item: Item) -> str | int | None:
    match item:
        case Department() | Zone() | Service():
            return item.code
        case Window():
            return item.no
        case Person():
            return item.staff_number
        case SpecialDay():
            return item.day
    return item.id


SHEET_OF = {
    Department: "departments",
    Zone: "zones",
    Service: "services",
    Window: "windows",
    Person: "people",
    Device: "devices",
    SpecialDay: "special_days",
}


def _with(catalogue: Catalogue, item: Item) -> Catalogue:
    sheet = SHEET_OF[type(item)]
    others = [each for each in getattr(catalogue, sheet) if _key(each) != _key(item)]
    return replace(catalogue, **{sheet: (*others, item)})


def _still_used(catalogue: Catalogue, kind: str, key: str | int) -> str:
    users: list[str] = []
    if kind == "department":
        users = [each.name for each in catalogue.services if each.active and each.department == key]
        users += [
            each.shown_name for each in catalogue.windows if each.active and each.department == key
        ]
    if kind == "zone":
        users = [each.shown_name for each in catalogue.windows if each.active and each.zone == key]
    if not users:
        return ""
    return f"还有 {len(users)} 项在使用它（{'、'.join(users[:3])}…），请先改动或停用这些项。"
