"""What a hall consists of: departments, zones, services, windows, people, devices; pure."""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cached_property

from hall.days import wall_spans

DEVICE_ROLES = ("kiosk", "display", "window", "evaluator", "manager", "program")
PHONE = re.compile(r"1[0-9]{10}")
PERSON_ROLES = ("clerk", "guide", "handler", "inspector", "leader", "manager", "administrator")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}")
PREFIX = re.compile(r"[A-Z]{1,2}")
HIGHEST_WINDOW = 999
HIGHEST_QUOTA = 9999
WEEKDAYS = re.compile(r"[1-7]{0,7}")


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
    """Where a clerk sits; its services in order, of which ``helping`` only when no other waits."""

    no: int
    name: str
    zone: str
    department: str
    services: tuple[str, ...] = ()
    active: bool = True
    helping: tuple[str, ...] = ()

    @property
    def shown_name(self) -> str:
        """Return the name on screens: its own, or the plain number."""
        return self.name or f"{self.no}号窗口"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in; a clerk may have a window of their own."""

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


def problems(catalogue: Catalogue) -> list[Problem]:
    """Return everything that is wrong with a catalogue, all at once."""
    return [
        *_twice("departments", "code", [each.code for each in catalogue.departments]),
        *_twice("zones", "code", [each.code for each in catalogue.zones]),
        *_twice("services", "code", [each.code for each in catalogue.services]),
        *_twice("windows", "no", [each.no for each in catalogue.windows]),
        *_twice("people", "staff_number", [each.staff_number for each in catalogue.people]),
        *_in_departments(catalogue),
        *_in_zones(catalogue),
        *_in_services(catalogue),
        *_in_windows(catalogue),
        *_in_people(catalogue),
        *_in_devices(catalogue),
        *_twice("special_days", "day", [each.day for each in catalogue.special_days]),
        *_in_special_days(catalogue),
    ]


def _twice(sheet: str, column: str, keys: Sequence[Hashable]) -> Iterator[Problem]:
    often = {key for key, count in Counter(keys).items() if count > 1}
    for row, key in enumerate(keys):
        if key in often and key in keys[:row]:
            yield Problem(sheet, row, column, f"“{key}”重复，每个编码只能出现一次。")


def _bad_text(sheet: str, row: int, column: str, text: str, most: int) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(sheet, row, column, "不能为空。")
    elif len(text) > most:
        yield Problem(sheet, row, column, f"最多 {most} 个字，现有 {len(text)} 个。")


def _bad_code(sheet: str, row: int, column: str, code: str) -> Iterator[Problem]:
    if not CODE.fullmatch(code):
        yield Problem(
            sheet, row, column, f"“{code}”不是编码：用字母、数字、点、横线，最多 40 个字符。"
        )


def _in_departments(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.departments):
        yield from _bad_code("departments", row, "code", each.code)
        yield from _bad_text("departments", row, "name", each.name, 60)


def _in_zones(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.zones):
        yield from _bad_code("zones", row, "code", each.code)
        yield from _bad_text("zones", row, "name", each.name, 40)


def _in_services(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.services):
        yield from _bad_code("services", row, "code", each.code)
        yield from _bad_text("services", row, "name", each.name, 60)
        if not PREFIX.fullmatch(each.prefix):
            yield Problem("services", row, "prefix", "号码前缀须为一个或两个大写字母。")
        if each.active and each.department not in catalogue.department:
            yield Problem("services", row, "department", f"没有部门“{each.department}”。")
        for column in ("target_minutes", "usual_minutes"):
            if not 1 <= getattr(each, column) <= 600:
                yield Problem("services", row, column, "分钟数须在 1 到 600 之间。")
        for column in ("quota_morning", "quota_afternoon"):
            if not 0 <= getattr(each, column) <= HIGHEST_QUOTA:
                yield Problem("services", row, column, f"限号须在 0 到 {HIGHEST_QUOTA} 之间。")
        if not WEEKDAYS.fullmatch(each.open_weekdays):
            yield Problem("services", row, "open_weekdays", "写星期几的数字，如 135；周一是 1。")
        yield from _bad_hours("services", row, "open_hours", each.open_hours)


def _bad_hours(sheet: str, row: int, column: str, text: str) -> Iterator[Problem]:
    try:
        wall_spans(text)
    except ValueError:
        yield Problem(sheet, row, column, "时间须写作 08:30-12:00,13:30-17:00 的样子。")


def _in_windows(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.windows):
        if not 1 <= each.no <= HIGHEST_WINDOW:
            yield Problem("windows", row, "no", f"窗口号须在 1 到 {HIGHEST_WINDOW} 之间。")
        if len(each.name) > 40:
            yield Problem("windows", row, "name", "最多 40 个字。")
        if each.active and each.zone not in catalogue.zone:
            yield Problem("windows", row, "zone", f"没有分区“{each.zone}”。")
        if each.active and each.department not in catalogue.department:
            yield Problem("windows", row, "department", f"没有部门“{each.department}”。")
        yield from _bad_services(catalogue, row, each)


def _bad_services(catalogue: Catalogue, row: int, each: Window) -> Iterator[Problem]:
    for code in each.services:
        if code not in catalogue.service:
            yield Problem("windows", row, "services", f"没有业务“{code}”。")
    if len(set(each.services)) < len(each.services):
        yield Problem("windows", row, "services", "同一业务写了两次。")
    for code in each.helping:
        if code not in each.services:
            yield Problem("windows", row, "helping", f"协办的“{code}”须同时列在业务里。")


def _in_people(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.people):
        yield from _bad_code("people", row, "staff_number", each.staff_number)
        yield from _bad_text("people", row, "name", each.name, 40)
        if each.role not in PERSON_ROLES:
            yield Problem("people", row, "role", f"角色须为 {'、'.join(PERSON_ROLES)} 之一。")
        if each.department is not None and each.department not in catalogue.department:
            yield Problem("people", row, "department", f"没有部门“{each.department}”。")
        if each.window is not None and each.window not in catalogue.window:
            yield Problem("people", row, "window", f"没有 {each.window} 号窗口。")
        if each.phone and not PHONE.fullmatch(each.phone):
            yield Problem("people", row, "phone", "手机号码须为 11 位数字。")


def _in_devices(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.devices):
        yield from _bad_text("devices", row, "name", each.name, 60)
        if each.role not in DEVICE_ROLES:
            yield Problem("devices", row, "role", f"角色须为 {'、'.join(DEVICE_ROLES)} 之一。")
        if each.window is not None and each.window not in catalogue.window:
            yield Problem("devices", row, "window", f"没有 {each.window} 号窗口。")
        if each.role == "evaluator" and each.window is None:
            yield Problem("devices", row, "window", "评价器只评价自己的窗口，须写明窗口号。")
        if each.zone is not None and each.zone not in catalogue.zone:
            yield Problem("devices", row, "zone", f"没有分区“{each.zone}”。")


def _in_special_days(catalogue: Catalogue) -> Iterator[Problem]:
    for row, each in enumerate(catalogue.special_days):
        try:
            date.fromisoformat(each.day)
        except ValueError:
            yield Problem("special_days", row, "day", f"“{each.day}”不是日期，须写作 2026-10-01。")
        yield from _bad_hours("special_days", row, "hours", each.hours)
        if len(each.note) > 40:
            yield Problem("special_days", row, "note", "最多 40 个字。")


SHEETS = tuple(each.name for each in fields(Catalogue))
