"""What the clerk's page sends: every act names the visit it means, so that it may come twice."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from web.numbers import LARGEST

# Of a visit, a ticket or a window: what SQLite cannot hold is none.
Number = Annotated[int, Field(ge=0, le=LARGEST)]
Code = Annotated[str, Field(min_length=1, max_length=80)]
Text = Annotated[str, Field(max_length=500)]


class Body(BaseModel):
    """What the page sends; a name the hall does not know is a mistake, not something to skip."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


class Nothing(Body):
    """An act that needs no word."""


class Session(Body):
    """The page that wants to hold the window; ``take_over`` once a person has confirmed it."""

    session: Annotated[str, Field(min_length=8, max_length=80)]
    take_over: bool = False


class Call(Body):
    """Whoever is next, or with a reason one ticket before its turn."""

    ticket: Number | None = None
    reason: Text = ""


class Meant(Body):
    """The visit that the clerk saw, and its ticket."""

    visit: Number
    ticket: Number


class Recall(Meant):
    """``recalls`` is how many the clerk saw: the same recall twice is one."""

    recalls: Number


class Finish(Meant):
    """How the service ended."""

    outcome: Code
    case_number: Annotated[str | None, Field(max_length=80)] = None


class NextService(Finish):
    """What the same citizen wants next at this window."""

    service: Code


class HoldService(Meant):
    """Why the service waits."""

    kind: Code


class Resume(Body):
    """Which held ticket the window goes on with."""

    ticket: Number


class Transfer(Meant):
    """Where the ticket goes, to a service or a window, and why."""

    reason: Text
    service: Annotated[str | None, Field(max_length=80)] = None
    to_window: Number | None = None
    wrong_item: bool = False


class Undo(Body):
    """The step that is taken back, known by the moment until which it may be."""

    until: Code


class OpenWindow(Body):
    """Who sits there: a staff number; without one the clerk assigned to the window."""

    clerk: Annotated[str | None, Field(max_length=40)] = None


class Pause(Body):
    """Why nobody is called for a while; shown outside."""

    reason: Text = ""


class AskAgain(Body):
    """The finished visit whose citizen is invited once more."""

    visit: Number
