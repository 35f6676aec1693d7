"""The record of a rated service as provinces ask for it, in our words and types; pure.

The fields are those of "Interface fields a province asks for" (rating-rules).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hall.catalogue import Catalogue
from hall.days import Instant
from hall.refusals import NotValid
from hall.tickets import Outcome
from rating.levels import Level

MOST_SERVICES = 99
AREA_LENGTH, DEPARTMENT_LENGTH = 12, 18


class Promise(StrEnum):
    """How soon a matter ends: at once 即办件, or within a promised time 承诺件."""

    AT_ONCE = "at_once"
    PROMISED = "promised"


@dataclass(frozen=True, slots=True)
class Record:
    """One rated service; an empty text is not known.

    ``nth`` is the first or second rating (追评), ``service_number`` counts the services of one
    case, ``voided`` is how it was voided, ``unid`` the province's own id of what it has already.
    A matter that was only taken in has not ended: ``ended_at`` is None.
    """

    rating: int
    nth: int
    project_no: str
    service_code: str
    service_name: str
    department_name: str
    department_code: str
    area_code: str
    clerk_name: str
    clerk_number: str
    person_name: str
    helper_name: str
    window_name: str
    accepted_at: Instant
    served_at: Instant
    ended_at: Instant | None
    rated_at: Instant
    service_number: int
    outcome: Outcome
    channel: str
    level: Level
    tags: tuple[str, ...] = ()
    text: str = ""
    anonymous: bool = True
    voided: str = ""
    unid: str = ""

    @property
    def promise(self) -> Promise:
        """Return whether the matter ended at the window or was taken in for later."""
        return Promise.PROMISED if self.outcome is Outcome.ACCEPTED else Promise.AT_ONCE


@dataclass(frozen=True, slots=True)
class Facts:
    """What the store knows of a rating and its service; the rest is of the catalogue."""

    rating: int
    nth: int
    visit: int
    day: str
    case_number: str | None
    service_number: int
    service: str
    window: int
    clerk: str | None
    holder: str
    helper: str
    started_at: Instant
    ended_at: Instant
    outcome: str
    level: str
    tags: str
    text: str
    contact: str
    channel: str
    rated_at: Instant
    voided: str
    unid: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A row that failed or was given up, with what a person needs to find it."""

    id: int
    kind: str
    state: str
    tries: int
    next_at: Instant
    last_error: str
    number: str
    service: str
    window: int
    level: str
    rated_at: Instant


def record_of(
    facts: Facts, catalogue: Catalogue, area_code: str, dept_codes: Mapping[str, str]
) -> Record:
    """Return what is told of a rating; NotValid for what no province takes."""
    service, window = catalogue.service[facts.service], catalogue.window[facts.window]
    department = catalogue.department[service.department]
    clerk = catalogue.person.get(facts.clerk or "")
    outcome = Outcome(facts.outcome)
    name = known_name(facts.holder)
    return check(
        Record(
            rating=facts.rating,
            nth=facts.nth,
            project_no=project_no(facts.case_number, facts.day, facts.visit),
            service_code=service.code,
            service_name=service.name,
            department_name=department.name,
            department_code=department_code(department.code, dept_codes),
            area_code=area_code,
            clerk_name=clerk.name if clerk else "",
            clerk_number=clerk.staff_number if clerk else "",
            person_name=name,
            helper_name=known_name(facts.helper),
            window_name=window.shown_name,
            accepted_at=facts.started_at,
            served_at=facts.ended_at,
            ended_at=None if outcome is Outcome.ACCEPTED else facts.ended_at,
            rated_at=facts.rated_at,
            service_number=facts.service_number,
            outcome=outcome,
            channel=facts.channel,
            level=Level(facts.level),
            tags=tag_codes(facts.tags),
            text=facts.text,
            anonymous=not (name or facts.contact),
            voided=facts.voided,
            unid=facts.unid,
        )
    )


def project_no(case_number: str | None, day: str, visit: int) -> str:
    """Return a case's number; a service without one has the hall's: its day and its visit.

    A rating must never be lost because nobody typed a case number.
    """
    return case_number or f"{day.replace('-', '')}{visit:08d}"


def known_name(name: str) -> str:
    """Return a name, or nothing where only its first character is known (张*)."""
    return "" if "*" in name else name


def tag_codes(kept: str) -> tuple[str, ...]:
    """Return the codes of the tags as a rating keeps them."""
    return tuple(str(each["code"]) for each in json.loads(kept))


def department_code(code: str, codes: Mapping[str, str]) -> str:
    """Return a department's 统一社会信用代码 by the settings; its own code may be one already."""
    return codes.get(code, code if len(code) == DEPARTMENT_LENGTH else "")


def check(record: Record) -> Record:
    """Return a record a province can take, or refuse it with what is wrong."""
    if record.rated_at < record.served_at:
        raise NotValid("rated_before_service", "评价时间早于办理时间，省平台不收。")
    if not 1 <= record.service_number <= MOST_SERVICES:
        raise NotValid("too_many_services", f"同一办件最多上报 {MOST_SERVICES} 次服务。")
    if record.nth not in (1, 2):
        raise NotValid("bad_nth", "评价次数只能是 1 或 2。")
    if len(record.area_code) != AREA_LENGTH:
        raise NotValid("area_missing", "没有写明行政区划代码（[province] area_code）。")
    if len(record.department_code) != DEPARTMENT_LENGTH:
        raise NotValid(
            "department_code_missing",
            f"{record.department_name}没有 18 位统一社会信用代码（[province] dept_codes）。",
        )
    return record
