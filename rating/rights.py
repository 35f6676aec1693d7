"""Who may rate which visit, how and until when; the signed one-time link; pure.

"一次一评": every finished service may be rated once by the person served (rating-rules).
"""

from itsdangerous import BadSignature, Signer

from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import IN_CHINESE, State, Visit

DAY = 24 * 60 * MINUTE
SALT = "slip"
CONTACT_LENGTH = 60


def check_rateable(visit: Visit | None, now: Instant, link_days: int) -> Visit:
    """Return the visit if it may be rated now; only a finished service may, for so many days."""
    if visit is None:
        raise NotFound("unknown_visit", "没有这次办理。")
    if visit.state is not State.DONE or visit.ended_at is None:
        raise NotAllowed("not_rateable", f"这次办理{IN_CHINESE[visit.state]}，办完后才能评价。")
    if now - visit.ended_at > link_days * DAY:
        raise NotAllowed(
            "too_late", f"办完已超过 {link_days} 天，评价时间已过。如有意见请拨打 12345。"
        )
    return visit


def check_own_window(visit: Visit, window: int | None) -> None:
    """Refuse an evaluator a visit of another window."""
    if window is not None and visit.window != window:
        raise NotAllowed("other_window", "评价器只能评价本窗口的服务。")


def check_text(text: str, contact: str, longest: int) -> tuple[str, str]:
    """Return the cleaned text and contact, or refuse what is too long."""
    told, reach = text.strip(), contact.strip()
    if len(told) > longest:
        raise NotValid("text_too_long", f"评价文字最多 {longest} 个字，现有 {len(told)} 个。")
    if len(reach) > CONTACT_LENGTH:
        raise NotValid("contact_too_long", f"联系方式最多 {CONTACT_LENGTH} 个字符。")
    return told, reach


class Links:
    """The signed link on a slip: it names a ticket, and nobody can make one up."""

    def __init__(self, secret: bytes) -> None:
        # the key is derived once: every ticket has a link, and a hall takes hundreds a second
        own = Signer(secret, salt=SALT).derive_key()
        self._signer = Signer(own, key_derivation="none")

    def token(self, ticket: int) -> str:
        """Return the token of a ticket."""
        return self._signer.sign(str(ticket)).decode()

    def ticket_of(self, token: str) -> int:
        """Return the ticket of a token; NotFound ``bad_link`` for one nobody here has signed."""
        try:
            return int(self._signer.unsign(token))
        except (BadSignature, ValueError):
            raise NotFound("bad_link", "链接不完整或已失效，请重新扫描小票上的二维码。") from None
