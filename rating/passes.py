"""The code that stands at a window: who may rate with it, and the pass they get; pure."""

from hashlib import sha256

from itsdangerous import BadSignature, Signer

from hall.days import MINUTE, Instant
from hall.refusals import NotFound, NotValid
from hall.tickets import Ticket, Visit, VisitState

SALT = "window"
TAIL_LENGTH = 4
# Time to write 150 characters, and to find the glasses first.
PASS_LASTS = 30 * MINUTE
# One sentence for every reason: it tells nobody which numbers there are, nor whose they are.
NOT_FOUND = "没有查到。请核对号码和手机后四位；只能评价今天在本窗口办完的业务。"


def check_owner(ticket: Ticket | None, tail: str) -> Ticket:
    """Return the ticket of whoever knows how its phone number ends; NotFound ``not_yours``."""
    if ticket is None or not ticket.phone or ticket.phone[-TAIL_LENGTH:] != tail.strip():
        raise NotFound("not_yours", NOT_FOUND)
    return ticket


def finished_here(visits: list[Visit], window: int) -> Visit:
    """Return the newest of a ticket's visits that a window has finished; NotFound else."""
    for visit in reversed(visits):
        if visit.window == window and visit.state is VisitState.DONE:
            return visit
    raise NotFound("not_yours", NOT_FOUND)


def check_asked(number: str, tail: str) -> tuple[str, str]:
    """Return a number and the end of a phone as they are kept, or refuse what is none."""
    said, end = "".join(number.split()).upper(), "".join(tail.split())
    if not said:
        raise NotValid("number_missing", "请输入号票上的号码，如 A001。")
    if len(end) != TAIL_LENGTH or not (end.isascii() and end.isdigit()):
        raise NotValid("tail_missing", "请输入取号时所留手机号的后四位数字。")
    return said, end


class Passes:
    """What a phone holds between being found and having rated: a signed visit with an end."""

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, salt=SALT, digest_method=sha256)

    def made(self, visit: int, now: Instant) -> str:
        """Return a pass for a visit."""
        return self._signer.sign(f"{visit}-{(now + PASS_LASTS) // 1000}").decode()

    def visit_of(self, given: str, now: Instant) -> int:
        """Return the visit of a pass; NotFound ``no_pass`` for one that is none or has ended."""
        try:
            visit, _, until = self._signer.unsign(given).decode().partition("-")
        except BadSignature:
            raise NotFound("no_pass", "这个页面已失效，请重新扫描窗口的二维码。") from None
        if now > int(until) * 1000:
            raise NotFound("no_pass", "停留太久，这个页面已失效，请重新扫描窗口的二维码。")
        return int(visit)
