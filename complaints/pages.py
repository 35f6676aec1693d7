"""What the pages of complaints are made of: who may what, a row, a badge, the months."""

from typing import Any

from complaints import limits, words
from complaints.finding import Told
from complaints.life import KINDS, OPEN, SOURCES, STATES
from complaints.limits import COLOURS, OUTCOMES, Colour, Outcome
from hall import days
from hall.identity import masked_text
from web import office
from web.current import complaints, config, register, rooms

SEES = ("guide", "handler", "inspector", "leader", "manager")
REGISTERS = ("guide", "inspector", "manager")
HANDLES = ("handler", "manager")
WATCHES = ("inspector", "manager")
APPROVES = ("inspector", "leader", "manager")
REVEALS = ("handler", "inspector", "leader", "manager")
MONTHS_OFFERED = 25
# The badge of a colour and of an outcome: never by colour alone.
COLOUR_BADGES = {Colour.RED: "alarm", Colour.YELLOW: "called", Colour.GREEN: "", Colour.NONE: ""}
OUTCOME_BADGES = {Outcome.ON_TIME: "serving", Outcome.LATE: "alarm", Outcome.UNANSWERED: "alarm"}


def by() -> str:
    """Return who acts, as the journal writes it."""
    return office.by(*SEES)


def role() -> str:
    """Return as what somebody acts; an administrator acts as a manager."""
    acting = office.acting(*SEES)
    return "manager" if acting.acts_as("manager") else str(acting.role)


def own_unit() -> str | None:
    """Return the only unit whose complaints a handler sees; None for those who see all."""
    if role() != "handler":
        return None
    person = register().person(by())
    return (person.department if person else None) or "-"


def frame() -> dict[str, Any]:
    """Return what every page of complaints shows, and what may be done here."""
    here = role()
    return {
        **office.frame("complaints", SEES),
        "may": {
            "register": here in REGISTERS,
            "import": here in WATCHES,
            "handle": here in HANDLES,
            "assign": here in REGISTERS,
            "approve": here in APPROVES,
            "withdraw": here in REGISTERS,
            "close": here in WATCHES,
            "reveal": here in REVEALS,
            "export": here in APPROVES,
        },
        "units": complaints().units(),
        "sources": {each.value: word for each, word in SOURCES.items()},
        "kinds": {each.value: word for each, word in KINDS.items()},
    }


def today() -> str:
    """Return the hall's day."""
    return days.day_of(rooms().clock(), config().hall.zone)


def shown_at(instant: int | None) -> str:
    """Return an instant as pages show it: 2026-11-20 10:00."""
    return "" if instant is None else f"{days.local(instant, config().hall.zone):%Y-%m-%d %H:%M}"


def months(chosen: str) -> list[tuple[str, str]]:
    """Return the months that are offered, the chosen one among them."""
    this = today()[:7]
    offered = {days.month_before(this, back) for back in range(MONTHS_OFFERED)} | {chosen or this}
    return [(each, month_words(each)) for each in sorted(offered, reverse=True)]


def month_words(month: str) -> str:
    """Return ``2026年11月``."""
    return f"{int(month[:4])}年{int(month[5:7])}月"


def row_of(told: Told, *, full: bool = False) -> dict[str, Any]:
    """Return a complaint as lists show it: little of who complained, no number in its title."""
    about = told.complaint
    limit = limits.next_limit(about) or about.limit
    return {
        "id": about.id,
        "number": about.number,
        "order_number": about.order_number or "",
        "title": about.title if full else masked_text(about.title),
        "source": SOURCES[about.source],
        "kind": KINDS[about.kind],
        "unit": complaints().units().get(about.unit or "", about.unit or ""),
        "complainant": words.masked_name(about.complainant),
        "at": shown_at(about.at),
        "limit": words.limit_said(limit, config().hall.zone),
        "limit_value": limit,
        "limit_word": "受理" if limit != about.limit else "回复",
        "state": STATES[about.state],
        "badge": badge(told),
    }


def badge(told: Told) -> dict[str, str]:
    """Return the badge of a complaint: how near its limit is, or what it counted as."""
    if told.complaint.state not in OPEN:
        word = OUTCOMES[told.outcome]
        if told.outcome is Outcome.LATE:
            word += f" {told.days_over} 天"
        return {"state": OUTCOME_BADGES.get(told.outcome, ""), "words": word}
    word = COLOURS[told.colour]
    if told.outcome is Outcome.UNANSWERED:
        word = f"超期 {told.days_over} 个工作日"
    elif told.colour is Colour.RED:
        word = "未按时受理"
    return {"state": COLOUR_BADGES[told.colour], "words": word}
