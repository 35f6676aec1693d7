"""All SQL of what a hall consists of: itself, its catalogue, people and devices."""

from dataclasses import dataclass
from typing import Any

from hall.access_store import AccessStore
from hall.catalogue import (
    Catalogue,
    Department,
    Device,
    HallText,
    Matter,
    Person,
    Service,
    SpecialDay,
    Window,
    Zone,
)
from hall.days import Instant


@dataclass(frozen=True, slots=True)
class HallRow:
    """The hall itself: its name, and whether all of it is a demonstration."""

    name: str
    demo: bool
    made_at: Instant


class CatalogueStore(AccessStore):
    """The tables of the catalogue; who may come in has a room of its own."""

    # -- hall -----------------------------------------------------------------------------------

    def hall(self) -> HallRow | None:
        """Return the hall this file belongs to."""
        found = self.store.row("select name, demo, made_at from hall")
        return HallRow(found[0], bool(found[1]), found[2]) if found else None

    def make_hall(self, name: str, demo: bool, at: Instant) -> None:
        """Say what this file is: a real hall's or a demonstration's, for good."""
        self.run("insert into hall (id, name, demo, made_at) values (1, ?, ?, ?)", (name, demo, at))

    def rename_hall(self, name: str) -> None:
        """Change the hall's name."""
        self.run("update hall set name = ?", (name,))

    # -- the catalogue --------------------------------------------------------------------------

    def catalogue(self) -> Catalogue:
        """Return all that is active, in its order; services and windows also when retired.

        Old tickets and figures still name a retired service or window.
        """
        rows = self.store.rows
        places: dict[int, list[str]] = {}
        helping: dict[int, list[str]] = {}
        for window, service, helps in rows(
            "select window, service, helping from window_service order by place"
        ):
            places.setdefault(window, []).append(service)
            if helps:
                helping.setdefault(window, []).append(service)
        return Catalogue(
            departments=tuple(
                Department(*each)
                for each in rows(
                    """
                    select code, name, name_en, sort from department
                    where active = 1 order by sort, code
                    """
                )
            ),
            zones=tuple(
                Zone(*each)
                for each in rows(
                    """
                    select code, name, name_en, sort from zone
                    where active = 1 order by sort, code
                    """
                )
            ),
            services=tuple(_service(each) for each in rows(SERVICES)),
            windows=tuple(
                Window(
                    *(no, name, zone, department),
                    services=tuple(places.get(no, ())),
                    active=bool(active),
                    helping=tuple(helping.get(no, ())),
                    category=category,
                )
                for no, name, zone, department, active, category in rows(
                    "select no, name, zone, department, active, category from window order by no"
                )
            ),
            people=tuple(_person(each) for each in rows(PEOPLE)),
            devices=tuple(_device(each) for each in rows(DEVICES)),
            special_days=tuple(
                SpecialDay(day, bool(is_open), hours, note)
                for day, is_open, hours, note in rows(
                    "select day, open, hours, note from special_day where active = 1 order by day"
                )
            ),
            matters=tuple(_matter(each) for each in rows(MATTERS)),
            texts=tuple(
                HallText(*each)
                for each in rows(
                    "select place, zone, text, text_en from hall_text order by place, zone"
                )
            ),
        )

    def save_department(self, each: Department) -> None:
        """Store a department."""
        self.run(
            """
            insert into department (code, name, name_en, sort) values (?, ?, ?, ?)
            on conflict (code) do update set name = excluded.name, name_en = excluded.name_en,
                sort = excluded.sort, active = 1
            """,
            (each.code, each.name, each.name_en, each.sort),
        )

    def save_zone(self, each: Zone) -> None:
        """Store a zone."""
        self.run(
            """
            insert into zone (code, name, name_en, sort) values (?, ?, ?, ?)
            on conflict (code) do update set name = excluded.name, name_en = excluded.name_en,
                sort = excluded.sort, active = 1
            """,
            (each.code, each.name, each.name_en, each.sort),
        )

    def save_service(self, each: Service) -> None:
        """Store a service."""
        self.run(
            """
            insert into service (code, name, name_en, prefix, department, common, sort,
                target_minutes, usual_minutes, open_weekdays, open_hours, quota_morning,
                quota_afternoon, active)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (code) do update set name = excluded.name, name_en = excluded.name_en,
                prefix = excluded.prefix, department = excluded.department,
                common = excluded.common, sort = excluded.sort,
                target_minutes = excluded.target_minutes,
                usual_minutes = excluded.usual_minutes, open_weekdays = excluded.open_weekdays,
                open_hours = excluded.open_hours, quota_morning = excluded.quota_morning,
                quota_afternoon = excluded.quota_afternoon, active = excluded.active
            """,
            (
                each.code,
                each.name,
                each.name_en,
                each.prefix,
                each.department,
                each.common,
                each.sort,
                each.target_minutes,
                each.usual_minutes,
                each.open_weekdays,
                each.open_hours,
                each.quota_morning,
                each.quota_afternoon,
                each.active,
            ),
        )

    def save_window(self, each: Window) -> None:
        """Store a window with its services in order."""
        self.run(
            """
            insert into window (no, name, zone, department, category, active)
            values (?, ?, ?, ?, ?, ?)
            on conflict (no) do update set name = excluded.name, zone = excluded.zone,
                department = excluded.department, category = excluded.category,
                active = excluded.active
            """,
            (each.no, each.name, each.zone, each.department, each.category, each.active),
        )
        self.run("delete from window_service where window = ?", (each.no,))
        for place, service in enumerate(each.services):
            self.run(
                "insert into window_service (window, service, place, helping) values (?, ?, ?, ?)",
                (each.no, service, place, service in each.helping),
            )

    def save_person(self, each: Person) -> None:
        """Store a person; the password stays, and the photograph."""
        self.run(
            """
            insert into person (staff_number, name, role, post, department, window, phone, active)
            values (?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (staff_number) do update set name = excluded.name, role = excluded.role,
                post = excluded.post, department = excluded.department,
                window = excluded.window, phone = excluded.phone, active = excluded.active
            """,
            (
                each.staff_number,
                each.name,
                each.role,
                each.post,
                each.department,
                each.window,
                each.phone,
                each.active,
            ),
        )

    def save_special_day(self, each: SpecialDay) -> None:
        """Store a day of the hall's own."""
        self.run(
            """
            insert into special_day (day, open, hours, note, active) values (?, ?, ?, ?, ?)
            on conflict (day) do update set open = excluded.open, hours = excluded.hours,
                note = excluded.note, active = excluded.active
            """,
            (each.day, each.open, each.hours, each.note, each.active),
        )

    def save_matter(self, each: Matter) -> None:
        """Store a matter."""
        self.run(
            """
            insert into matter (code, name, service, kind, promised_days, statutory_days, ways,
                sort, active)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            on conflict (code) do update set name = excluded.name, service = excluded.service,
                kind = excluded.kind, promised_days = excluded.promised_days,
                statutory_days = excluded.statutory_days, ways = excluded.ways,
                sort = excluded.sort, active = excluded.active
            """,
            (
                each.code,
                each.name,
                each.service,
                each.kind,
                each.promised_days,
                each.statutory_days,
                " ".join(each.ways),
                each.sort,
                each.active,
            ),
        )

    def save_text(self, each: HallText) -> None:
        """Store the hall's own words of a place; without words the place has the usual ones."""
        self.run(
            """
            insert into hall_text (place, zone, text, text_en) values (?, ?, ?, ?)
            on conflict (place, zone) do update set text = excluded.text,
                text_en = excluded.text_en
            """,
            (each.place, each.zone, each.text, each.text_en),
        )
        if not each.text and not each.text_en:
            self.run("delete from hall_text where place = ? and zone = ?", (each.place, each.zone))

    def retire(self, table: str, key_column: str, key: str | int) -> bool:
        """Mark a row as no longer in use; False when there is none."""
        return bool(
            self.run(f"update {table} set active = 0 where {key_column} = ?", (key,)).rowcount
        )

    # -- device ---------------------------------------------------------------------------------

    def save_device(self, each: Device, at: Instant) -> int:
        """Store a device and return its id; its key stays."""
        values: tuple[Any, ...] = (
            each.role,
            each.name,
            each.window,
            each.zone,
            each.printer,
            each.active,
        )
        if each.id is not None:
            self.run(
                """
                update device set role = ?, name = ?, window = ?, zone = ?, printer = ?, active = ?
                where id = ?
                """,
                (*values, each.id),
            )
            return each.id
        cursor = self.run(
            """
            insert into device (role, name, window, zone, printer, active, made_at)
            values (?, ?, ?, ?, ?, ?, ?)
            """,
            (*values, at),
        )
        return int(cursor.lastrowid or 0)


SERVICES = """
select code, name, name_en, prefix, department, common, active, sort, target_minutes, usual_minutes,
    open_weekdays, open_hours, quota_morning, quota_afternoon
from service order by sort, code
"""
PEOPLE = """
select staff_number, name, role, post, department, window, active, coalesce(photo.mark, ''), phone
from person left join photo on photo.person = staff_number order by staff_number
"""
MATTERS = """
select code, name, service, kind, promised_days, statutory_days, ways, active, sort
from matter order by sort, code
"""
DEVICES = """
select id, role, name, window, zone, printer, active from device order by id
"""


def _service(row: Any) -> Service:
    return Service(*(*row[:5], bool(row[5]), bool(row[6]), *row[7:]))


def _matter(row: Any) -> Matter:
    return Matter(*(*row[:6], tuple(row[6].split()), bool(row[7]), row[8]))


def _person(row: Any) -> Person:
    return Person(*(*row[:6], bool(row[6]), *row[7:]))


def _device(row: Any) -> Device:
    return Device(*(*row[:6], bool(row[6])))
