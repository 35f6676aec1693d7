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
from itsdangerous import BadSignature, URLSafeTimedSerializer

from hall.catalogue import Device
from hall.days import DAY, Clock, Instant
from hall.register import Register
from hall.security_settings import SecuritySection
from web.browsers import browser_word
from web.current import rooms
from web.limits import address
from web.principals import (
    DEVICE_ROLES,
    ROLES,
    Locked,
    NotForYou,
    NotSignedIn,
    Principal,
    choose,
    with_role,
)
from web.staying import End, Stay, end_of, is_an_act, seconds_left

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
# A device stays until its key is revoked; browsers keep a cookie for 400 days.
DEVICE_STAYS = 400 * DAY
# Who did something last is kept for so many sign-ins; a hall has a few hundred a day.
MOST_ACTIVE = 5000
# So many that ended are remembered whatever the clock says: one that was a month ahead for a
# minute must not open again what was closed. In memory some 2 MB.
MOST_ENDED = 10_000
SECURITY, NOTHING = frozenset({"security"}), frozenset[str]()

P = ParamSpec("P")
T = TypeVar("T")


class Door:
    """Knows who a key or a cookie stands for, who is out or idle, and when a device was seen."""

    def __init__(
        self, register: Register, clock: Clock, security: SecuritySection | None = None
    ) -> None:
        self.register = register
        self.clock = clock
        told = security or SecuritySection()
        self.stay = Stay.of(told.idle_minutes, told.session_hours)
        self._signed_out: dict[str, Instant] = register.ended_sessions()
        # when each sign-in did something last; a server that starts counts from its start
        self._acted: dict[str, Instant] = {}
        self._started = clock()
        # what else a person's sign-ins are void without, and which of them are locked: the
        # ``admission`` says so
        self.also_needs: Callable[[str], str] = lambda _staff_number: ""
        self.is_locked: Callable[[str], bool] = lambda _mark: False
        # when each device was last here itself, since the start: a look-up of it is no sign of
        # life. Its socket is noted every second
        self.seen: dict[int, Instant] = {}
        # and from where, with what browser
        self.seen_from: dict[int, tuple[str, str]] = {}

    def of_key(self, key: str) -> Principal | None:
        """Return the device that holds a key."""
        device = self.register.device_of_key(key)
        return self._as_principal(device, "") if device else None

    def of_entry(self, entry: Sequence[Any]) -> Principal | None:
        """Return whom one entry of a cookie stands for, None when it has become void."""
        found = self.known(entry)
        return None if found is None or self.end(found) else found

    def known(self, entry: Sequence[Any]) -> Principal | None:
        """Return whom an entry stands for though their stay may have ended; None when void."""
        try:
            kind, number, mark, at, window = entry
        except (TypeError, ValueError):
            return None
        found = self._find(kind, number, mark.partition(".")[0], window)
        if found is None or found.mark != mark or mark in self._signed_out:
            return None
        return replace(found, since=at)

    def here(self, who: Principal) -> None:
        """Note that a device's own page or program has just been heard of."""
        if who.kind == "device":
            self.seen[int(who.id)] = self.clock()

    # -- how long somebody stays ----------------------------------------------------------------

    def end(self, who: Principal) -> End:
        """Return how somebody's stay has ended: idle, over, or not."""
        if who.kind == "device":
            return ""
        return end_of(who.role, who.since, self._last(who), self.clock(), self.stay)

    def seconds_left(self, who: Principal) -> int | None:
        """Return in how many seconds somebody's stay ends; None for a device."""
        if who.kind == "device":
            return None
        return seconds_left(who.role, who.since, self._last(who), self.clock(), self.stay)

    def acted(self, who: Principal) -> None:
        """Note that somebody has done something just now."""
        if who.kind == "device":
            return
        if len(self._acted) >= MOST_ACTIVE:
            cooled = self.clock() - self.stay.idle
            self._acted = {mark: at for mark, at in self._acted.items() if at > cooled}
        self._acted[who.mark] = self.clock()

    def _last(self, who: Principal) -> Instant:
        return max(self._acted.get(who.mark, 0), who.since, self._started)

    # -- who may still be here ------------------------------------------------------------------

    def still_in(self, principal: Principal) -> bool:
        """Return whether somebody who came in may still be here, as what they came in."""
        if principal.mark in self._signed_out or self.end(principal):
            return False
        token = principal.mark.partition(".")[0]
        number = int(principal.id) if principal.kind == "device" else principal.id
        return self._find(principal.kind, number, token, principal.window) == principal

    def check_unlocked(self, principal: Principal) -> None:
        """Refuse whoever locked their window and has not unlocked it yet."""
        if self.is_locked(principal.mark):
            raise Locked("locked", "窗口已锁定，请先输入 PIN 或登录密码解锁。")

    def newly(self, principal: Principal) -> Principal:
        """Return somebody with the mark of a sign-in of their own, so that it alone can end."""
        _, _, proof = principal.mark.partition(".")
        return replace(principal, mark=f"{secrets.token_hex(16)}.{proof}")

    def person(self, staff_number: str, window: int | None) -> Principal | None:
        """Return an active person at a window, not signed in yet."""
        return self._find("person", staff_number, "", window)

    def device(self, number: int) -> Principal | None:
        """Return an active device that holds a key, not signed in yet."""
        return self._find("device", number, "", None)

    def sign_out(self, who: Principal) -> None:
        """End a sign-in for good, in whatever browser or socket it still stands."""
        # a clock that was put back ends nothing sooner than it began
        now = max(self.clock(), who.since)
        until = now + (DEVICE_STAYS if who.kind == "device" else self.stay.most)
        self.register.end_session(who.mark, until)
        self._signed_out[who.mark] = until
        if len(self._signed_out) > 2 * MOST_ENDED:
            self.register.forget_sessions(MOST_ENDED)
            self._signed_out = self.register.ended_sessions()
        self._acted.pop(who.mark, None)

    def _find(self, kind: str, number: Any, token: str, window: int | None) -> Principal | None:
        """Look somebody up; the second half of the mark is void with the key or the password."""
        if kind == "device":
            device = self.register.device(number)
            return self._as_principal(device, token) if device else None
        person = self.register.person(number)
        if person is None:
            return None
        kept = (self.register.password_hash(number) or "") + self.also_needs(number)
        mark = f"{token}.{hashlib.sha256(kept.encode()).hexdigest()[:16]}"
        also = SECURITY if self._acts_as_security(person.role) else NOTHING
        return Principal("person", number, person.role, window, None, person.name, mark, also)

    def _acts_as_security(self, role: str) -> bool:
        return role == "administrator" and self.register.first_days()

    def _as_principal(self, device: Device, token: str) -> Principal | None:
        proof = self.register.key_mark(device.id or 0)
        if proof is None:
            return None
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
    known = [each for entry in session.get(IN_COOKIE, ()) if (each := door.known(entry))]
    here = [each for each in known if not door.end(each)]
    for each in here:
        if each.kind == "device":
            agent = request.headers.get("User-Agent", "")
            door.seen_from[int(each.id)] = (address(), agent)
    if is_an_act(request.method, request.headers.get("Accept", "")):
        for each in here:
            door.acted(each)
    return here


def was_a_device() -> bool:
    """Return whether this browser came in with a device's key, good or void by now."""
    return any(entry[0] == "device" for entry in session.get(IN_COOKIE, ()))


def let_go() -> End:
    """Take those whose stay has ended out of this browser, for good; return how it ended."""
    if bearer() is not None:
        return ""
    door = rooms().door
    known = [each for entry in session.get(IN_COOKIE, ()) if (each := door.known(entry))]
    ended = {each.mark: end for each in known if (end := door.end(each))}
    if not ended:
        return ""
    for each in known:
        if each.mark in ended:
            door.sign_out(each)
    session[IN_COOKIE] = [entry for entry in session[IN_COOKIE] if entry[2] not in ended]
    return next(iter(ended.values()))


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
            rooms().door.here(g.principal)
            rooms().door.check_unlocked(g.principal)
            return view(*args, **kwargs)

        guarded.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return guarded

    return decorate


class Sessions(SecureCookieSessionInterface):
    """Flask's signed cookie, but for a program with a key there is none to open or to save."""

    digest_method = staticmethod(hashlib.sha256)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Sign with SHA-256; what Flask signed with SHA-1 before is still read: devices stay."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            older = {**serializer.signer_kwargs, "digest_method": hashlib.sha1}
            serializer.fallback_signers = [older]
        return serializer

    def get_cookie_name(self, app: Flask) -> str:
        """Return a name that a browser takes from this host over TLS only, where there is TLS."""
        plain = super().get_cookie_name(app)
        return f"__Host-{plain}" if self.get_cookie_secure(app) else plain

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie goes over TLS only: not for old devices on the plain port."""
        return request.is_secure or (
            super().get_cookie_secure(app) and "hall.plain" not in request.environ
        )

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the cookie says; an empty session beside a key in the header."""
        if request.headers.get("Authorization"):
            return self.session_class()
        opened = super().open_session(app, request)
        new_here = self.get_cookie_name(app) not in request.cookies
        if opened is not None and new_here and (before := self._from_before_tls(app, request)):
            opened.update(before)
        return opened

    def _from_before_tls(self, app: Flask, request: Request) -> dict[str, Any]:
        """Return the devices of a cookie from before the hall had TLS; people sign in anew."""
        said = request.cookies.get(super().get_cookie_name(app), "")
        serializer = self.get_signing_serializer(app)
        try:
            before = serializer.loads(said) if said and serializer else {}
        except BadSignature:
            return {}
        devices = [entry for entry in before.get(IN_COOKIE, ()) if entry[0] == "device"]
        return {IN_COOKIE: devices, "_permanent": True} if devices else {}

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save what a page changed; a program's request touches no session at all."""
        if session.accessed or session.modified:
            super().save_session(app, session, response)


# -- coming in and going out -------------------------------------------------------------------


def come_in(principal: Principal) -> None:
    """Add somebody to this browser's cookie, in place of who was there before them."""
    principal = rooms().door.newly(principal)
    rooms().door.here(principal)
    at = rooms().clock()
    number = int(principal.id) if principal.kind == "device" else principal.id
    entry = [principal.kind, number, principal.mark, at, principal.window]
    session[IN_COOKIE] = [*_without(principal), entry][-MOST_IN_COOKIE:]
    if principal.kind == "person":
        browser = browser_word(request.headers.get("User-Agent", ""))
        present = rooms().admission.present
        present.came_in(principal.mark, principal.id, principal.window, address(), browser)
    session.permanent = True
    g.pop("present", None)
    g.principal = principal  # whose row of the audit log this is


def go_out(role: str = "", window: int | None = None, kind: str = "") -> list[Principal]:
    """Take those of a role and kind (everybody without them) out of this browser; return them."""
    if bearer() is not None:
        return []  # a key comes with every request and never came in
    leaving = [
        each
        for each in signed_in()
        if (not role or each.acts_as(role))
        and (window is None or each.window == window)
        and kind in ("", each.kind)
    ]
    marks = {each.mark for each in leaving}
    session[IN_COOKIE] = [entry for entry in session.get(IN_COOKIE, ()) if entry[2] not in marks]
    for each in leaving:
        rooms().door.sign_out(each)
        g.principal = each
    g.pop("present", None)
    return leaving


def _without(principal: Principal) -> list[Any]:
    kept = []
    for entry in session.get(IN_COOKIE, ()):
        other = rooms().door.known(entry)
        if other is None:
            continue
        if rooms().door.end(other):
            rooms().door.sign_out(other)  # idle: the server's restart would let them in again
            continue
        same = (other.kind, other.id) == (principal.kind, principal.id)
        same_chair = other.kind == principal.kind == "person" and other.window == principal.window
        if not (same or same_chair):
            kept.append(entry)
        elif other.kind == "person":
            rooms().door.sign_out(other)  # a copy of the cookie from before opens nothing any more
    return kept
