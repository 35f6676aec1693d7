"""What a province's adapter is: names of fields, code tables, transport and signing; pure.

A new province is a module beside ``province/example.py`` with its tables in it; the core knows
neither digits nor field names (docs/province.md says how).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from zoneinfo import ZoneInfo

from hall import days
from hall.days import Instant
from hall.refusals import NotValid
from hall.tickets import Outcome
from province.record import Promise, Record
from rating.levels import Level

# Some three days in all: a province that is down over a long weekend loses nothing.
RETRIES = (5, 60, 300, 900, 1800, *(3600,) * 72)
# What the province says it will not take gets no better by the hour; a person has to look.
REFUSALS = (60, 900, 3600)
LONGEST_REASON = 200
T = TypeVar("T", bound=str)


@dataclass(frozen=True, slots=True)
class Message:
    """One request, signed and ready: where to, its headers and its body."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: an HTTP status and a body; ``error`` when nobody answered."""

    status: int = 0
    body: bytes = b""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reply means: without an ``error`` it is stored there, as ``unid``.

    ``silent``: nobody answered, so others wait. ``refused``: it will not take this one.
    """

    unid: str = ""
    error: str = ""
    silent: bool = False
    refused: bool = False


class Adapter(Protocol):
    """One province's words."""

    @property
    def name(self) -> str:
        """What it is called in the settings."""
        ...

    @property
    def tells_voids(self) -> bool:
        """Whether a voided rating is told, as a row of its own."""
        ...

    def fields(self, record: Record) -> dict[str, str]:
        """Return a record in the province's names and codes; NotValid for what it has no code."""
        ...

    def pack(self, key: str, fields: Mapping[str, str], now: Instant, nonce: str) -> Message:
        """Return the request that tells some fields under a row's key, signed."""
        ...

    def read(self, reply: Reply) -> Verdict:
        """Return what a reply means."""
        ...


class Signer(Protocol):
    """Who signs the address of the province's page."""

    def sign(self, text: str) -> str:
        """Return a signature that may stand in an address."""
        ...


@dataclass(frozen=True, slots=True)
class Codes:
    """A province's code tables; what is not in one cannot be told."""

    levels: Mapping[Level, str]
    channels: Mapping[str, str]
    outcomes: Mapping[Outcome, str]
    promises: Mapping[Promise, str]
    validity: Mapping[bool, str]
    yes_no: Mapping[bool, str]
    id_kinds: Mapping[str, str]


def said(record: Record, codes: Codes, zone: ZoneInfo) -> dict[str, str]:
    """Return a record in our names with a province's codes; NotValid for what it has no code."""
    return {
        "project_no": record.project_no,
        "service_code": record.service_code,
        "service_name": record.service_name,
        "project_name": f"{record.service_name}（{record.window_name}）",
        "person_name": record.person_name,
        "person_id_kind": codes.id_kinds["identity_card"] if record.person_name else "",
        "helper_name": record.helper_name,
        "state": _code(codes.outcomes, record.outcome, "办理结果"),
        "accepted_at": moment(record.accepted_at, zone),
        "served_at": moment(record.served_at, zone),
        "ended_at": moment(record.ended_at, zone) if record.ended_at is not None else "",
        "rated_at": moment(record.rated_at, zone),
        "window_name": record.window_name,
        "service_number": str(record.service_number),
        "promise": _code(codes.promises, record.promise, "办件类型"),
        "area_code": record.area_code,
        "department_code": record.department_code,
        "department_name": record.department_name,
        "clerk_name": record.clerk_name,
        "clerk_number": record.clerk_number,
        "channel": _code(codes.channels, record.channel, "评价渠道"),
        "level": _code(codes.levels, record.level, "满意度"),
        "tags": ",".join(record.tags),
        "text": record.text,
        "nth": str(record.nth),
        "valid": codes.validity[not record.voided],
        "public": codes.yes_no[False],
        "anonymous": codes.yes_no[record.anonymous],
        "source": "政务大厅",
        "unid": record.unid,
    }


def _code(table: Mapping[T, str], value: T, what: str) -> str:
    if value not in table:
        raise NotValid("no_code", f"省平台的{what}代码表里没有“{value}”。")
    return table[value]


def moment(at: Instant, zone: ZoneInfo) -> str:
    """Return an instant as provinces write it, on the hall's wall clock."""
    return days.local(at, zone).strftime("%Y-%m-%d %H:%M:%S")


def renamed(ours: Mapping[str, str], names: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return our fields under a province's names; one of ours may stand under several."""
    return {theirs: ours[name] for name, under in names.items() for theirs in under}


def next_try(tries: int, now: Instant, verdict: Verdict) -> Instant | None:
    """Return when to tell again after so many failed tries; None to give up."""
    pauses = REFUSALS if verdict.refused else RETRIES
    return None if tries > len(pauses) else now + pauses[tries - 1] * days.SECOND
