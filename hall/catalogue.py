"""What a hall consists of: departments, zones, services, matters, windows, people; pure."""

from dataclasses import dataclass, field
from functools import cached_property

DEVICE_ROLES = ("kiosk", "display", "window", "evaluator", "manager", "program")
PERSON_ROLES = (
    "clerk",
    "guide",
    "handler",
    "inspector",
    "leader",
    "manager",
    "administrator",
    "security",
    "audit",
)


@dataclass(frozen=True, slots=True)
class Department:
    """A unit that sends clerks to the hall."""

    code: str
    name: str
    name_en: str = ""
    sort: int = 0


@dataclass(frozen=True, slots=True)
class Zone:
    """A floor or a part of the hall whose screens show the same calls."""

    code: str
    name: str
    name_en: str = ""
    sort: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """What a citizen comes for; minutes are the target wait and the usual length of a visit.

    Its own weekdays (digits, 1 is Monday) and hours narrow the hall's; a quota of 0 is none.
    """

    code: str
    name: str
    name_en: str
    prefix: str
    department: str
    common: bool = False
    active: bool = True
    sort: int = 0
    target_minutes: int = 30
    usual_minutes: int = 8
    open_weekdays: str = ""
    open_hours: str = ""
    quota_morning: int = 0
    quota_afternoon: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """Where a clerk sits; its services in order, of which ``helping`` only when no other waits.

    Windows are ranked among those of one ``category`` (综合, 专业, 单一).
    """

    no: int
    name: str
    zone: str
    department: str
    services: tuple[str, ...] = ()
    active: bool = True
    helping: tuple[str, ...] = ()
    category: str = ""

    @property
    def shown_name(self) -> str:
        """Return the name on screens: its own, or the plain number."""
        return self.name or f"{self.no}号窗口"

    @property
    def numbered_name(self) -> str:
        """Return the name among many of one name: 3号 综合窗口; the number stands there once."""
        number = f"{self.no}号"
        return self.shown_name if self.shown_name.startswith(number) else f"{number} {self.name}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in; a clerk may have a window of their own.

    ``photo`` tells their photograph from the one before it, empty without one.
    """

    staff_number: str
    name: str
    role: str
    post: str = ""
    department: str | None = None
    window: int | None = None
    active: bool = True
    photo: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Device:
    """A machine or program with a key; a kiosk may have a printer such as tcp://host:9100."""

    id: int | None
    role: str
    name: str
    window: int | None = None
    zone: str | None = None
    printer: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day of the hall's own: closed, or open; ``hours`` such as 09:00-12:00, else as usual."""

    day: str
    open: bool = False
    hours: str = ""
    note: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Matter:
    """What is applied for (事项), under a service: 即办件 ``at_once`` or 承诺件 ``promised``.

    Days are working days: within how many the hall promises, and the law demands, an answer; 0 of
    the law is none named.
    """

    code: str
    name: str
    service: str
    kind: str = "promised"
    promised_days: int = 0
    statutory_days: int = 0
    ways: tuple[str, ...] = ("window",)
    active: bool = True
    sort: int = 0


@dataclass(frozen=True, slots=True)
class HallText:
    """Words of the hall's own on slips and screens (``hall.texts``); a zone's own before all's."""

    place: str
    zone: str = ""
    text: str = ""
    text_en: str = ""

    @property
    def key(self) -> str:
        """Return what tells it from the others: slip_foot, display_notice@1F-A."""
        return f"{self.place}@{self.zone}" if self.zone else self.place


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field of one row; ``row`` counts from 0 in its tuple."""

    sheet: str
    row: int
    column: str
    message: str


@dataclass(frozen=True)
class Catalogue:
    """The whole hall as data."""

    departments: tuple[Department, ...] = ()
    zones: tuple[Zone, ...] = ()
    services: tuple[Service, ...] = ()
    windows: tuple[Window, ...] = ()
    people: tuple[Person, ...] = ()
    devices: tuple[Device, ...] = field(default=())
    special_days: tuple[SpecialDay, ...] = ()
    matters: tuple[Matter, ...] = ()
    texts: tuple[HallText, ...] = ()

    @cached_property
    def department(self) -> dict[str, Department]:
        """Departments by code."""
        return {each.code: each for each in self.departments}

    @cached_property
    def zone(self) -> dict[str, Zone]:
        """Zones by code."""
        return {each.code: each for each in self.zones}

    @cached_property
    def service(self) -> dict[str, Service]:
        """Services by code."""
        return {each.code: each for each in self.services}

    @cached_property
    def window(self) -> dict[int, Window]:
        """Windows by number."""
        return {each.no: each for each in self.windows}

    def keys(self, by: str) -> list[str]:
        """Return the keys of what figures are told by, in the hall's order; else the zones'."""
        match by:
            case "window":
                return [str(each.no) for each in self.windows]
            case "clerk":
                return [each.staff_number for each in self.people]
            case "service":
                return [each.code for each in self.services]
            case "department":
                return [each.code for each in self.departments]
        return [each.code for each in self.zones]

    def department_of(self, by: str, key: str) -> str:
        """Return the name of a window's, clerk's or service's department, empty for none."""
        code: str | None = None
        match by:
            case "window":
                window = self.window.get(int(key)) if key.isdecimal() else None
                code = window.department if window else None
            case "clerk":
                person = self.person.get(key)
                code = person.department if person else None
            case "service":
                service = self.service.get(key)
                code = service.department if service else None
        found = self.department.get(code or "")
        return found.name if found else ""

    @cached_property
    def evaluated(self) -> frozenset[int]:
        """The windows with an evaluator of their own."""
        return frozenset(
            each.window
            for each in self.devices
            if each.role == "evaluator" and each.active and each.window is not None
        )

    @cached_property
    def person(self) -> dict[str, Person]:
        """People by staff number."""
        return {each.staff_number: each for each in self.people}

    @cached_property
    def matter(self) -> dict[str, Matter]:
        """Matters by code."""
        return {each.code: each for each in self.matters}

    @cached_property
    def text(self) -> dict[str, HallText]:
        """The hall's own words by their key."""
        return {each.key: each for each in self.texts}

    def words(self, place: str, zone: str = "") -> str:
        """Return the hall's own words of a place, a zone's before all's; empty for none."""
        found = self.text.get(f"{place}@{zone}") or self.text.get(place)
        return found.text if found else ""

    def words_en(self, place: str) -> str:
        """Return the hall's own English words of a place, empty for none."""
        found = self.text.get(place)
        return found.text_en if found else ""

    @cached_property
    def special_day(self) -> dict[str, SpecialDay]:
        """The hall's own days by day."""
        return {each.day: each for each in self.special_days if each.active}

    @cached_property
    def windows_of(self) -> dict[str, tuple[Window, ...]]:
        """The active windows of each service, by number."""
        found: dict[str, list[Window]] = {each.code: [] for each in self.services}
        for window in sorted(self.windows, key=lambda each: each.no):
            for code in window.services if window.active else ():
                found.setdefault(code, []).append(window)
        return {code: tuple(windows) for code, windows in found.items()}

    @cached_property
    def zones_of(self) -> dict[str, tuple[str, ...]]:
        """The zones in which a service is called."""
        return {
            code: tuple(sorted({window.zone for window in windows}))
            for code, windows in self.windows_of.items()
        }

    @cached_property
    def services_in(self) -> dict[str, tuple[Service, ...]]:
        """The active services that are called in a zone, in their order."""
        found: dict[str, list[Service]] = {each.code: [] for each in self.zones}
        for service in self.services:
            for zone in self.zones_of[service.code] if service.active else ():
                found.setdefault(zone, []).append(service)
        return {zone: tuple(services) for zone, services in found.items()}

    @cached_property
    def windows_in(self) -> dict[str, tuple[Window, ...]]:
        """The active windows of a zone, by number."""
        found: dict[str, list[Window]] = {each.code: [] for each in self.zones}
        for window in sorted(self.windows, key=lambda each: each.no):
            if window.active:
                found.setdefault(window.zone, []).append(window)
        return {zone: tuple(windows) for zone, windows in found.items()}

    @cached_property
    def clerk_of(self) -> dict[int, Person]:
        """The clerk assigned to each window."""
        return {
            each.window: each
            for each in reversed(self.people)
            if each.window is not None and each.active and each.role == "clerk"
        }
