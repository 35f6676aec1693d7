"""Passwords: kept as Argon2id hashes, checked beside the loop."""

from functools import cache

from gevent.lock import BoundedSemaphore

from hall.refusals import NotValid
from web.aside import in_thread

SHORTEST = 8
LONGEST = 200
# One check takes some 30 ms of a core and 19 MB: a flood of sign-ins must not take the hall's.
_AT_ONCE = BoundedSemaphore(2)
_OF_NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$lGmXSQlZi1/ct+ffaPxRrA$"
    "4mmoNVtuugztVJ1Ia11/LO3w/3fZNKFTm6ZTLCTmhvY"
)


@cache
def _hasher():  # type: ignore[no-untyped-def]
    # imported at the first sign-in: a kiosk's first answer does not wait for it
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_of(password: str) -> str:
    """Return the hash to keep; refuse a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise NotValid("bad_password", f"密码须为 {SHORTEST} 到 {LONGEST} 个字符。")
    made: str = _hasher().hash(password)
    return made


def hash_of_pin(pin: str) -> str:
    """Return the hash of a PIN, whose length was looked at before."""
    made: str = _hasher().hash(pin)
    return made


def _matches(kept: str, password: str) -> bool:
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return bool(_hasher().verify(kept, password))
    except (Argon2Error, InvalidHashError):
        return False


def is_right(kept: str | None, password: str) -> bool:
    """Return whether a password is the kept one; an unknown person takes as long as a known."""
    with _AT_ONCE:
        right = in_thread(_matches, kept or _OF_NOBODY, password[: LONGEST + 1])
    return right and kept is not None
