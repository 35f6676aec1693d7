"""docs/asvs.md: every requirement once, and every test and file it names is there."""

import re
from collections import Counter
from functools import cache
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent
PAGE = (HOUSE / "docs" / "asvs.md").read_text("utf-8")
# ASVS 5.0.0: so many requirements of levels 1 and 2 each section has; those of level 3 come last.
SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1
4.3:2 4.4:4 5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2
7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2
10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5
14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2
"""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (.+) \| (.+) \|$", re.MULTILINE)
ID = re.compile(r"(\d+\.\d+)\.(\d+)(?:–\d+\.\d+\.(\d+))?")
TEST = re.compile(r"`(test_\w+\.py)(?:::(test_\w+))?`")
FILE = re.compile(r"`([\w./-]+\.(?:py|md|txt|toml|service))`")
COMMAND = re.compile(r"command `(?:python -m (\w+) (\w+)|make (\w+))`")
WITHOUT_A_TEST = 25


def of_the_standard() -> set[str]:
    counts = (each.split(":") for each in SECTIONS.split())
    return {f"{section}.{number}" for section, most in counts for number in range(1, int(most) + 1)}


def not_applicable() -> list[str]:
    found = []
    for block in re.findall(r"^Does not apply: (.+?)(?:\n\n|\Z)", PAGE, re.MULTILINE | re.DOTALL):
        told = re.sub(r"\([^)]*\)", "", block)  # the reasons
        for section, first, last in ID.findall(told):
            numbers = range(int(first), int(last or first) + 1)
            found += [f"{section}.{number}" for number in numbers]
    return found


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall(PAGE.partition("\n## V1 ")[2])


@cache
def text_of(name: str) -> str:
    return (HOUSE / "tests" / name).read_text("utf-8")


def test_every_requirement_of_levels_1_and_2_stands_here_once() -> None:
    asked = of_the_standard()
    assert len(asked) == 253
    told = Counter([each[0] for each in rows()] + not_applicable())
    assert not [each for each, count in told.items() if count > 1]
    assert told.keys() == asked


def test_what_is_short_is_listed_first_and_counted() -> None:
    short = {
        number: found[1]
        for number, _, how, _ in rows()
        if (found := re.search(r"\bshort \((in part|not met)\):", how))
    }
    assert sum("short" in each[2] for each in rows()) == len(short)
    first = PAGE.partition("## What is short")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| (\d+\.\d+\.\d+) \| (in part|not met) \|", first, re.MULTILINE)
    assert dict(listed) == short
    assert len(listed) == len(short)
    counts = Counter(short.values())
    told = (
        f"Of 253: {len(rows()) - len(short)} met, {counts['in part']} met in part, "
        f"{counts['not met']} not met, {len(not_applicable())} do not apply."
    )
    assert told in first


def test_what_shows_each_requirement_exists() -> None:
    lost = []
    for number, _, _, shown in rows():
        if not (TEST.search(shown) or COMMAND.search(shown) or shown == "read"):
            lost.append(f"{number}: {shown}")
        for file, name in TEST.findall(shown):
            if name and not re.search(rf"^def {name}\(", text_of(file), re.MULTILINE):
                lost.append(f"{number}: {file}::{name}")
        for package, module, target in COMMAND.findall(shown):
            made = f"\n{target}:" in (HOUSE / "Makefile").read_text("utf-8")
            if not (HOUSE / package / f"{module}.py").is_file() if package else not made:
                lost.append(f"{number}: {shown}")
    assert not lost


def test_every_file_named_exists_and_few_rows_are_only_read() -> None:
    named = {each for each in FILE.findall(PAGE) if not each.startswith("test_")}
    lost = [
        each for each in named if not ((HOUSE / each).exists() or (HOUSE / "docs" / each).exists())
    ]
    assert not lost
    assert sum(each[3] == "read" for each in rows()) <= WITHOUT_A_TEST


def test_no_page_mixes_query_form_and_cookies() -> None:
    folders = [each for each in HOUSE.iterdir() if (each / "__init__.py").exists()]
    mixed = [
        str(file.relative_to(HOUSE))
        for folder in folders
        for file in folder.rglob("*.py")
        if "request.values" in file.read_text("utf-8")
    ]
    assert not mixed
