"""Who asks: a device with its key or a person who signed in, and what a role may act as; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hall.days import Instant
from hall.refusals import NotAllowed

# What else a role may do than what its own name says.
ALSO = {"administrator": frozenset({"manager"}), "clerk": frozenset({"window"})}
DEVICE_ROLES = ("kiosk", "display", "window", "evaluator", "manager", "program")
ROLES = (
    *DEVICE_ROLES,
    "clerk",
    "guide",
    "handler",
    "inspector",
    "leader",
    "administrator",
    "security",
    "audit",
)


class NotSignedIn(NotAllowed):
    """Nobody this door knows (401)."""


class NotForYou(NotAllowed):
    """Somebody whose role does not have this right (403)."""


class Locked(NotAllowed):
    """Somebody who locked their window: nothing is done before it is unlocked (423)."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts; ``mark`` tells one key or one sign-in of the same id from the next."""

    kind: Literal["device", "person"]
    id: str
    role: str
    window: int | None
    zone: str | None
    name: str
    mark: str
    # the rights of further roles, as the hall stands now
    also: frozenset[str] = frozenset()
    # when they signed in; no part of who they are
    since: Instant = field(default=0, compare=False)

    def acts_as(self, role: str) -> bool:
        """Return whether this principal has the rights of a role."""
        return role == self.role or role in ALSO.get(self.role, ()) or role in self.also

    def may_work_at(self, window: int) -> bool:
        """Return whether this principal belongs to a window; an unbound key belongs to all."""
        return self.window is None or self.window == window

    @property
    def clerk(self) -> str | None:
        """The staff number in whose name a window acts, None for a device."""
        return self.id if self.kind == "person" else None


def with_role(present: Iterable[Principal], roles: Iterable[str]) -> list[Principal]:
    """Return those who have the rights of one of the roles."""
    wanted = tuple(roles)
    return [each for each in present if any(each.acts_as(role) for role in wanted)]


def choose(
    present: Sequence[Principal],
    roles: Sequence[str],
    window: int | None = None,
    zone: str | None = None,
) -> Principal:
    """Return who acts, the one bound to the window or zone first; refuse when nobody may."""
    if not present:
        raise NotSignedIn("not_signed_in", "请先登录，或为本设备输入密钥。")
    fit = with_role(present, roles)
    if not fit:
        raise NotForYou("not_allowed", "当前登录的身份无权进行这项操作。")
    if window is None:
        # one browser may hold the screens of several zones, as a demonstration's does
        return min(fit, key=lambda each: zone is not None and each.zone != zone)
    here = [each for each in fit if each.may_work_at(window)]
    if not here:
        raise NotForYou("not_allowed", f"当前登录的身份不属于{window}号窗口。")
    return min(here, key=lambda each: each.window is None)
