"""What a sign-in still asks for after the right password, in which order; pure."""

from enum import Enum

# Which roles must have a second factor, by what the hall has set.
MUST = {
    "off": frozenset[str](),
    "administrators": frozenset({"administrator", "security", "audit"}),
    "managers": frozenset({"administrator", "security", "audit", "manager", "leader"}),
}


class Step(Enum):
    """A page between the password and the hall; its value is its address."""

    CODE = "/sign-in/code"
    PASSWORD = "/sign-in/password"  # noqa: S105 - an address
    ENROL = "/sign-in/enrol"


def next_step(
    *, enrolled: bool, must_enrol: bool, code_given: bool, must_change: bool
) -> Step | None:
    """Return what comes next, None when nothing does.

    The code comes first: a password alone must not be enough to change the password.
    """
    if enrolled and not code_given:
        return Step.CODE
    if must_change:
        return Step.PASSWORD
    if must_enrol and not enrolled:
        return Step.ENROL
    return None
