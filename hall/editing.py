"""class Editing – the verbs that change what a hall consists of; each is kept in its history."""

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from hall import changes
from hall.administrators import OWN_ROLE, THREE, able, check_may_become, staying
from hall.catalogue import (
    Catalogue,
    Department,
    Device,
    HallText,
    Matter,
    Person,
    Problem,
    Service,
    SpecialDay,
    Window,
    Zone,
)
from hall.catalogue_rules import problems
from hall.catalogue_store import CatalogueStore
from hall.change_store import ChangeStore
from hall.changes import Fields
from hall.days import Clock
from hall.photo_store import PhotoStore
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.store import Store

Item = Department | Zone | Service | Window | Person | Device | SpecialDay | Matter | HallText
TABLES = {
    "department": "code",
    "zone": "code",
    "service": "code",
    "window": "no",
    "person": "staff_number",
    "device": "id",
    "special_day": "day",
    "matter": "code",
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


class Editing:
    """Changes the catalogue; whoever keeps it in memory hears of it after the commit."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.tables = CatalogueStore(store)
        self.history = ChangeStore(store)
        self.photos = PhotoStore(store)

    def adopt(self, catalogue: Catalogue, by: str = "", standing: Catalogue | None = None) -> None:
        """Make the hall what a catalogue says; what it does not name is retired.

        Devices are added by role and name; the keys of those that stay are kept, photographs too.
        Whoever imports stays, and of each of the three administrators those who can sign in.
        NotAllowed ``changed_meanwhile`` when the hall is no longer ``standing``, which was shown.
        """
        if found := problems(catalogue):
            raise BadCatalogue(found)
        with self.store.transaction():
            old = self.tables.catalogue()
            before = {role: self.able(role) for role in THREE}
            if standing is not None and old != standing:
                raise NotAllowed(
                    "changed_meanwhile",
                    "检查之后大厅数据又有改动，什么都没有导入。请重新检查这个工作簿。",
                )
            _check_own_role(old, catalogue, by)
            for item in _all_items(catalogue):
                self._put(_as_known(item, old), old, by, "workbook")
            stay = {by} if by in old.person else set()
            for role in THREE:
                stay |= staying(role, before[role], catalogue.person, self.able(role))
            self._retire_missing(old, catalogue, stay, by)
            self._note("catalogue_adopted", by, "")

    def able(self, role: str) -> list[Person]:
        """Return who can sign in with a role: active, with a password."""
        return able(self.tables.catalogue().people, self.tables.with_password(), role)

    def _retire_missing(self, old: Catalogue, new: Catalogue, stay: set[str], by: str) -> None:
        for sheet, kind in KINDS.items():
            if kind == "device":  # a key is revoked by hand, on the device's own page
                continue
            named = {_key(each) for each in getattr(new, sheet)} | stay
            for item in getattr(old, sheet):
                if _key(item) not in named and getattr(item, "active", True):
                    self._retire(item, by, "workbook")

    def save(self, item: Item, by: str = "") -> Item:
        """Store one thing of the catalogue, if the whole is right with it.

        Raises BadCatalogue, and for people what ``administrators.check_may_become`` refuses.
        """
        with self.store.transaction():
            old = self.tables.catalogue()
            changed = _with(old, item)
            before = {(p.sheet, p.message) for p in problems(old)}
            if found := [p for p in problems(changed) if (p.sheet, p.message) not in before]:
                raise BadCatalogue(found)
            if isinstance(item, Person):
                check_may_become(old.people, self.tables.with_password(), item, by)
            stored = self._put(item, old, by, changes.way_of(by))
            self._note("catalogue_saved", by, f"{type(item).__name__} {_key(item)}")
        return stored

    def retire(self, kind: str, key: str | int, by: str = "") -> None:
        """Take something out of use; nothing is deleted, since old tickets still name it."""
        if kind not in TABLES:
            raise NotFound("unknown_kind", f"没有“{kind}”这类资料。")
        with self.store.transaction():
            old = self.tables.catalogue()
            if reason := _still_used(old, kind, key):
                raise NotAllowed("still_used", reason)
            item = item_of(old, kind, key)
            if item is None:
                raise NotFound("unknown_item", f"没有“{key}”。")
            if isinstance(item, Person):
                gone = replace(item, active=False)
                check_may_become(old.people, self.tables.with_password(), gone, by)
            self._retire(item, by, changes.way_of(by))
            self._note("catalogue_retired", by, f"{kind} {key}")

    def _retire(self, item: Item, by: str, way: str) -> None:
        kind = KINDS[SHEET_OF[type(item)]]
        if isinstance(item, HallText):
            self.tables.save_text(replace(item, text="", text_en=""))
        else:
            key = _key(item)
            assert key is not None
            self.tables.retire(kind, TABLES[kind], key)
        if isinstance(item, Person):
            self.photos.drop(item.staff_number)
        if getattr(item, "active", True):
            self.remember(item, changes.RETIRED, {"active": [True, False]}, by, way)

    def _put(self, item: Item, old: Catalogue, by: str, way: str) -> Item:
        """Store a thing and what is new about it."""
        known = item_of(old, KINDS[SHEET_OF[type(item)]], _key(item))
        stored = self._store(item)
        if isinstance(item, Person) and not item.active:
            self.photos.drop(item.staff_number)
        if told := changes.fields_changed(known, item):
            self.remember(stored, changes.act_of(known, item), told, by, way)
        return stored

    def remember(self, item: Item, act: str, told: Fields, by: str, way: str) -> None:
        """Keep in the catalogue's history what was done to a thing, within a transaction."""
        kind, name = KINDS[SHEET_OF[type(item)]], changes.name_of(item)
        self.history.add(self.clock(), by, way, act, kind, str(_key(item)), name, told)

    # -- photographs ----------------------------------------------------------------------------

    def set_photo(self, staff_number: str, picture: bytes | None, by: str = "") -> None:
        """Store a person's photograph, a JPEG that ``manager.portraits`` made, or take it away.

        The same picture again changes nothing. NotFound for somebody who is not there (any more).
        """
        with self.store.transaction():
            person = self.tables.catalogue().person.get(staff_number)
            if person is None or not person.active:
                raise NotFound("unknown_person", f"没有工号“{staff_number}”。")
            mark = hashlib.sha256(picture).hexdigest()[:16] if picture else ""
            if mark == person.photo:
                return
            if picture:
                self.photos.save(staff_number, picture, mark, self.clock())
            else:
                self.photos.drop(staff_number)
            words = [
                changes.WITH_PHOTO if each else changes.WITHOUT_PHOTO
                for each in (person.photo, mark)
            ]
            told = {"photo": words}
            self.remember(person, changes.CHANGED, told, by, changes.way_of(by))
            self._note("photo_set" if picture else "photo_removed", by, staff_number)

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
            case Matter():
                self.tables.save_matter(item)
            case HallText():
                self.tables.save_text(item)
        return item

    def _note(self, event: str, by: str, detail: str) -> None:
        self.store.note(self.clock(), event, who=by, detail={"what": detail} if detail else None)
        self.store.after_commit(self._changed)

    def _changed(self) -> None:
        """Let whoever keeps the catalogue in memory read it again."""


def _check_own_role(old: Catalogue, new: Catalogue, by: str) -> None:
    was, becomes = old.person.get(by), new.person.get(by)
    if was and becomes and (was.role, was.active) != (becomes.role, becomes.active):
        raise NotAllowed("own_role", OWN_ROLE)


def _all_items(catalogue: Catalogue) -> Iterable[Item]:
    yield from catalogue.departments
    yield from catalogue.zones
    yield from catalogue.services
    yield from catalogue.windows
    yield from catalogue.people
    yield from catalogue.devices
    yield from catalogue.special_days
    yield from catalogue.matters
    yield from catalogue.texts


def _as_known(item: Item, old: Catalogue) -> Item:
    if not isinstance(item, Device):
        return item
    # A workbook may come from another hall, whose ids mean other devices or none here.
    if (item.id, item.role) in {(each.id, each.role) for each in old.devices}:
        return item
    same = [each.id for each in old.devices if (each.role, each.name) == (item.role, item.name)]
    return replace(item, id=same[0] if same else None)


def _key(item: Item) -> str | int | None:
    match item:
        case Department() | Zone() | Service() | Matter():
            return item.code
        case Window():
            return item.no
        case Person():
            return item.staff_number
        case SpecialDay():
            return item.day
        case HallText():
            return item.key
    return item.id


SHEET_OF = {
    Department: "departments",
    Zone: "zones",
    Service: "services",
    Window: "windows",
    Person: "people",
    Device: "devices",
    SpecialDay: "special_days",
    Matter: "matters",
    HallText: "texts",
}
# Windows before services, services before departments: what others stand on goes last.
KINDS = {
    "windows": "window",
    "matters": "matter",
    "services": "service",
    "departments": "department",
    "zones": "zone",
    "people": "person",
    "devices": "device",
    "special_days": "special_day",
    "texts": "text",
}
SHEETS = {kind: sheet for sheet, kind in KINDS.items()}


def item_of(catalogue: Catalogue, kind: str, key: str | int | None) -> Item | None:
    """Return a thing of a kind by its key."""
    things: tuple[Item, ...] = getattr(catalogue, SHEETS[kind])
    return next((each for each in things if key is not None and _key(each) == key), None)


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
