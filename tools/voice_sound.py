"""Sound for tools/make_voice.py: cutting, evening out, joining, and the chime."""

from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Sound: TypeAlias = NDArray[np.float32]

RATE = 24_000
FRAME = RATE // 100
SILENT = 0.03  # of the loudest: below it one phrase has ended and the next not begun
PEAK = 0.5
FADE = 8 * RATE // 1000
GAP_MS = 20
BEFORE_WINDOW_MS = 170


def loudness(sound: Sound, frame: int = FRAME) -> Sound:
    """Return the RMS of each 10 ms."""
    whole = sound[: len(sound) // frame * frame].reshape(-1, frame)
    return np.asarray(np.sqrt((whole**2).mean(axis=1)), np.float32)


def trimmed(sound: Sound, quiet: float = 0.02) -> Sound:
    """Return the sound without the silence at its ends; 20 ms stay for soft consonants."""
    loud = np.flatnonzero(np.abs(sound) > quiet * np.abs(sound).max())
    edge = RATE // 50
    return sound[max(0, loud[0] - edge) : loud[-1] + edge]


def quietest(sound: Sound, after: float, before: float) -> int:
    """Return the sample where it is quietest between two parts (0 to 1) of a sound."""
    levels = loudness(sound)
    first, last = int(after * len(levels)), int(before * len(levels))
    return (first + int(levels[first:last].argmin())) * FRAME


def cut(spoken: Sound, lengths: list[int]) -> list[Sound | None]:
    """Cut phrases of these relative lengths apart where it is silent between them.

    None stands for a phrase that runs into its neighbour.
    """
    whole = trimmed(spoken)
    levels = loudness(whole)
    calm = np.convolve(levels, np.ones(3) / 3, "same") / levels.max()
    frames = len(levels) / sum(lengths)
    cuts, silent = [0], [True]
    for length in lengths[:-1]:
        first, last = (cuts[-1] + int(part * length * frames) for part in (0.65, 1.35))
        valley = first + int(calm[first:last].argmin())
        cuts.append(valley)
        silent.append(bool(calm[valley] < SILENT))
    ends = [*pairwise([*cuts, len(levels)])]
    clean = [*pairwise([*silent, True])]
    return [
        trimmed(whole[one * FRAME : two * FRAME]) if all(ok) else None
        for (one, two), ok in zip(ends, clean, strict=True)
    ]


def pressed(sound: Sound) -> Sound:
    """Return a take as every clip is: no silence at the ends, peak 0.5, both ends faded."""
    clip = trimmed(sound)
    clip = clip * (PEAK / np.abs(clip).max())
    slope = np.linspace(0.0, 1.0, FADE, dtype=np.float32)
    clip[:FADE] *= slope
    clip[-FADE:] *= slope[::-1]
    return np.asarray(clip, np.float32)


def bell(pitch: float, seconds: float) -> Sound:
    """Return one soft stroke: three partials that die away, the high ones first."""
    time = np.arange(int(seconds * RATE)) / RATE
    partials = [(1.0, 1.0, 3.2), (2.0, 0.35, 5.0), (3.01, 0.12, 8.0)]
    stroke = sum(
        loud * np.exp(-fading * time) * np.sin(2 * np.pi * pitch * over * time)
        for over, loud, fading in partials
    )
    return np.asarray(stroke * np.minimum(time / 0.006, 1.0), np.float32)


def chime() -> Sound:
    """Return the two bells before a call, E5 and C5."""
    second = round(0.45 * RATE)
    sound = np.zeros(second + round(1.25 * RATE), np.float32)
    for start, stroke in ((0, bell(659.26, 1.2)), (second, bell(523.25, 1.25))):
        sound[start : start + len(stroke)] += stroke
    return sound


def joined(clips: list[tuple[str, Sound]], apart: int = GAP_MS) -> Sound:
    """Return named clips in a row with the pauses the page makes, half a second around them."""
    rest = np.zeros(RATE // 2, np.float32)
    row = [rest]
    for name, clip in clips:
        pause = max(apart, BEFORE_WINDOW_MS if name.startswith("window-") else 0)
        row += [np.zeros(pause * RATE // 1000, np.float32), clip]
    return np.concatenate([*row, rest])
