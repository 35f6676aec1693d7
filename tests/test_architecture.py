"""Who may import whom: hall and rating know the rules, the faces show them, server.py joins.

The picture and its reasons stand in CONTRIBUTING.md. A new room or a new pure module is named here
first; a broken rule is told as a sentence.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

FACES = {"kiosk", "display", "window", "helpdesk", "manager", "api"}
# They build on the rooms that follow up ratings, and have a face beside their rules.
ON_CASES = {"figures", "ranking"}
# They build on hall and rating, know nothing of each other, and have a face beside their rules.
ON_RATING = {"cases", "monitor", "province"}
ROOMS = {
    "hall",
    "audit",
    "rating",
    "booking",
    "complaints",
    "outbox",
    "web",
    "demo",
    *ON_RATING,
    *FACES,
}
ROOMS |= ON_CASES | {"admission"}
ROOMS |= {"safety"}  # it keeps the file itself
ROOMS |= {"readiness"}
# It reports of all of them, and nobody but the pages reads it.
ON_ALL = {"reports", "privacy"}
ROOMS |= ON_ALL
# They build on hall, know nothing of each other, and have a face that lives beside their rules.
ON_HALL = {"admission", "audit", "rating", "booking", "complaints", "readiness", "safety"}
# Below the line that Flask may not cross; the outbox tells others of hall and rating.
RULES = {"hall", "outbox", *ON_HALL, *ON_RATING, *ON_CASES, *ON_ALL}
BUILDS_ON = {
    "hall": ((), "hall knows nothing of the rooms above it"),
    **{room: (("hall",), f"{room} builds on hall alone") for room in ON_HALL},
    **{room: (("hall", "rating"), f"{room} builds on hall and rating alone") for room in ON_RATING},
    **{
        room: (
            ("hall", "rating", "cases", "complaints", "figures"),
            f"{room} builds on what is followed up",
        )
        for room in ON_CASES
    },
    "outbox": (("hall", "rating"), "the outbox builds on hall and rating alone"),
    "privacy": (("hall", "rating"), "privacy builds on hall and rating alone"),
    "reports": (
        ("hall", "rating", "cases", "complaints", "monitor", "figures", "ranking"),
        "reports builds on the rooms it reports of",
    ),
}
# They join the rooms and are the command line; no room imports them.
JOINERS = {"server", "commandline", "schema", "upkeep"}
# They look at the house from outside; no room needs them.
OUTSIDE = {"tests", "bench", "tools", "faults"}

# The pages of the rooms on hall: faces that live beside their rules.
PAGES = {
    "admission.enrolling",
    "admission.known",
    "admission.lock_views",
    "admission.office_views",
    "admission.own_views",
    "admission.trying",
    "admission.views",
    "audit.views",
    "booking.api",
    "booking.models",
    "booking.views",
    "cases.pages",
    "cases.views",
    "complaints.lists",
    "complaints.pages",
    "complaints.views",
    "figures.views",
    "monitor.views",
    "privacy.views",
    "province.views",
    "ranking.pages",
    "ranking.public_views",
    "ranking.views",
    "readiness.views",
    "reports.running",
    "reports.views",
    "rating.channel",
    "rating.entry_views",
    "rating.load_views",
    "rating.oddity_views",
    "rating.second",
    "rating.views",
    "rating.window_views",
}

# Rules that touch nothing: no store, no desk, no SQL, no Flask, no clock.
PURE = {
    "admission.codes",
    "admission.lockout",
    "admission.pins",
    "admission.policy",
    "admission.steps",
    "audit.chain",
    "audit.masking",
    "audit.sheet",
    "audit.words",
    "booking.events",
    "booking.plans",
    "booking.rules",
    "booking.words",
    "cases.conditions",
    "cases.events",
    "cases.figures",
    "cases.forms",
    "cases.life",
    "cases.limits",
    "cases.rights",
    "cases.words",
    "complaints.drafting",
    "complaints.events",
    "complaints.life",
    "complaints.limits",
    "complaints.orders",
    "complaints.words",
    "display.speech",
    "figures.choosing",
    "figures.columns",
    "figures.export",
    "figures.opening",
    "figures.places",
    "figures.statistics",
    "figures.workbook",
    "hall.board",
    "hall.calendar",
    "hall.administrators",
    "hall.catalogue",
    "hall.catalogue_rules",
    "hall.cells",
    "hall.codes",
    "hall.changes",
    "hall.days",
    "hall.events",
    "hall.identity",
    "hall.line",
    "hall.matters",
    "hall.missing",
    "hall.priorities",
    "hall.refusals",
    "hall.services",
    "hall.shares",
    "hall.texts",
    "hall.tickets",
    "hall.undo",
    "hall.windows",
    "hall.workdays",
    "helpdesk.glance",
    "helpdesk.initials",
    "helpdesk.told",
    "kiosk.letters",
    "kiosk.slip",
    "manager.cells",
    "manager.columns",
    "manager.differences",
    "manager.forms",
    "manager.follow_ons",
    "manager.found",
    "manager.meanwhile",
    "manager.plans",
    "manager.portraits",
    "manager.sheets",
    "manager.telling",
    "monitor.advice",
    "monitor.board",
    "monitor.camera",
    "monitor.course",
    "monitor.events",
    "monitor.rules",
    "monitor.sight",
    "monitor.sightings",
    "outbox.webhooks",
    "privacy.handover",
    "privacy.inventory",
    "privacy.receipts",
    "privacy.rules",
    "province.adapter",
    "province.example",
    "province.pages",
    "province.record",
    "province.sm",
    "ranking.events",
    "ranking.frozen",
    "ranking.life",
    "ranking.rules",
    "rating.columns",
    "rating.events",
    "rating.forms",
    "rating.importing",
    "rating.levels",
    "rating.months",
    "rating.periods",
    "rating.oddities",
    "rating.passes",
    "rating.rights",
    "readiness.clocks",
    "readiness.findings",
    "readiness.judging",
    "readiness.sheet",
    "safety.condition",
    "safety.rotation",
    "safety.wal",
    "reports.anonymous",
    "reports.annexes",
    "reports.bulletin",
    "reports.charts",
    "reports.facts",
    "reports.jobs",
    "reports.parts",
    "reports.said",
    "reports.standard",
    "reports.wording",
    "web.staying",
}

# What a face may ask of hall and rating, besides the pure modules.
DOORS = {
    "admission.admission",
    "audit.log",
    "booking.bookings",
    "cases.cases",
    "complaints.complaints",
    "complaints.export",
    "figures.figures",
    "hall.config",
    "hall.desk",
    "hall.register",
    "hall.version",
    "monitor.export",
    "monitor.monitor",
    "privacy.privacy",
    "province.connector",
    "province.modes",
    "ranking.counting",
    "ranking.rankings",
    "rating.book",
    "rating.export",
    "reports.bulletins",
    "reports.exports",
    "reports.paper",
}

# Below the faces the standard library is enough, but for these.
LIBRARIES = {
    "audit.export": {"openpyxl"},
    "audit.migrations": {"sqlite_utils"},
    "admission.codes": {"pyotp"},
    "admission.common": {"zxcvbn"},
    "admission.migrations": {"sqlite_utils"},
    "admission.vault": {"cryptography"},
    "booking.migrations": {"sqlite_utils"},
    "cases.migrations": {"sqlite_utils"},
    "complaints.migrations": {"sqlite_utils"},
    "complaints.sheet": {"openpyxl"},
    "figures.migrations": {"sqlite_utils"},
    "figures.workbook": {"xlsxwriter"},
    "hall.backup_settings": {"pydantic"},
    "hall.calendar": {"chinese_calendar"},
    "hall.config": {"pydantic"},
    "hall.file": {"sqlite_utils"},
    "hall.hall_settings": {"pydantic"},
    "hall.migrations": {"sqlite_utils"},
    "hall.monitor_settings": {"pydantic"},
    "hall.outside_settings": {"pydantic"},
    "hall.privacy_settings": {"pydantic"},
    "hall.queue_settings": {"pydantic"},
    "hall.rating_settings": {"pydantic"},
    "hall.security_settings": {"pydantic"},
    "hall.standard_table": {"xlsxwriter"},
    "kiosk.letters": {"PIL"},
    "kiosk.slip": {"PIL", "qrcode"},
    "manager.portraits": {"PIL"},
    "monitor.migrations": {"sqlite_utils"},
    "outbox.migrations": {"sqlite_utils"},
    "outbox.notifiers": {"apprise"},
    "privacy.migrations": {"sqlite_utils"},
    "province.migrations": {"sqlite_utils"},
    "ranking.migrations": {"sqlite_utils"},
    "province.sm": {"cryptography"},
    "rating.export": {"xlsxwriter"},
    "reports.files": {"xlsxwriter"},
    "reports.migrations": {"sqlite_utils"},
    "rating.migrations": {"sqlite_utils"},
    "rating.oddity_migrations": {"sqlite_utils"},
    "rating.passes": {"itsdangerous"},
    "rating.tables": {"openpyxl"},
    "rating.rights": {"itsdangerous"},
    "readiness.asking": {"cryptography"},
}

# All small or all large: a sentence that begins with "Select" is none.
SQL = re.compile(
    r"\s*(select\b.+\bfrom|insert\s+into|update\b.+\bset|delete\s+from|with\b.+\bas\s*\(|"
    r"SELECT\b.+\bFROM|INSERT\s+INTO|UPDATE\b.+\bSET|DELETE\s+FROM|WITH\b.+\bAS\s*\()",
    re.DOTALL,
)
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}
KEEPERS_OF_TIME = {"datetime", "date", "days", "time", "dt"}


@dataclass(frozen=True)
class Module:
    """One Python file of the house and what it asks for."""

    name: str
    source: str

    @property
    def room(self) -> str:
        """The folder it stands in."""
        return self.name.partition(".")[0]

    @property
    def is_face(self) -> bool:
        """Whether it shows pages or answers programs, and is no pure rule."""
        in_a_face = self.room in FACES or self.name in PAGES
        return in_a_face and self.name not in PURE

    @property
    def is_rule(self) -> bool:
        """Whether it stands below the line that Flask may not cross."""
        ours = self.room in RULES and self.name not in PAGES
        return ours or self.name in PURE

    @property
    def keeps_a_store(self) -> bool:
        """Whether SQL lives here."""
        named = self.name == "hall.file" or self.name.endswith(("store", "migrations", "proof"))
        return self.room in RULES and named

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of its syntax tree, walked through once."""
        return list(ast.walk(ast.parse(self.source)))

    @cached_property
    def imports(self) -> set[str]:
        """Every module it imports, by its full name; `from hall import days` is hall.days."""
        found: set[str] = set()
        for node in self.nodes:
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found |= set(self.from_where(node))
        return found

    def from_where(self, node: ast.ImportFrom) -> Iterator[str]:
        """Name the modules behind one `from … import …`."""
        package = self.name.split(".")[: -node.level] if node.level else []
        module = ".".join([*package, *([node.module] if node.module else [])])
        if module in ROOMS | OUTSIDE:
            yield from (f"{module}.{alias.name}" for alias in node.names)
        else:
            yield module

    @property
    def of_the_house(self) -> set[str]:
        """The rooms' modules among its imports."""
        return {name for name in self.imports if name.partition(".")[0] in ROOMS}

    @property
    def of_others(self) -> set[str]:
        """Libraries among its imports that Python does not bring."""
        tops = {name.partition(".")[0] for name in self.imports}
        return tops - ROOMS - OUTSIDE - JOINERS - sys.stdlib_module_names


@cache
def house() -> list[Module]:
    """Read every room, once for all tests of this file."""
    files = [path for room in sorted(ROOMS) for path in sorted((ROOT / room).rglob("*.py"))]
    return [Module(module_name(path), path.read_text("utf-8")) for path in files]


def module_name(path: Path) -> str:
    """Return `hall.desk` for hall/desk.py and `hall` for hall/__init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def broken_rules(module: Module) -> Iterator[str]:
    """Say every rule a module breaks, as a sentence."""
    yield from broken_by_anyone(module)
    if module.is_rule:
        yield from broken_by_a_rule(module)
    if module.name in PURE:
        yield from broken_by_the_pure(module)
    if module.room in BUILDS_ON and module.is_rule:
        known, why = BUILDS_ON[module.room]
        yield from strangers(module, {*known, module.room}, why)
        for name in module.of_the_house & PAGES:
            yield f"{module.name} imports {name}: the rules of {module.room} know no pages."
    elif module.room == "web":
        known_to_web = {"hall", "web", *ON_HALL, *ON_RATING, *ON_CASES, *ON_ALL}
        yield from strangers(module, known_to_web, "web knows no face")
    elif module.is_face:
        yield from broken_by_a_face(module)


def strangers(module: Module, known: set[str], why: str) -> Iterator[str]:
    """Say which rooms a module knows and should not."""
    for name in sorted(module.of_the_house):
        if name.partition(".")[0] not in known:
            yield f"{module.name} imports {name}: {why}."


def broken_by_anyone(module: Module) -> Iterator[str]:
    """Say what no room does."""
    for name in sorted(module.imports):
        if name.partition(".")[0] in OUTSIDE | JOINERS:
            yield f"{module.name} imports {name}: no room imports what joins or watches the rooms."
    if module.keeps_a_store:
        return
    # The demo must know the errors of a file that turns out not to be its own.
    drivers = {"sqlite_utils"} if module.room == "demo" else {"sqlite3", "sqlite_utils"}
    for name in sorted(module.imports & drivers):
        yield f"{module.name} imports {name}: only a store opens the hall's file."
    for line in sorted(says_sql(module.nodes)):
        yield f"{module.name}, line {line}: SQL stands in a store, in migrations or in a proof."


def says_sql(nodes: Iterable[ast.AST]) -> Iterator[int]:
    """Yield the lines of texts that are statements."""
    for node in nodes:
        match node:
            case ast.Constant(value=str(text)) if SQL.match(text):
                yield node.lineno


def broken_by_a_rule(module: Module) -> Iterator[str]:
    """Say what does not belong below the line."""
    for name in sorted(module.of_others - LIBRARIES.get(module.name, set())):
        yield f"{module.name} imports {name}: rules need the standard library only."


def broken_by_the_pure(module: Module) -> Iterator[str]:
    """Say what touches the world in a module that must not."""
    for name in sorted(module.of_the_house - PURE):
        yield f"{module.name} imports {name}: a pure module imports pure modules."
    for name in sorted(module.imports & {"socket", "subprocess", "threading"}):
        yield f"{module.name} imports {name}: a pure module touches nothing."
    if module.name == "hall.days":  # the one place that reads the clock, for others to be given
        return
    for line in sorted(reads_the_clock(module.nodes)):
        yield f"{module.name}, line {line}: time is an argument of a rule, not read from a clock."


def reads_the_clock(nodes: Iterable[ast.AST]) -> Iterator[int]:
    """Yield the lines that say `datetime.now`, `days.now`, `time.time` …"""
    for node in nodes:
        match node:
            case ast.Attribute(value=ast.Name(id=keeper), attr=clock):
                if keeper in KEEPERS_OF_TIME and clock in CLOCKS:
                    yield node.lineno


def broken_by_a_face(module: Module) -> Iterator[str]:
    """Say what a face must not reach for."""
    for name in sorted(module.of_the_house):
        room = name.partition(".")[0]
        if room in FACES - {module.room} and name not in PURE:
            yield f"{module.name} imports {name}: a face knows no other face."
        elif room in RULES - {module.room} and name not in PURE | DOORS:
            yield f"{module.name} imports {name}: a face asks the desk, the register or the book."
        elif room in ON_HALL | ON_RATING | ON_CASES and name.endswith((".store", ".migrations")):
            yield f"{module.name} imports {name}: a face sees no store."
        elif room == "demo":
            yield f"{module.name} imports {name}: a real hall knows nothing of the demo."


def test_every_room_keeps_its_rules() -> None:
    broken = [sentence for module in house() for sentence in broken_rules(module)]
    assert not broken, "\n" + "\n".join(broken)


def test_every_folder_with_python_in_it_is_a_room_with_rules() -> None:
    folders = {path.parent.name for path in ROOT.glob("[!.]*/*.py")}
    assert folders - {"build"} <= ROOMS | OUTSIDE | JOINERS
    assert {path.stem for path in ROOT.glob("*.py")} <= JOINERS


def test_a_module_called_pure_exists() -> None:
    names = {module.name for module in house()}
    assert names >= PURE | PAGES | DOORS | set(LIBRARIES)


def test_the_pure_modules_import_each_other_downwards() -> None:
    below = {module.name: module.of_the_house & PURE for module in house() if module.name in PURE}
    while leaves := {name for name, imports in below.items() if not imports & set(below)}:
        below = {name: imports for name, imports in below.items() if name not in leaves}
    assert not below, f"these import each other in a circle: {sorted(below)}"


@pytest.mark.parametrize(
    ("name", "source", "sentence"),
    [
        ("hall.desk", "import flask", "standard library only"),
        ("hall.desk", "from rating.book import Book", "nothing of the rooms above"),
        ("hall.line", "from hall.store import Store", "imports pure modules"),
        ("hall.line", "from datetime import datetime\nat = datetime.now()", "time is an argument"),
        ("hall.line", "from hall import days\nat = days.now()", "time is an argument"),
        ("hall.desk", "row = 'select * from ticket'", "SQL stands in a store"),
        ("rating.book", "import flask_socketio", "standard library only"),
        ("rating.book", "from web.current import desk", "builds on hall alone"),
        ("rating.book", "from rating import views", "know no pages"),
        ("rating.views", "from rating.store import Ratings", "sees no store"),
        ("rating.views", "from hall import store", "asks the desk"),
        ("booking.bookings", "from rating.book import Book", "builds on hall alone"),
        ("booking.views", "from booking.store import Appointments", "sees no store"),
        ("booking.rules", "from hall.desk import Desk", "imports pure modules"),
        ("outbox.outbox", "from web.current import desk", "builds on hall and rating alone"),
        ("outbox.outbox", "from rating.views import blueprint", "know no pages"),
        ("outbox.posting", "import requests", "standard library only"),
        ("web.live", "from kiosk import views", "web knows no face"),
        ("kiosk.views", "from window.views import blueprint", "knows no other face"),
        ("kiosk.views", "from hall.store import Store", "asks the desk"),
        ("kiosk.views", "import sqlite3", "only a store opens"),
        ("hall.desk", "import sqlite3", "only a store opens"),
        ("kiosk.views", "from demo.life import live", "nothing of the demo"),
        ("kiosk.views", "from server import create_app", "no room imports what joins"),
        ("kiosk.slip", "import gevent", "standard library only"),
        ("kiosk.slip", "from . import printing", "imports pure modules"),
    ],
)
def test_a_broken_rule_is_told_as_a_sentence(name: str, source: str, sentence: str) -> None:
    assert any(sentence in said for said in broken_rules(Module(name, source)))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("hall.desk", "import logging\nfrom hall import store"),
        ("hall.file", "import sqlite_utils\nrow = 'select * from ticket'"),
        ("rating.views", "import flask\nfrom rating.book import Book\nfrom web import current"),
        ("kiosk.views", "import flask\nfrom hall.desk import Desk\nfrom kiosk import slip"),
        ("kiosk.views", "sentence = 'Select a service from the list.'"),
        ("display.views", "from hall import board, tickets"),
        ("demo.life", "from manager.workbook import read\nfrom hall.store import Store"),
    ],
)
def test_what_a_room_needs_it_may_have(name: str, source: str) -> None:
    assert not list(broken_rules(Module(name, source)))
