"""Who goes first, by class; pure. A class needs a basis that staff have seen (queue-rules 10)."""

from collections.abc import Sequence
from datetime import date

from hall.identity import age
from hall.refusals import NotValid

CLASSES = {
    "military": "军人",
    "disabled": "残疾人",
    "pregnant": "孕妇",
    "elder": "老年人",
    "green": "绿色通道",
    "proxy": "代办",
}
BASIS_LENGTH = 40


def check_priority(chosen: str, basis: str, granted: Sequence[str]) -> str:
    """Return the basis of a priority class, or refuse a class or basis that does not hold."""
    told = basis.strip()
    if not chosen:
        return ""
    if chosen not in granted:
        words = "、".join(CLASSES[each] for each in granted)
        raise NotValid("unknown_priority", f"优先类别须为以下之一：{words}。")
    if not told:
        raise NotValid("basis_missing", "请写明看到的优先凭证，如“老年证”；不要写证件号码。")
    if len(told) > BASIS_LENGTH:
        raise NotValid("basis_too_long", f"优先凭证最多 {BASIS_LENGTH} 个字。")
    return told


def by_age(id_number: str | None, today: date, from_age: int) -> str:
    """Return the class that an ID number gives by age, where the hall set one; else nothing."""
    return "elder" if id_number and from_age and age(id_number, today) >= from_age else ""


def rank(priority: str, granted: Sequence[str]) -> int:
    """Return the place of a class among those the hall grants; the first goes first."""
    return granted.index(priority) if priority in granted else len(granted)
