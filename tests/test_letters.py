"""Every character prints: the vendored font's own, and a system font's for rare names."""

from pathlib import Path

import pytest
from PIL import ImageFont

from kiosk import letters
from kiosk.letters import NO_CHARACTER, Face, balance, ink, width, wrap

FACE = Face(27)

# In names, in addresses, on signs; the last three are in no first level of any standard.
COMMON = "张王李赵政务服务中心不动产登记０１２ＡＢ，。：；（）《》“”—…￥·①→℃ĀāÉé"
RARE = "㛃䶮𠮷龘堃犇翀喆玥"


def dots(character: str, face: Face = FACE) -> bytes:
    return ink(character, face).tobytes()


@pytest.mark.parametrize("weight", [400, 700])
def test_no_character_becomes_a_box(weight: letters.Weight) -> None:
    face = Face(27, weight)
    boxes = {bytes(font.getmask(NO_CHARACTER)) for font in list(face.fonts())[:6]}
    for character in COMMON + RARE:
        font = letters._font_of(character, face)
        assert bytes(font.getmask(character)) not in boxes, f"{character} is a box"
        assert ink(character, face).getbbox() is not None, f"{character} is empty"


def test_different_characters_look_different() -> None:
    drawn = {character: dots(character) for character in COMMON + RARE}
    assert len(set(drawn.values())) == len(drawn)


def test_a_rare_name_comes_from_a_system_font_and_its_neighbours_do_not() -> None:
    vendored = next(iter(FACE.fonts()))
    fonts = {character: letters._font_of(character, FACE) for character in "王𠮷*"}
    assert fonts["王"] is fonts["*"] is vendored
    assert fonts["𠮷"] is not vendored


def test_without_the_vendored_font_a_system_font_draws_the_slip(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    face = Face(31)  # a size nobody else has asked for
    monkeypatch.setattr(letters, "FONTS", tmp_path)
    assert ink("政务", face).getbbox() is not None


def test_without_any_font_the_slip_says_which_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(letters, "FONTS", tmp_path)
    monkeypatch.setattr(letters, "SYSTEM_FONTS", ())
    with pytest.raises(letters.NoFont, match="no Chinese font"):
        ink("政务", Face(33))


def test_pillow_opens_the_vendored_fonts_as_they_are() -> None:
    for weight in (400, 700):
        font = ImageFont.truetype(str(letters.FONTS / f"noto-sans-sc-{weight}.woff2"), 27)
        assert font.getname()[0] is not None


def test_figures_are_of_one_width() -> None:
    assert len({width(figure * 10, FACE) for figure in "0123456789"}) == 1


@pytest.mark.parametrize(
    "text",
    [
        "过号后请到任一办理窗口报到，30 分钟内按序重新排入；超过（含）30 分钟，请重新取号。",
        "“一件事”一次办（新生儿出生登记）、《居住证》签注……请备齐材料！",
        "Show this slip at any of these windows within 30 minutes (or ask at the help desk).",
    ],
)
@pytest.mark.parametrize("most", [150, 240, 410])
def test_a_line_neither_overflows_nor_begins_with_a_comma(text: str, most: int) -> None:
    for lines in (wrap(text, FACE, most), balance(text, FACE, most)):
        assert "".join(lines).replace(" ", "") == text.replace(" ", "")
        for line in lines:
            assert width(line, FACE) <= most
            assert line[0] not in letters.NEVER_FIRST
            assert line[-1] not in letters.NEVER_LAST


def test_a_figure_stays_with_its_unit() -> None:
    for most in range(120, 400, 10):
        assert not any(line.endswith("30") for line in wrap("请在其后 30 分钟之内", FACE, most))


def test_balanced_lines_leave_no_lone_last_character() -> None:
    text = "国有建设用地使用权及房屋所有权首次登记抵押"
    ragged, even = wrap(text, FACE, 540), balance(text, FACE, 540)
    assert len(ragged) == len(even) == 2
    assert len(ragged[-1]) < 4 < 9 < len(even[-1])
