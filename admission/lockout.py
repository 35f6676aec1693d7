"""How long whoever failed to sign in waits; pure.

Failures are counted by account and by where they come from: a browser that has signed in to this
account before has a counter of its own, all others share one (OWASP, device cookies). Whoever
guesses from outside keeps other strangers out, never the person at the desk.
"""

from hall.days import HOUR, MINUTE, SECOND, Instant
from hall.refusals import NotAllowed

# The source of all browsers that never signed in to an account.
STRANGER = ""
# A second person who gives their password on a colleague's page: it counts apart, so that a
# colleague who mistypes it locks nobody out, and what is right there forgets no failed sign-in.
BESIDE = "beside"
WAITS_FROM = 5
FIRST_WAIT = 15 * SECOND
LOCKED_AT = 15
# Locked until a security administrator unlocks it, or for so long: then one try, not fifteen.
# A hall whose only administrator mistyped must open the next morning; one guess a day finds
# nothing (NIST SP 800-63B-4, 3.2.2, allows a hundred in a row).
LOCKED_FOR = 24 * HOUR


class MustWait(NotAllowed):
    """Too many failures: what is typed is not even looked at for ``seconds``."""

    def __init__(self, seconds: int, locked: bool) -> None:
        code = "sign_in_locked" if locked else "sign_in_slowed"
        super().__init__(code, refusal(seconds, locked))
        self.seconds = seconds


def wait_after(failures: int) -> Instant:
    """Return how long nothing is accepted after so many failures in a row, in milliseconds."""
    if failures < WAITS_FROM:
        return 0
    if failures >= LOCKED_AT:
        return LOCKED_FOR
    return FIRST_WAIT << (failures - WAITS_FROM)


def left(failures: int, last_at: Instant, now: Instant) -> int:
    """Return for how many whole seconds nothing is accepted yet; a clock set back adds nothing."""
    wait = wait_after(failures)
    rest = min(wait, last_at + wait - now)
    return max(0, -(-rest // SECOND))


def refusal(seconds: int, locked: bool) -> str:
    """Return what whoever comes too soon is told; the same whether the account exists or not."""
    if locked:
        return f"登录失败次数过多，已锁定。请找安全管理员解锁，或{in_words(seconds)}后再试。"
    return f"登录失败次数过多，请{in_words(seconds)}后再试。"


def in_words(seconds: int) -> str:
    """Return a wait as a person reads it: seconds up to two minutes, then rounded up."""
    if seconds < 120:
        return f" {seconds} 秒"
    if seconds < 2 * HOUR // SECOND:
        return f" {-(-seconds * SECOND // MINUTE)} 分钟"
    return f" {-(-seconds * SECOND // HOUR)} 小时"
