"""How often one address may try: nobody sweeps codes or floods the hall from one place."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

from flask import request

from hall.days import Clock, Instant
from hall.refusals import NotAllowed

LOCAL = ("127.", "::1", "::ffff:127.")
KEPT_MOST = 20_000
# A household or a phone has a whole /64 of IPv6 addresses: they count as one.
IPV6_PREFIX = 64


class TooOften(NotAllowed):
    """Somebody tries too often (429)."""


@dataclass(slots=True)
class _Tries:
    since: Instant
    count: int


class Limits:
    """Counts tries by what is tried and who tries, each in a span of time of its own."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._tries: dict[tuple[str, str], _Tries] = {}

    def check(self, what: str, who: str, most: int, within: Instant) -> None:
        """Refuse who has tried as often as one may within so many milliseconds."""
        tries = self._of(what, who, within)
        if tries is not None and tries.count >= most:
            raise TooOften("too_often", "操作过于频繁，请过几分钟再试，或到大厅咨询台办理。")

    def count(self, what: str, who: str, within: Instant) -> None:
        """Count one try."""
        tries = self._of(what, who, within)
        if tries is None:
            if len(self._tries) >= KEPT_MOST:
                self._tries.clear()  # who floods with addresses gains a few tries, never the memory
            self._tries[what, who] = _Tries(self.clock(), 1)
        else:
            tries.count += 1

    def _of(self, what: str, who: str, within: Instant) -> _Tries | None:
        tries = self._tries.get((what, who))
        if tries is not None and not 0 <= self.clock() - tries.since < within:
            del self._tries[what, who]
            return None
        return tries


def came_from() -> str:
    """Return where a request comes from; a proxy on this machine is believed about others."""
    told = request.remote_addr or ""
    if told.startswith(LOCAL):
        told = request.headers.get("X-Forwarded-For", told).rpartition(",")[2].strip()
    return told


def address() -> str:
    """Return whom a request is counted with, by where it comes from."""
    return neighbourhood(came_from())


def neighbourhood(told: str) -> str:
    """Return whom an address is counted with: itself alone, or its /64 of IPv6 addresses."""
    try:
        found = ip_address(told)
    except ValueError:
        return told[:64]
    if not isinstance(found, IPv6Address):
        return str(found)
    # a hall that listens on :: sees every IPv4 address so: they must not be one
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, IPV6_PREFIX), strict=False))
