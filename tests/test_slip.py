"""What a citizen holds in the hand: every character, the number, the code behind the link."""

import threading
from dataclasses import replace
from itertools import pairwise

import pytest
from paper import FACTS, LINK, read_code
from PIL import Image, ImageChops

from kiosk.letters import balance, ink, width, wrap
from kiosk.slip import DOTS_OF_PAPER, SHEETS, slip, window_list

WIDTHS = tuple(DOTS_OF_PAPER.values())


def stands_on(picture: Image.Image, words: Image.Image) -> bool:
    """Return whether these very dots stand somewhere on the slip."""
    box = words.getbbox()
    assert box is not None, "nothing to look for"
    wanted = _rows(words.crop(box))
    rows = _rows(ImageChops.invert(picture))
    for top in range(len(rows) - len(wanted) + 1):
        left = rows[top].find(wanted[0])
        while left >= 0:
            if all(rows[top + y].startswith(row, left) for y, row in enumerate(wanted)):
                return True
            left = rows[top].find(wanted[0], left + 1)
    return False


def _rows(picture: Image.Image) -> list[bytes]:
    grey = picture.convert("L").tobytes()
    return [grey[at : at + picture.width] for at in range(0, len(grey), picture.width)]


@pytest.mark.parametrize("dots", WIDTHS)
def test_a_slip_is_black_and_white_and_as_wide_as_the_paper(dots: int) -> None:
    picture = slip(FACTS, dots)
    assert (picture.mode, picture.width) == ("1", dots)
    assert picture.height < 1200, "15 cm of paper is too much for one ticket"


@pytest.mark.parametrize("dots", WIDTHS)
def test_a_phone_reads_the_signed_link_from_the_slip(dots: int) -> None:
    assert read_code(slip(FACTS, dots)) == [LINK]


def test_a_slip_without_a_link_has_no_code() -> None:
    assert read_code(slip(replace(FACTS, track_url=""))) == []


def test_every_fact_stands_on_the_slip() -> None:
    facts = replace(FACTS, masked_name="张*", notice="今日 17:00 停止取号。", demo=False, copy=True)
    picture, sheet = slip(facts), SHEETS[576]
    for text, face in [
        (facts.hall, sheet.strong),
        (facts.number, sheet.number),
        (facts.service, sheet.title),
        (facts.windows, sheet.strong),
        ("5", sheet.title),
        ("人", sheet.text),
        ("25", sheet.title),
        (facts.taken_at, sheet.text),
        ("张*", sheet.text),
        ("过号", sheet.text),
        ("补打", sheet.strong),
        ("今日 17:00 停止取号。", sheet.strong),
        ("查进度 · 办后评价", sheet.text),
        ("政务服务便民热线 12345", sheet.text),
    ]:
        assert stands_on(picture, ink(text, face)), text
    for line in wrap(facts.missed_note, sheet.text, 420):
        assert line
    assert not stands_on(slip(replace(facts, number="A013")), ink("A012", sheet.number))


def test_the_number_is_the_largest_thing_on_the_slip() -> None:
    for sheet in SHEETS.values():
        sizes = [sheet.text.size, sheet.title.size, sheet.number.size]
        assert all(larger >= 1.4 * smaller for smaller, larger in pairwise(sizes))


@pytest.mark.parametrize("number", ["A001", "AB128", "WW999"])
@pytest.mark.parametrize("dots", WIDTHS)
def test_a_number_of_any_prefix_keeps_clear_of_the_edges(number: str, dots: int) -> None:
    picture = slip(replace(FACTS, number=number, track_url=""), dots)
    left, _, right, _ = ImageChops.invert(picture).getbbox() or (0, 0, 0, 0)
    assert left >= SHEETS[dots].edge - 1
    assert right <= dots - SHEETS[dots].edge + 1


@pytest.mark.parametrize("dots", WIDTHS)
def test_a_long_service_name_takes_more_lines_and_loses_nothing(dots: int) -> None:
    name = "国有建设用地使用权及房屋所有权首次登记（含在建工程抵押权转现房抵押权登记）"
    sheet = SHEETS[dots]
    lines = balance(name, sheet.title, sheet.inner)
    assert "".join(lines) == name
    assert len(lines) > 1
    picture = slip(replace(FACTS, service=name), dots)
    assert all(stands_on(picture, ink(line, sheet.title)) for line in lines)
    assert read_code(picture) == [LINK]


def test_a_demo_slip_says_so_and_a_real_one_does_not() -> None:
    def black_on_top(picture: Image.Image) -> int:
        band = ImageChops.invert(picture.crop((0, 0, picture.width, 30)))
        return band.histogram()[255]

    assert black_on_top(slip(replace(FACTS, demo=True))) > 10_000
    assert black_on_top(slip(FACTS)) < 4_000


def test_a_first_print_is_not_called_a_copy() -> None:
    tag = ink("补打", SHEETS[576].strong)
    assert stands_on(slip(replace(FACTS, copy=True)), tag)
    assert not stands_on(slip(FACTS), tag)


def test_an_unknown_wait_is_left_out_rather_than_guessed() -> None:
    picture = slip(replace(FACTS, expected_wait=None))
    assert stands_on(picture, ink("前面等候", SHEETS[576].text))
    assert not stands_on(picture, ink("预计等候", SHEETS[576].text))


def test_nobody_ahead_is_called_soon_not_in_zero_minutes() -> None:
    picture = slip(replace(FACTS, people_ahead=0, expected_wait=0))
    assert stands_on(picture, ink("即将叫号", SHEETS[576].title))


def test_an_english_slip_speaks_english() -> None:
    facts = replace(
        FACTS,
        language="en",
        hall="Government Service Center",
        service="Registration of real estate ownership transfers",
        windows=window_list([3, 4, 5], "en"),
        people_ahead=1,
        missed_note="Please ask at the help desk within 30 minutes.",
    )
    picture, sheet = slip(facts), SHEETS[576]
    for text, face in [
        ("Your number", sheet.text),
        ("person", sheet.text),
        ("Windows 3–5", sheet.strong),
        ("Scan me", sheet.strong),
    ]:
        assert stands_on(picture, ink(text, face)), text
    assert not stands_on(picture, ink("您的号码", sheet.text))


def test_an_unknown_language_is_answered_in_chinese() -> None:
    assert slip(replace(FACTS, language="mn")).tobytes() == slip(FACTS).tobytes()


@pytest.mark.parametrize(
    ("numbers", "chinese", "english"),
    [
        ([], "", ""),
        ([3], "3号窗口", "Window 3"),
        ([4, 3], "3–4号窗口", "Windows 3–4"),
        ([1, 2, 3, 7, 9, 10, 3], "1–3、7、9–10号窗口", "Windows 1–3, 7, 9–10"),
    ],
)
def test_windows_in_a_row_are_named_as_a_row(
    numbers: list[int], chinese: str, english: str
) -> None:
    assert window_list(numbers) == chinese
    assert window_list(numbers, "en") == english


def test_paper_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="576 or 384"):
        slip(FACTS, 512)


def test_two_kiosks_drawing_at_once_do_not_spoil_each_other() -> None:
    alone = {n: slip(replace(FACTS, number=f"A{n:03d}")).tobytes() for n in range(8)}
    drawn: dict[int, bytes] = {}

    def draw(n: int) -> None:
        drawn[n] = slip(replace(FACTS, number=f"A{n:03d}")).tobytes()

    threads = [threading.Thread(target=draw, args=(n,)) for n in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert drawn == alone


def test_many_links_stay_readable_although_the_mask_is_fixed() -> None:
    for n in range(25):
        link = f"https://hall.example.gov.cn/r/{n * 7919:x}-{n * 104729:x}-{n:o}"
        assert read_code(slip(replace(FACTS, track_url=link), 384)) == [link]


def test_wider_than_the_paper_is_never_drawn() -> None:
    address = "https://" + "long-host-name." * 9
    lines = wrap(address, SHEETS[384].text, 200)
    assert "".join(lines) == address
    assert all(width(line, SHEETS[384].text) <= 200 for line in lines)
