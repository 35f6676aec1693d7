"""What a window's PIN may be; pure."""

import re
from itertools import pairwise

SHORTEST, LONGEST = 4, 8
TRIES = 5
LEAST_DIFFERENT = 3
# What people choose first besides rows and repetitions.
FAVOURITES = {"1314", "2580", "0852", "5201314", "147258", "258369", "159357", "147852"}


def problem(pin: str, staff_number: str, phone: str = "") -> str | None:
    """Return why a PIN cannot be had, as a sentence; None when it can."""
    if not re.fullmatch(rf"[0-9]{{{SHORTEST},{LONGEST}}}", pin):
        return f"PIN 须为 {SHORTEST} 到 {LONGEST} 位数字。"
    if _is_a_row(pin) or len(set(pin)) < LEAST_DIFFERENT or pin in FAVOURITES:
        return "这个 PIN 太容易猜到（如 1234、0000、1212），请换一个。"
    if pin in staff_number or pin in phone:
        return "PIN 不能是工号或电话的一部分，请换一个。"
    return None


def _is_a_row(pin: str) -> bool:
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    return steps <= {1, -9} or steps <= {-1, 9} or steps == {2} or steps == {-2}


def could_be(typed: str) -> bool:
    """Return whether what was typed has the form of a PIN; anything else is a password."""
    return bool(re.fullmatch(rf"[0-9]{{{SHORTEST},{LONGEST}}}", typed))
