"""What is said of a call, and that every clip it can name is in static/voice/."""

import json
import string
from itertools import chain
from pathlib import Path

import pytest

from display.speech import WINDOWS, announcement, spoken

VOICE = Path(__file__).resolve().parents[1] / "static" / "voice"
MOST_BYTES = 15_000_000
# An OGG file of this codec is some 300 bytes of headers; below this no word was spoken.
LEAST_BYTES = 1_000
LONGEST_SECONDS = 4.0


def said(number: str, window: int) -> str:
    return " ".join(clip.removesuffix(".ogg") for clip in spoken(number, window))


@pytest.mark.parametrize(
    ("number", "window", "clips"),
    [
        ("A012", 3, "please-A number-012 window-3"),
        ("Z999", 200, "please-Z number-999 window-200"),
        ("A000", 1, "please-A number-000 window-1"),
        ("AB007", 76, "please-A letter-B number-007 window-76"),
        ("BB100", 10, "please-B letter-B number-100 window-10"),
        ("ABC001", 1, "please-A letter-B letter-C number-001 window-1"),
        ("a012", 3, "please-A number-012 window-3"),
        (" A012 ", 3, "please-A number-012 window-3"),
    ],
)
def test_a_call_is_said_as_prefix_number_and_window(number: str, window: int, clips: str) -> None:
    assert said(number, window) == clips


@pytest.mark.parametrize(
    ("number", "clips"),
    [
        ("A1000", "please-A digit-1 number-000 window-3"),
        ("AB12345", "please-A letter-B digit-1 digit-2 number-345 window-3"),
        ("A12", "please-A digit-1 digit-2 hao window-3"),
        ("012", "please number-012 window-3"),
        ("婚012", "please number-012 window-3"),
        ("Ω1234", "please digit-1 number-234 window-3"),
        ("A٠١٢", "please window-3"),
        ("婚", "please window-3"),
        ("", "please window-3"),
    ],
)
def test_a_number_nobody_recorded_is_said_in_smaller_pieces(number: str, clips: str) -> None:
    assert said(number, 3) == clips


@pytest.mark.parametrize("window", [0, -1, 201, 1000])
def test_a_window_nobody_recorded_is_left_to_the_screen(window: int) -> None:
    assert said("A012", window) == "please-A number-012 window-shown"


def test_the_chime_sounds_once_and_the_sentence_twice() -> None:
    sentence = ["please-A.ogg", "number-012.ogg", "window-3.ogg"]

    assert announcement("A012", 3) == ["chime.ogg", *sentence, *sentence]
    assert announcement("A012", 3, times=1) == ["chime.ogg", *sentence]
    assert announcement("A012", 3, times=0) == ["chime.ogg"]


def every_clip() -> set[str]:
    """Return every clip that any call of a hall can name."""
    letters = string.ascii_uppercase
    prefixes = [*letters, *(first + second for first in letters for second in letters), ""]
    calls = chain(
        ((f"{prefix}001", 1) for prefix in prefixes),
        ((f"A{number:03}", 1) for number in range(1000)),
        (("A001", window) for window in range(max(WINDOWS) + 2)),
        [("A1234567890000", 1), ("A12", 1)],
    )
    return {clip for number, window in calls for clip in announcement(number, window)}


def test_every_clip_a_call_can_name_is_in_the_set() -> None:
    wanted = every_clip()

    assert len(wanted) > 1_250
    assert sorted(wanted - {path.name for path in VOICE.glob("*.ogg")}) == []


def test_the_set_holds_no_clip_that_no_call_names() -> None:
    assert sorted({path.name for path in VOICE.glob("*.ogg")} - every_clip()) == []


def test_every_clip_is_an_ogg_file_with_a_word_in_it() -> None:
    heads = {clip: (VOICE / clip).read_bytes() for clip in every_clip()}

    assert [clip for clip, file in heads.items() if not file.startswith(b"OggS")] == []
    assert [clip for clip, file in heads.items() if len(file) < LEAST_BYTES] == []


def test_the_manifest_tells_the_length_of_every_clip_and_the_pauses_between() -> None:
    manifest = json.loads((VOICE / "manifest.json").read_text(encoding="utf-8"))

    assert set(manifest["clips"]) == every_clip()
    assert [
        clip for clip, seconds in manifest["clips"].items() if not 0.1 < seconds < LONGEST_SECONDS
    ] == []
    assert manifest["gap_ms"] == 20
    assert manifest["before_window_ms"] == 170


def test_the_whole_set_stays_small_enough_for_the_repository() -> None:
    assert sum(path.stat().st_size for path in VOICE.iterdir()) <= MOST_BYTES
