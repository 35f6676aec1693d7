"""An ID number: whether it is one, its owner's age; and how little of people is shown; pure.

GB 11643: seventeen digits and a check character (ISO 7064, MOD 11-2).
"""

import hashlib
import hmac
import re
from datetime import date

from hall.refusals import NotValid

ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
# A telephone or an ID number within a text; what people write between the digits is part of it.
# A day such as 2026-11-20 is none.
LONG_NUMBER = re.compile(
    r"(?<![\d.])(?!\d{4}[-/.]\d{1,2}[-/.]\d{1,2})(?:\d[ \-]?){6,17}\d[Xx]?(?!\d)"
)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


def check_id_number(text: str) -> str:
    """Return an ID number as it is written, or refuse what is none."""
    number = text.strip().upper()
    if not ID_NUMBER.fullmatch(number) or CHECKS[_sum(number) % 11] != number[-1]:
        raise NotValid("bad_id_number", "身份证号码不正确，请核对后重新输入，也可以不填。")
    try:
        _born(number)
    except ValueError:
        raise NotValid("bad_id_number", "身份证号码里的出生日期不存在，请核对。") from None
    return number


def _sum(number: str) -> int:
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, number, strict=False))


def _born(number: str) -> date:
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def age(number: str, today: date) -> int:
    """Return the age in whole years on a day."""
    born = _born(number)
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def person_hash(key: bytes, number: str, *scope: str) -> str:
    """Return the keyed hash that stands for a person within a scope, such as one day."""
    said = "\x00".join((number, *scope))
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:32]


def masked(name: str) -> str:
    """Return a name as screens and slips show it: 张*, 欧*."""
    told = name.strip()
    return f"{told[0]}*" if told else ""


def masked_phone(phone: str) -> str:
    """Return how much of a telephone number staff see: 138****5678."""
    if len(phone) >= 11:
        return f"{phone[:3]}****{phone[-4:]}"
    return "*" * max(0, len(phone) - 4) + phone[-4:] if len(phone) > 4 else "*" * len(phone)


def masked_id(number: str) -> str:
    """Return how much of an ID number staff see: 330***********0011."""
    return f"{number[:3]}{'*' * (len(number) - 7)}{number[-4:]}"


def masked_text(text: str) -> str:
    """Return a text with the telephone and ID numbers in it shown as little as they are alone."""
    return LONG_NUMBER.sub(lambda found: _ends(re.sub(r"[ \-]", "", found[0])), text)


def _ends(number: str) -> str:
    return masked_id(number) if len(number) >= 15 else masked_phone(number)
