"""What an evaluator is told: ``ask`` when a service has ended at its window, ``idle`` otherwise."""

from typing import Any

from hall import days
from hall.catalogue import Person
from hall.register import Register
from hall.texts import PLACES
from rating.book import Book
from web.live import Live

HINTS = {
    "open": "办完业务后，请在这里评价本次服务",
    "paused": "请稍候，窗口很快恢复办理",
    "closed": "请到正在办理的窗口",
}


def asked_at(book: Book, no: int) -> dict[str, Any] | None:
    """Return what a window's evaluator asks now, None when it is idle."""
    asking = book.asking(no)
    if asking is None:
        return None
    zone = book.desk.zone
    return {
        "visit": asking.visit,
        "clerk": asking.clerk,
        "service": asking.service,
        "number": asking.number,
        "expires_at": days.iso(asking.expires_at, zone),
        "now": days.iso(book.clock(), zone),
        **book.elsewhere(asking),
    }


def idle_at(book: Book, no: int) -> dict[str, Any]:
    """Return what a window's evaluator shows while nobody is asked: the window and its clerk."""
    desk = book.desk.window_desk(no)
    state, card = desk["state"], _card(book.register, no, desk["clerk"])
    return {
        "window": no,
        "name": _place_beside(card, no, desk["name"]),
        "state": state,
        "hint": (desk["pause_reason"] if state == "paused" else "") or HINTS[state],
        "clerk": card,
        "last": (book.last_service(no) or {}).get("rating"),
        "closing_words": closing_words(book.register),
        "now": desk["now"],
    }


def closing_words(register: Register) -> str:
    """Return what is said to whoever has rated: the hall's own words, or the usual ones."""
    return register.catalogue().words("closing_words") or PLACES["closing_words"].usual


def _place_beside(card: dict[str, Any] | None, no: int, name: str) -> str:
    """Return the window's name, its number where the clerk's post says the same word already."""
    return f"{no}号窗口" if card and card["post"] == name else name


def _card(register: Register, no: int, clerk: dict[str, Any] | None) -> dict[str, Any] | None:
    person = register.catalogue().person.get(clerk["staff_number"]) if clerk else None
    if person is None:
        return None
    return {
        "name": person.name,
        "staff_number": person.staff_number,
        "post": person.post,
        "photo": photo_address(no, person),
    }


def photo_address(no: int, person: Person) -> str:
    """Return where a window's evaluator finds its clerk's photograph; a new one has a new place."""
    address = f"/evaluator/{no}/photo/{person.staff_number}?{person.photo}"
    return address if person.photo else ""


def message(book: Book, no: int) -> tuple[str, dict[str, Any]]:
    """Return the event an evaluator is sent, and all it says."""
    asked = asked_at(book, no)
    return ("ask", asked) if asked else ("idle", idle_at(book, no))


def register(live: Live) -> None:
    """Let the sockets of an evaluator be told what its page shows."""
    live.show("evaluator", lambda no: message(live.book, int(no)))
