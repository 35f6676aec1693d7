"""Browsers that wait to become a device: a short code each, in memory, for ten minutes."""

import secrets
from dataclasses import dataclass

from hall.days import MINUTE, Clock, Instant
from hall.refusals import NotAllowed, NotFound

# Without 0 and O, 1 and I: what is read off a screen and typed. 32 letters, 8 of them: 40 bits.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH = 8
GOOD_FOR = 10 * MINUTE
# A hall pairs its screens in one morning, all behind one switch; a stranger takes no more room.
MOST_OF_ONE, MOST = 40, 400
SIGHT = str.maketrans("", "", "- \u3000")


@dataclass(slots=True)
class Waiting:
    """One browser that shows a code; ``check`` tells its screen from the one beside it."""

    token: str
    code: str
    check: str
    since: Instant
    address: str
    browser: str
    screen: str = ""
    device: int | None = None

    @property
    def shown(self) -> str:
        """The code in two halves, as people read it."""
        return f"{self.code[:4]}-{self.code[4:]}"


def plain(typed: str) -> str:
    """Return a code as it is kept, however it was typed."""
    return typed.translate(SIGHT).upper()[: LENGTH + 1]


class Pairings:
    """Who waits. A restart forgets all; a page that waits asks for a new code by itself."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._waiting: dict[str, Waiting] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def begin(self, address: str, browser: str, screen: str = "") -> Waiting:
        """Give a browser a code; of too many at one address, or of all, the oldest is forgotten."""
        self._forget_old()
        mine = [each.token for each in self._waiting.values() if each.address == address]
        for token in mine[: max(0, len(mine) - MOST_OF_ONE + 1)]:
            del self._waiting[token]
        while len(self._waiting) >= MOST:
            del self._waiting[next(iter(self._waiting))]
        waiting = Waiting(
            secrets.token_urlsafe(24),
            self._unused(),
            f"{secrets.randbelow(10_000):04}",
            self.clock(),
            address,
            browser,
            screen,
        )
        self._waiting[waiting.token] = waiting
        return waiting

    def of_token(self, token: str) -> Waiting | None:
        """Return what a browser waits with, None when its time is over."""
        self._forget_old()
        return self._waiting.get(token)

    def of_code(self, typed: str) -> Waiting:
        """Return who shows a code, also after it was used; NotFound when nobody does."""
        self._forget_old()
        code = plain(typed)
        for each in self._waiting.values():
            if secrets.compare_digest(each.code.encode(), code.encode()):
                return each
        raise NotFound(
            "unknown_code",
            "没有设备显示这个配对码。请核对屏幕上的 8 位；每个码 10 分钟有效，只能用一次。",
        )

    def join(self, waiting: Waiting, device: int) -> None:
        """Say which device a browser has become; NotAllowed when its code was used already."""
        if waiting.device is not None:
            raise NotAllowed("code_used", "这个配对码已经用过。请在设备上刷新页面，取一个新的。")
        waiting.device = device

    def seconds_left(self, waiting: Waiting) -> int:
        """Return how long a code is still good."""
        return max(0, (waiting.since + GOOD_FOR - self.clock()) // 1000)

    def _unused(self) -> str:
        used = {each.code for each in self._waiting.values()}
        while True:
            code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
            if code not in used:
                return code

    def _forget_old(self) -> None:
        now = self.clock()
        gone = [
            token for token, each in self._waiting.items() if not 0 <= now - each.since < GOOD_FOR
        ]
        for token in gone:
            del self._waiting[token]
