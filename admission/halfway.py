"""Who has given the right password and not come in yet; kept in memory, ten minutes each."""

import secrets
from dataclasses import dataclass, replace

from hall.days import MINUTE, Clock, Instant

# Long enough to install an authenticator and to think of a password.
STAYS = 10 * MINUTE
KEPT_MOST = 1000


@dataclass(frozen=True, slots=True)
class Half:
    """Half a sign-in: ``mark`` is void with the password, ``source`` is the lock-out's."""

    staff_number: str
    mark: str
    source: str
    window: int | None
    next: str
    at: Instant
    code_given: bool = False


class Halfway:
    """Halves by the token in their browser's cookie: one that was used up opens nothing again."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._halves: dict[str, Half] = {}

    def begin(self, half: Half) -> str:
        """Keep half a sign-in and return its token."""
        now = self.clock()
        fresh = {token: each for token, each in self._halves.items() if now - each.at <= STAYS}
        while len(fresh) >= KEPT_MOST:
            fresh.pop(next(iter(fresh)))
        token = secrets.token_urlsafe(18)
        self._halves = {**fresh, token: half}
        return token

    def of(self, token: str) -> Half | None:
        """Return the half of a token, None when it is too old or used up."""
        half = self._halves.get(token)
        return half if half and 0 <= self.clock() - half.at <= STAYS else None

    def code_was_given(self, token: str) -> Half:
        """Note that the code was right."""
        self._halves[token] = half = replace(self._halves[token], code_given=True)
        return half

    def password_was_changed(self, token: str, password_hash: str) -> Half:
        """Note that the half goes on with the new password."""
        self._halves[token] = half = replace(self._halves[token], mark=password_hash)
        return half

    def end(self, token: str) -> None:
        """Use a half up."""
        self._halves.pop(token, None)
