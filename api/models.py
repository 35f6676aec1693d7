"""One pydantic model a body: what comes in is checked here, what goes out is described."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

LevelName = Literal[
    "very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied"
]
TicketState = Literal[
    "waiting", "called", "serving", "held", "done", "missed", "cancelled", "expired"
]
WindowState = Literal["closed", "open", "paused"]
Text = Annotated[str, Field(max_length=500)]
Code = Annotated[str, Field(min_length=1, max_length=80)]
Id = Annotated[int, Field(ge=0, le=2**63 - 1)]  # of a row: SQLite's numbers end there


class Body(BaseModel):
    """What a program sends; a name the hall does not know is a mistake, not something to skip."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class TakeTicket(Body):
    """A citizen's touch; the same ``tap`` again gives the same ticket.

    ``appointment`` is the code of one: the check-in is the ticket. An ID number is never stored.
    """

    service: Code
    tap: Code
    language: Annotated[str, Field(max_length=8)] = "zh"
    phone: Annotated[str | None, Field(max_length=20)] = None
    id_number: Annotated[str | None, Field(max_length=30)] = None
    appointment: Annotated[str | None, Field(max_length=40)] = None


class Call(Body):
    """Whoever is next, or with a reason one ticket before its turn."""

    ticket: Id | None = None
    reason: Text = ""


class Nothing(Body):
    """A verb that needs no word."""


class Finish(Body):
    """How a service ended: a code (accepted, completed, collected, consulted, other) or 受理 …."""

    outcome: Code
    case_number: Annotated[str | None, Field(max_length=80)] = None


class HoldService(Body):
    """Why a service waits: with_file, without_file, for_somebody, or the Chinese words."""

    kind: Code


class Resume(Body):
    """Which held ticket the window goes on with."""

    ticket: Id


class Transfer(Body):
    """Where a ticket goes, to a service or a window, and why; ``wrong_item``: it never was ours."""

    reason: Text
    service: Annotated[str | None, Field(max_length=80)] = None
    window: Id | None = None
    wrong_item: bool = False


class OpenWindow(Body):
    """Who sits there: a staff number; without one the clerk assigned to the window."""

    clerk: Annotated[str | None, Field(max_length=40)] = None


class Pause(Body):
    """Why nobody is called for a while; shown outside."""

    reason: Text = ""


class Rate(Body):
    """What the person served says of a finished visit, once."""

    visit: Id
    level: Code
    channel: Code
    tags: Annotated[list[Code], Field(max_length=20)] = []
    text: Annotated[str, Field(max_length=2000)] = ""
    contact: Annotated[str, Field(max_length=200)] = ""


class MonthQuery(BaseModel):
    """By what a month is listed."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")
    by: Literal["window", "department", "clerk", "service"] = "window"


class BoardQuery(BaseModel):
    """Whose board; a display that is bound to a zone may leave it out."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")
    zone: Annotated[str | None, Field(max_length=40)] = None


# -- what goes out -----------------------------------------------------------------------------


class Refusal(BaseModel):
    """A code for programs and a sentence for people."""

    code: str
    message: str


class TicketOut(BaseModel):
    """A ticket; times are ISO 8601 with the hall's offset."""

    id: int
    number: str
    service: str
    state: TicketState
    people_ahead: int
    expected_wait_minutes: int | None
    taken_at: str
    track_url: str


class CallOut(BaseModel):
    """A call: ids of the call, of the visit it began, and of the ticket."""

    call: int
    visit: int
    ticket: int
    number: str
    service: str
    window: int


class WindowOut(BaseModel):
    """A window, what it is doing, and the number it is busy with."""

    no: int
    name: str
    zone: str
    department: str
    state: WindowState
    clerk: str | None
    services: list[str]
    number: str | None


class ServiceOut(BaseModel):
    """A service and its line."""

    code: str
    name: str
    prefix: str
    department: str
    open: bool
    waiting: int
    expected_wait_minutes: int | None
    expected_wait_range: tuple[int, int] | None


class WindowsOut(RootModel[list[WindowOut]]):
    """All windows."""


class ServicesOut(RootModel[list[ServiceOut]]):
    """All services."""


class BoardCall(BaseModel):
    """A call as screens show and speak it; ``recall`` counts its repetitions."""

    id: int
    number: str
    window: int
    window_name: str
    at: str
    language: str
    recall: int


class BoardWindow(BaseModel):
    """A window on the board."""

    no: int
    name: str
    state: str
    number: str | None
    clerk: str | None
    waiting: int


class BoardService(BaseModel):
    """A service on the board."""

    code: str
    name: str
    waiting: int
    expected_wait_minutes: int | None
    open: bool


class BoardOut(BaseModel):
    """A zone's whole board, newest call first; ``rev`` grows with the hall's journal."""

    rev: int
    day: str
    zone: str
    now: str
    calls: list[BoardCall]
    windows: list[BoardWindow]
    services: list[BoardService]
    notices: list[str]


class RatingOut(BaseModel):
    """The rating that was kept."""

    id: int


class RateOut(BaseModel):
    """A rate is never without what it is made of; ``percent`` is null for a zero denominator."""

    numerator: int
    denominator: int
    percent: float | None


class MonthRow(BaseModel):
    """One window, department, clerk or service in a month."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")
    key: str
    name: str
    served: int
    rated: int
    levels: dict[LevelName, int]
    satisfaction: RateOut
    rating_rate: RateOut
    average_wait_minutes: float | None
    average_service_minutes: float | None


class MonthOut(BaseModel):
    """A month's table; ``totals`` has the same figures of the hall."""

    month: str
    by: str
    rows: list[MonthRow]
    totals: dict[str, Any]
