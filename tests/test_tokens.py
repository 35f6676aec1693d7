"""The two layers of colours: every pair of meanings that stand together can be read."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[1] / "static"
TOKENS = (STATIC / "tokens.css").read_text(encoding="utf-8")
STATES = ("waiting", "called", "serving", "alarm")
PAIRS = (
    ("text", "ground"),
    ("text", "surface"),
    ("text-quiet", "ground"),
    ("text-quiet", "surface"),
    ("text-quiet", "waiting-ground"),
    ("action", "ground"),
    ("action", "surface"),
    ("action", "action-ground"),
    ("action-pressed", "action-ground"),
    ("action-text", "action"),
    ("on-identity", "identity"),
    ("demo", "demo-ground"),
    *((state, f"{state}-ground") for state in STATES),
    *((state, "surface") for state in STATES),
    *((state, "ground") for state in STATES),
)
# WCAG 2.2 AA for pages; look.md asks 7:1 of screens that are read from 8 m.
PAGE, SCREEN = 4.5, 7.0


def tokens_of(*selectors: str) -> dict[str, str]:
    """Return the tokens of some rules, the later ones over the earlier."""
    found: dict[str, str] = {}
    for selector in selectors:
        for block in re.findall(
            rf"^{re.escape(selector)} {{(.*?)^}}", TOKENS, re.DOTALL | re.MULTILINE
        ):
            found.update(re.findall(r"--([\w-]+): ([^;]+);", block))
    return found


LIGHT = tokens_of(":root")
DARK = tokens_of(":root", ".hall-screen")


def colour(tokens: dict[str, str], name: str) -> str:
    """Return what a token comes to in the end."""
    value = tokens[name]
    while reference := re.fullmatch(r"var\(--([\w-]+)\)", value):
        value = tokens[reference[1]]
    return value


def brightness(colour: str) -> float:
    """Return WCAG's relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(tokens: dict[str, str], one: str, other: str) -> float:
    """Return how far apart two meanings are, 1 to 21."""
    dark, light = sorted(brightness(colour(tokens, name)) for name in (one, other))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    known = {"black": "#000000", "white": "#ffffff", "grey": "#767676"}
    assert contrast(known, "black", "white") == pytest.approx(21)
    assert contrast(known, "grey", "white") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("words", "ground"), PAIRS)
def test_words_can_be_read_on_pages_and_from_eight_metres(words: str, ground: str) -> None:
    assert contrast(LIGHT, words, ground) >= PAGE
    assert contrast(DARK, words, ground) >= SCREEN


def test_every_state_has_its_own_colour() -> None:
    for tokens in (LIGHT, DARK):
        assert len({colour(tokens, state) for state in STATES}) == len(STATES)


@pytest.mark.parametrize("sheet", sorted(STATIC.glob("*.css")), ids=lambda sheet: sheet.name)
def test_styles_speak_of_meanings_and_never_of_colours(sheet: Path) -> None:
    if sheet.name in {"tokens.css", "fonts.css"}:
        return
    style = sheet.read_text(encoding="utf-8")
    first_layer = {name for name, value in LIGHT.items() if value.startswith("#")} - {"white"}
    used = set(re.findall(r"var\(--([\w-]+)", style)) & first_layer
    assert used == set(), f"{sheet.name} says what a colour is, not what it means"


@pytest.mark.parametrize("sheet", sorted(STATIC.glob("*.css")), ids=lambda sheet: sheet.name)
def test_styles_use_only_tokens_that_exist(sheet: Path) -> None:
    style = sheet.read_text(encoding="utf-8")
    own = set(re.findall(r"--([\w-]+):", style)) | set(LIGHT)
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) <= own
