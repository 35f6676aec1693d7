"""No page holds what the hall's Content-Security-Policy would stop in front of a citizen."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hall.catalogue import Catalogue
from manager.workbook import read

ROOT = Path(__file__).resolve().parents[1]


class Page(HTMLParser):
    """Reads a template and notes what the Content-Security-Policy would stop."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self.stopped: list[str] = []
        # What Jinja puts in is not the template's; a tag must still parse around it.
        self.feed(re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note inline scripts, styles and handlers."""
        said = dict(attrs)
        if tag == "style":
            self.note("<style>")
        if tag == "script" and "src" not in said and said.get("type") != "application/json":
            self.note("a script without src")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.note(f"{name}= on <{tag}>")
            if (value or "").strip().lower().startswith("javascript:"):
                self.note(f"{name}=javascript: on <{tag}>")

    def note(self, what: str) -> None:
        """Keep what was found, with its line."""
        self.stopped.append(f"line {self.getpos()[0]}: {what}")


def test_no_template_holds_what_the_security_policy_stops() -> None:
    templates = list(ROOT.glob("[!.]*/templates/**/*.html"))
    assert templates
    stopped = [
        f"{path.relative_to(ROOT).as_posix()}, {what}"
        for path in sorted(templates)
        for what in Page(path.read_text("utf-8")).stopped
    ]
    assert not stopped, "\n" + "\n".join(stopped)


@pytest.mark.parametrize(
    ("template", "stopped"),
    [
        ("<p style='color: red'>", True),
        ("<button {% if open %}onclick='call()'{% endif %}>", True),
        ("<script>let x = 1</script>", True),
        ("<script type='module'>let x = 1</script>", True),
        ("<a href='javascript:call()'>", True),
        ("<style>p { color: red }</style>", True),
        ("<script type='application/json' id='page-data'>{{ data|tojson }}</script>", False),
        ("<script type='module' src='/static/kiosk.js'></script>", False),
        ("{# <p style=''> #}<p class='{{ state }}' data-once='1'>", False),
    ],
)
def test_the_reader_of_templates_sees_what_a_browser_would_stop(
    template: str, stopped: bool
) -> None:
    assert bool(Page(template).stopped) is stopped


def test_no_script_of_ours_makes_code_or_styles_out_of_text() -> None:
    makes = re.compile(r"\beval\(|new Function\(|\bstyle=[\"']|\bon[a-z]+=[\"']")
    found = [
        f"static/{path.name}: {match.group()}"
        for path in sorted((ROOT / "static").glob("*.js"))
        for match in makes.finditer(path.read_text("utf-8"))
    ]
    assert not found


# What people read is written here; refusals in hall/ and the texts of its settings are not.
WRITTEN = (
    *("api", "booking", "commandline", "demo", "display", "helpdesk", "kiosk", "manager"),
    *("monitor", "outbox", "rating", "static", "tools", "web", "window", "docs"),
)


def test_a_window_is_written_one_way_everywhere() -> None:
    files = [
        *(each for room in WRITTEN for each in (ROOT / room).rglob("*")),
        *(ROOT / each for each in ("README.md", "README.zh.md")),
    ]
    shown = [each for each in files if each.suffix in (".html", ".js", ".md", ".py")]
    assert len(shown) > 100
    apart = [
        f"{each.relative_to(ROOT)}, line {number}"
        for each in shown
        if each.name != "settings.md"  # made from hall/config.py
        for number, line in enumerate(each.read_text("utf-8").splitlines(), start=1)
        if " 号窗口" in line
    ]
    assert not apart, "write 3号窗口, as Window.shown_name does:\n" + "\n".join(apart)


def test_the_docs_start_screens_of_zones_that_the_shipped_hall_has() -> None:
    shipped = read((ROOT / "demo" / "hall.xlsx").read_bytes(), Catalogue()).zone
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = [
        zone
        for page in pages
        for zone in re.findall(r"/display\?zone=([\w-]+)", page.read_text("utf-8"), re.ASCII)
    ]
    assert "1F-A" in named
    assert set(named) <= set(shipped), named
