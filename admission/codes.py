"""Codes of the second factor: TOTP (RFC 6238) and the recovery codes beside it; pure."""

import hmac
import re
import secrets

import pyotp

from hall.days import SECOND, Instant

STEP_SECONDS = 30
# A phone's clock may be half a minute off, in both directions.
STEPS_OFF = 1
RECOVERY_CODES = 8
# A Chinese character takes 18 bytes of the address: 30 of them make a QR code of 81 by 81 dots, 2.7
# pixels each, which phones before a poor screen miss; 12 make 61.
LONGEST_ISSUER = 12
# Read off paper and typed by hand: without letters and digits that look like one another.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_secret() -> str:
    """Return a new secret of 160 bits in base 32."""
    return pyotp.random_base32()


def in_groups(secret: str) -> str:
    """Return a secret in groups of four, for typing into a phone."""
    return " ".join(re.findall(".{1,4}", secret))


def address(secret: str, account: str, hall: str) -> str:
    """Return what the QR code says to an authenticator."""
    shown = hall if len(hall) <= LONGEST_ISSUER else f"{hall[: LONGEST_ISSUER - 1]}…"
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=shown)


def accepted_step(secret: str, code: str, now: Instant, last_step: int) -> int | None:
    """Return the time-step a code belongs to, None when it is wrong or was used before.

    A code is good for its own half minute, the one before and the one after; ``last_step`` is the
    newest that was accepted: that one and all before it open nothing any more.
    """
    typed = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", typed):
        return None
    made = pyotp.TOTP(secret, interval=STEP_SECONDS)
    here = now // (STEP_SECONDS * SECOND)
    for step in range(here - STEPS_OFF, here + STEPS_OFF + 1):
        same = hmac.compare_digest(made.at(step * STEP_SECONDS), typed)
        if same and step > last_step:
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Return eight codes such as ``k7mp-x2aa-9rtw``; the first group tells one from the other.

    The other two are 39 random bits, kept as Argon2 hashes and counted by the lock-out.
    """
    labels: set[str] = set()
    while len(labels) < RECOVERY_CODES:
        labels.add(_letters(4))
    return [f"{label}-{_letters(4)}-{_letters(4)}" for label in sorted(labels)]


def _letters(count: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(count))


def recovery_code(typed: str) -> str | None:
    """Return a recovery code as it was shown, None for what cannot be one."""
    plain = re.sub(r"[\s-]", "", typed).lower()
    if len(plain) != 12 or set(plain) - set(LETTERS):
        return None
    return "-".join((plain[:4], plain[4:8], plain[8:]))


def label_of(code: str) -> str:
    """Return the first group of a recovery code."""
    return code[:4]
