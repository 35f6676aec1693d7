"""Who may: keys in a header, principals in a signed cookie, ``allow`` on every route.

A cookie holds a list: in a demonstration a kiosk, a window, its evaluator and a manager's page live
in one browser. What it holds is looked up again at every request, so a revoked key or a person who
left opens nothing from then on.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin

from hall.catalogue import Device
from hall.days import HOUR, Clock, Instant
from hall.register import Register
from web.current import rooms
from web.principals import (
    DEVICE_ROLES,
    ROLES,
    NotForYou,
    NotSignedIn,
    Principal,
    choose,
    with_role,
)

__all__ = [
    "DEVICE_ROLES",
    "ROLES",
    "Door",
    "NotForYou",
    "NotSignedIn",
    "Principal",
    "allow",
    "signed_in",
    "with_role",
]

IN_COOKIE = "here"
MOST_IN_COOKIE = 12
# A person signs in for a working day; a device stays until its key is revoked.
PERSON_STAYS = 12 * HOUR

P = ParamSpec("P")
T = TypeVar("T")


class Door:
    """Knows who a key or a cookie stands for, who has signed out, and when a device was seen."""

    def __init__(self, register: Register, clock: Clock) -> None:
        self.register = register
        self.clock = clock
        self._signed_out: dict[str, Instant] = {}
        # when each device was last here; its socket is asked for every second
        self.seen: dict[int, Instant] = {}

    def of_key(self, key: str) -> Principal | None:
        """Return the device that holds a key."""
        device = self.register.device_of_key(key)
        return self._as_principal(device, "") if device else None

    def of_entry(self, entry: Sequence[Any]) -> Principal | None:
        """Return whom one entry of a cookie stands for, None when it has become void."""
        try:
            kind, number, mark, at, window = entry
        except (TypeError, ValueError):
            return None
        if kind == "person" and self.clock() - at > PERSON_STAYS:
            return None
        found = self._find(kind, number, mark.partition(".")[0], window)
        return found if found and found.mark == mark and mark not in self._signed_out else None

    def still_in(self, principal: Principal) -> bool:
        """Return whether somebody who came in may still be here, as what they came in."""
        if principal.mark in self._signed_out:
            return False
        token = principal.mark.partition(".")[0]
        number = int(principal.id) if principal.kind == "device" else principal.id
        return self._find(principal.kind, number, token, principal.window) == principal

    def newly(self, principal: Principal) -> Principal:
        """Return somebody with the mark of a sign-in of their own, so that it alone can end."""
        _, _, proof = principal.mark.partition(".")
        return replace(principal, mark=f"{secrets.token_hex(8)}.{proof}")

    def person(self, staff_number: str, window: int | None) -> Principal | None:
        """Return an active person at a window, not signed in yet."""
        return self._find("person", staff_number, "", window)

    def sign_out(self, mark: str) -> None:
        """Forget a sign-in, in whatever browser or socket it still stands."""
        now = self.clock()
        self._signed_out = {
            each: at for each, at in self._signed_out.items() if now - at <= PERSON_STAYS
        }
        self._signed_out[mark] = now

    def _find(self, kind: str, number: Any, token: str, window: int | None) -> Principal | None:
        """Look somebody up; the second half of the mark is void with the key or the password."""
        if kind == "device":
            device = self.register.device(number)
            return self._as_principal(device, token) if device else None
        person = self.register.person(number)
        if person is None:
            return None
        kept = self.register.password_hash(number) or ""
        mark = f"{token}.{hashlib.sha256(kept.encode()).hexdigest()[:16]}"
        return Principal("person", number, person.role, window, None, person.name, mark)

    def _as_principal(self, device: Device, token: str) -> Principal | None:
        proof = self.register.key_mark(device.id or 0)
        if proof is None:
            return None
        self.seen[device.id or 0] = self.clock()
        bound = (device.window, device.zone)
        mark = f"{token}.{proof}"
        return Principal("device", str(device.id), device.role, *bound, device.name, mark)


# -- the request at hand -----------------------------------------------------------------------


def bearer() -> str | None:
    """Return the key in the header."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def signed_in() -> list[Principal]:
    """Return who asks: the holder of the key in the header, or all in this browser's cookie."""
    if "present" not in g:
        g.present = _present()
    present: list[Principal] = g.present
    return present


def _present() -> list[Principal]:
    door = rooms().door
    if (key := bearer()) is not None:
        found = door.of_key(key)
        return [found] if found else []
    return [each for entry in session.get(IN_COOKIE, ()) if (each := door.of_entry(entry))]


def allow(*roles: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let only these roles into a route; a ``no`` in its address must be their window.

    Who was let in is ``g.principal``.
    """
    unknown = set(roles) - set(ROLES)
    assert not unknown, f"no such role: {unknown}"

    def decorate(view: Callable[P, T]) -> Callable[P, T]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> T:
            window = kwargs.get("no")
            g.principal = choose(signed_in(), roles, window if isinstance(window, int) else None)
            return view(*args, **kwargs)

        guarded.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, but for a program with a key there is none to open or to save."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie says; an empty session beside a key in the header."""
        if request.headers.get("Authorization"):
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save what a page changed; a program's request touches no session at all."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)


# -- coming in and going out -------------------------------------------------------------------


def come_in(principal: Principal) -> None:
    """Add somebody to this browser's cookie, in place of who was there before them."""
    principal = rooms().door.newly(principal)
    at = rooms().clock()
    number = int(principal.id) if principal.kind == "device" else principal.id
    entry = [principal.kind, number, principal.mark, at, principal.window]
    session[IN_COOKIE] = [*_without(principal), entry][-MOST_IN_COOKIE:]
    session.permanent = True
    g.pop("present", None)


def go_out(role: str = "", window: int | None = None) -> list[Principal]:
    """Take those of a role (everybody without one) out of this browser; return who left."""
    if bearer() is not None:
        return []  # a key comes with every request and never came in
    leaving = [
        each
        for each in signed_in()
        if (not role or each.acts_as(role)) and (window is None or each.window == window)
    ]
    marks = {each.mark for each in leaving}
    session[IN_COOKIE] = [entry for entry in session.get(IN_COOKIE, ()) if entry[2] not in marks]
    for each in leaving:
        rooms().door.sign_out(each.mark)
    g.pop("present", None)
    return leaving


def _without(principal: Principal) -> list[Any]:
    kept = []
    for entry in session.get(IN_COOKIE, ()):
        other = rooms().door.of_entry(entry)
        if other is None or (other.kind, other.id) == (principal.kind, principal.id):
            continue
        same_chair = other.kind == principal.kind == "person" and other.window == principal.window
        if not same_chair:
            kept.append(entry)
    return kept
