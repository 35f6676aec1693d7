"""class Register – the hall's own data: catalogue, people, devices and their keys."""

import hashlib
import secrets as random
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from hall import changes
from hall.access_store import Paired
from hall.administrators import first_days
from hall.catalogue import DEVICE_ROLES, Catalogue, Device, Person
from hall.catalogue_store import HallRow
from hall.days import Clock, Instant
from hall.editing import BadCatalogue, Editing, item_of
from hall.events import CatalogueChanged, Event
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.store import Store

__all__ = ["BadCatalogue", "Paired", "Register"]


class Register(Editing):
    """The hall's data: read often from memory, changed by few."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock)
        self._version: tuple[int, int] = (-1, -1)
        self._own = 0
        self._catalogue = Catalogue()
        self._devices: dict[int, Device] = {}
        self._keys: dict[str, int] = {}
        self._marks: dict[int, str] = {}
        self._with_password: frozenset[str] = frozenset()
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

    # -- sign-ins that ended --------------------------------------------------------------------

    def ended_sessions(self) -> dict[str, Instant]:
        """Return the marks of sign-ins that ended, and until when their cookies could be shown."""
        return self.tables.ended_sessions()

    def end_session(self, mark: str, until: Instant) -> None:
        """Keep that a sign-in ended: its cookie opens nothing, even after the server's restart."""
        with self.store.transaction():
            self.tables.end_session(mark, until)

    def forget_sessions(self, keep: int) -> None:
        """Forget sign-ins whose cookies have run out, all but the last ``keep`` to end."""
        with self.store.transaction():
            self.tables.forget_sessions(self.clock(), keep)

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
        self._with_password = self.tables.with_password()
        self._marks = {number: key_hash[:16] for key_hash, number in self._keys.items()}
        self._version = version

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

    def pair(self, device: Device, by: str, address: str, browser: str) -> Device:
        """Let a browser be a device from now on, a new one or one known by its id.

        Whatever held the device's key before is out; the new key is told to nobody.
        """
        with self.store.transaction():
            saved = self.save(replace(device, active=True), by)
            assert isinstance(saved, Device)
            assert saved.id is not None
            self.new_key(saved.id, by)
            self.tables.set_paired(saved.id, Paired(self.clock(), by, address, browser))
            self._note("device_paired", by, str(saved.id))
        return saved

    def paired(self) -> dict[int, Paired]:
        """Return when, by whom and where each device was paired last."""
        return self.tables.paired()

    def revoke(self, device: int, by: str = "") -> None:
        """Take a device's key away; whoever still holds it is refused from now on."""
        with self.store.transaction():
            known = item_of(self.tables.catalogue(), "device", device)
            if known is None:
                raise NotFound("unknown_device", "没有这台设备。")
            self._retire(known, by, changes.way_of(by))
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

    def prints(self, device: Device) -> bool:
        """Return whether a device's printer is in use: no key, nobody who takes a number."""
        return bool(device.printer) and self.device(device.id or 0) is not None

    def awaits_key(self, device: Device) -> bool:
        """Return whether a device is in the catalogue and waits to be paired."""
        return device.active and self.device(device.id or 0) is None

    def key_mark(self, number: int) -> str | None:
        """Return what tells a device's key from the one after it, None without a key."""
        self._read_again_if_changed()
        return self._marks.get(number)

    # -- people ---------------------------------------------------------------------------------

    def person(self, staff_number: str) -> Person | None:
        """Return an active person."""
        person = self.catalogue().person.get(staff_number)
        return person if person and person.active else None

    def first_days(self) -> bool:
        """Return whether an administrator acts as security too: nobody else can yet."""
        self._read_again_if_changed()
        return first_days(self._catalogue.people, self._with_password)

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
