"""One person's data: what is asked, what is held, what may go, what stays and why; pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from hall import identity
from hall.days import Instant
from hall.refusals import NotValid

NAME_LENGTH, REASON_LENGTH, MOBILE_LENGTH = 30, 200, 11
PHONE = re.compile(r"\d{5,15}")
DIGITS = re.compile(r"\d{5,}")
COUNTRY = re.compile(r"^(?:00)?86(?=1\d{10}$)")
BETWEEN = re.compile(r"(?<=\d)[\s\-–—()]{1,2}(?=\d)")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is sought: a phone, an ID number, or a phone together with a name."""

    phone: str = ""
    id_number: str = ""
    name: str = ""

    @property
    def said(self) -> str:
        """Who is sought, as receipts and journals say it: never in full."""
        told = [f"姓名 {identity.masked(self.name)}"] if self.name else []
        if self.phone:
            told.append(f"手机号码 {identity.masked_phone(self.phone)}")
        if self.id_number:
            told.append(f"身份证号码 {identity.masked_id(self.id_number)}")
        return "，".join(told)


@dataclass(frozen=True, slots=True)
class Stays:
    """What is not erased: what it is, why, and when it goes."""

    what: str
    why: str
    until: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a person, in words; ``stays`` when it may not be erased now.

    ``phones`` and ``person`` are what shows whose it is, ``told`` what is held, ``rest`` what of it
    stays though the person in it is erased, ``sent`` whom it was sent to.
    """

    table: str
    id: int
    title: str
    at: Instant
    told: tuple[tuple[str, str], ...]
    phones: str = ""
    person: str = ""
    stays: Stays | None = None
    sent: tuple[str, ...] = ()
    rest: Stays | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased for a person: records by table and number, and what stays.

    ``people`` are keyed hashes by which a restored backup finds the person again.
    """

    number: str
    at: Instant
    who: str
    reason: str
    asked: str
    people: tuple[str, ...]
    erased: tuple[tuple[str, int], ...]
    kept: tuple[Stays, ...]
    tap: str = ""


# What is never erased for one person, and why; told on every receipt.
ALWAYS = (
    Stays("办件、等候、评价等级的统计", "不含姓名、号码和文字，识别不出个人", "长期保存"),
    Stays("本次申请的登记和回执", "证明已经处理（个保法第47条），只有隐去的号码", "长期保存"),
    Stays("此前的备份文件", "不能单独改动；恢复备份时自动再次删除", "随备份轮换"),
)


def check_wish(phone: str, id_number: str, name: str) -> Wish:
    """Return whom to look for; a name alone is many people and is refused (NotValid)."""
    number, whole = re.sub(r"[\s\-]", "", phone), name.strip()
    if not number and not id_number.strip():
        raise NotValid("nobody_named", "请填写手机号码或身份证号码；只有姓名会查到同名的其他人。")
    if number and not PHONE.fullmatch(number):
        raise NotValid("bad_phone", "手机号码须为 5 至 15 位数字。")
    if len(whole) > NAME_LENGTH:
        raise NotValid("name_too_long", f"姓名最多 {NAME_LENGTH} 个字。")
    known = identity.check_id_number(id_number) if id_number.strip() else ""
    return Wish(number, known, whole)


def check_reason(reason: str, what: str) -> str:
    """Return a reason, or refuse none and one that is too long."""
    told = reason.strip()
    if not told:
        raise NotValid("reason_missing", f"请写明{what}。")
    if len(told) > REASON_LENGTH:
        raise NotValid("reason_too_long", f"{what}最多 {REASON_LENGTH} 个字。")
    return told


def phones_in(text: str) -> list[str]:
    """Return the numbers of five digits or more in a text, as they stand, without what people
    write between, and without the country's own; no order, none twice.
    """
    # “13812345678 3号窗口”: what stands between two numbers does not always belong to one
    found = {*DIGITS.findall(text), *DIGITS.findall(BETWEEN.sub("", text))}
    return list(found | {COUNTRY.sub("", each) for each in found})


def is_said(phone: str, text: str) -> bool:
    """Return whether a text names a phone; of a short one nothing but the whole number does.

    Five digits stand in many people's numbers. An area's number may stand before them.
    """
    if len(phone) >= MOBILE_LENGTH and phone in BETWEEN.sub("", text):
        return True
    return any(re.fullmatch(rf"(0\d{{2,3}})?{phone}", each) for each in phones_in(text))


def fits(name: str, held: str) -> bool:
    """Return whether a held name, whole or 张*, may be that of who is sought."""
    if not name or not held.strip():
        return True
    told = held.strip()
    return told == name or (told.endswith("*") and told[0] == name[0])


def hashes_of(key: bytes, phones: Iterable[str], people: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the keyed hashes that stand for phones, and people's own hashes behind them."""
    told = {identity.person_hash(key, each, "phone") for each in phones if each}
    return (*sorted(told), *sorted({each for each in people if each}))


def is_of(record: Record, key: bytes, people: Iterable[str]) -> bool:
    """Return whether a record is still that of somebody known by keyed hashes."""
    own = hashes_of(key, phones_in(record.phones), [record.person])
    return not set(own).isdisjoint(people)


def number_of(month: str, before: int) -> str:
    """Return the number of a receipt: SC202611-0001."""
    return f"SC{month}-{before + 1:04d}"
