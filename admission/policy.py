"""What a password must be, by one of two rules a hall may choose; pure.

``nist``: NIST SP 800-63B-4 (3.1.1.2) and ASVS 5.0 (6.2): length, nothing common, nothing of the
hall's own words; no composition, no age. ``mlps``: what a 等保 assessment asks for.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from hall.days import DAY, Instant

Rule = Literal["nist", "mlps"]

# NIST: fifteen where the password is all there is, eight beside a second factor.
NIST_ALONE, NIST_BESIDE = 15, 8
MLPS_SHORTEST = 10
MLPS_CLASSES = 3
MLPS_KEPT_DAYS = 90
MLPS_PAST = 5
# ASVS 6.2.9 wants 64 at least; what is longer only keeps the hash busy.
LONGEST = 200
LEAST_DIFFERENT = 5
# What is left of a password beside such words, signs apart, must be longer than a year.
LEAST_OF_ONES_OWN = 6
# ASVS 6.2.11: words that everybody who guesses at a hall's passwords begins with.
WORDS = (
    *("zhengwu", "zhengfu", "dating", "hallqueue", "fuwu", "guanliyuan", "admin", "password"),
    *("政务", "大厅", "服务中心", "管理员", "好差评", "密码", "qweasdzxc", "qweasd", "1qaz2wsx"),
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwer1234", "5201314", "woaini"),
)


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose password it is: what it must not be made of."""

    staff_number: str
    name: str
    hall: str
    second_factor: bool = False


def shortest(rule: Rule, *, second_factor: bool) -> int:
    """Return how many characters a password has at least."""
    if rule == "mlps":
        return MLPS_SHORTEST
    return NIST_BESIDE if second_factor else NIST_ALONE


def in_words(rule: Rule, *, second_factor: bool) -> str:
    """Return the rule as the form says it."""
    least = shortest(rule, second_factor=second_factor)
    if rule == "mlps":
        return (
            f"至少 {least} 个字符，大写字母、小写字母、数字、符号中至少三种；不含工号和姓名；"
            f"每 {MLPS_KEPT_DAYS} 天更换，不能用最近 {MLPS_PAST} 个。"
        )
    return f"至少 {least} 个字符，可以是一句话，空格和汉字都可以；不能是常见密码。不要求定期更换。"


def problem(password: str, rule: Rule, whose: Whose, common: Collection[str]) -> str | None:
    """Return why a password cannot be had, as a sentence; None when it can.

    ``common`` are the passwords that are guessed first, in small letters.
    """
    least = shortest(rule, second_factor=whose.second_factor)
    if len(password) < least:
        return f"密码至少 {least} 个字符，现在是 {len(password)} 个。"
    if len(password) > LONGEST:
        return f"密码最多 {LONGEST} 个字符。"
    if is_guessed_first(password, common) or is_pattern(password):
        return "这个密码太常见，猜密码的人会先试它。请换一个。"
    if only_of(password, _own_words(whose)):
        return "密码不能只由工号、姓名、大厅名称这样的词组成。请换一个。"
    return _mlps_problem(password, whose) if rule == "mlps" else None


def _mlps_problem(password: str, whose: Whose) -> str | None:
    told = password.casefold()
    if whose.staff_number.casefold() in told or (whose.name and whose.name in password):
        return "密码不能包含工号或姓名。"
    classes = sum(bool(re.search(each, password)) for each in ("[a-z]", "[A-Z]", "[0-9]"))
    classes += bool(re.search(r"[^a-zA-Z0-9]", password))
    if classes < MLPS_CLASSES:
        return "须含大写字母、小写字母、数字、符号中至少三种。"
    return None


def is_guessed_first(password: str, common: Collection[str]) -> bool:
    """Return whether a password is a common one, alone or with digits and signs around it."""
    told = password.casefold()
    core = re.sub(r"^[\d\W_]+|[\d\W_]+$", "", told)
    return told in common or (len(core) >= 4 and core in common and len(told) - len(core) < 8)


def is_pattern(password: str) -> bool:
    """Return whether a password is one short thing over and over, or runs up or down."""
    if len(set(password)) < LEAST_DIFFERENT:
        return True
    if re.fullmatch(r"(.{1,5})\1+.{0,4}", password, re.DOTALL):
        return True
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return steps <= {1, -9} or steps <= {-1, 9}


def only_of(password: str, words: Collection[str]) -> bool:
    """Return whether next to nothing of a password is left without some words."""
    rest = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    own = re.sub(r"[\W_]", "", rest)
    return len(rest) < len(password) and len(own) < LEAST_OF_ONES_OWN


def _own_words(whose: Whose) -> set[str]:
    own = {whose.staff_number, whose.name, whose.hall, *WORDS}
    return {each.casefold() for each in own if len(each) >= 2}


def is_due(rule: Rule, set_at: Instant | None, must_change: bool, now: Instant) -> bool:
    """Return whether a password must be changed before its owner comes in.

    One that an administrator made up always; by ``mlps`` one older than ninety days, and one of
    which nobody knows how old it is (``set_at`` is None).
    """
    if must_change:
        return True
    return rule == "mlps" and (set_at is None or now - set_at > MLPS_KEPT_DAYS * DAY)
