"""One pydantic model a body of the appointments' part of the contract."""

from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, RootModel

Code = Annotated[str, Field(min_length=1, max_length=80)]
Moment = Annotated[str, Field(min_length=1, max_length=40)]
AppointmentState = Literal["booked", "arrived", "cancelled", "no_show"]
# Some 250 bytes each: a body of the API has at most 64 KB.
ROWS_MOST = 200


class Body(BaseModel):
    """What a program sends; a name the hall does not know is a mistake, not something to skip."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class SlotsQuery(BaseModel):
    """Whose slots; without a day those of the first day that has room."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")
    service: Code
    day: Annotated[str | None, Field(max_length=10)] = None


class BookSlot(Body):
    """A slot for a person; the same ``tap`` again gives the same appointment.

    ``slot_at`` is ISO 8601; without an offset it is the hall's own time. The ID number is not kept.
    """

    service: Code
    slot_at: Moment
    tap: Code
    id_number: Annotated[str, Field(max_length=40)]
    name: Annotated[str, Field(max_length=80)]
    phone: Annotated[str, Field(max_length=20)]


class Cancel(Body):
    """Giving a slot back; ``phone_tail`` lets the hall check whose it is."""

    phone_tail: Annotated[str | None, Field(max_length=8)] = None


class ForeignRow(Body):
    """An appointment as another system tells it; ``foreign_id`` is its name for it."""

    foreign_id: Code
    service: Code
    slot_at: Moment
    slot_ends: Annotated[str | None, Field(max_length=40)] = None
    id_number: Annotated[str | None, Field(max_length=40)] = None
    name: Annotated[str, Field(max_length=80)] = ""
    phone: Annotated[str | None, Field(max_length=20)] = None
    cancelled: bool = False


class Import(Body):
    """Appointments of another system, each answered by itself."""

    source: Annotated[str, Field(min_length=1, max_length=40)]
    rows: Annotated[list[ForeignRow], Field(min_length=1, max_length=ROWS_MOST)]


# -- what goes out -----------------------------------------------------------------------------


class SlotOut(BaseModel):
    """A slot and its room."""

    slot_at: str
    slot_ends: str
    quota: int
    free: int


class DayOut(BaseModel):
    """A day that may be booked, and how many places it has."""

    day: str
    free: int


class SlotsOut(BaseModel):
    """A day's slots, and all days that may be booked."""

    service: str
    day: str | None
    slots: list[SlotOut]
    days: list[DayOut]


class AppointmentOut(BaseModel):
    """An appointment; name and phone masked, ``ticket`` and ``number`` once it is checked in."""

    code: str
    service: str
    service_name: str
    day: str
    slot_at: str
    slot_ends: str
    state: AppointmentState
    holder: str
    phone: str
    source: str
    ticket: int | None
    number: str | None


class RefusedRow(BaseModel):
    """Why a row was not taken over."""

    code: str
    message: str


class ImportedRow(BaseModel):
    """What became of a row: ``fresh`` is false for one that is known already."""

    foreign_id: str
    code: str | None
    state: AppointmentState | None
    fresh: bool
    refused: RefusedRow | None


class ImportedOut(RootModel[list[ImportedRow]]):
    """A result for each row, in their order."""
