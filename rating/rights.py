"""Who may rate which visit, how and until when; the signed one-time link; pure.

"一次一评": every finished service may be rated once by the person served (rating-rules).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode as decoded
from itsdangerous.encoding import base64_encode as encoded

from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import VISIT_IN_CHINESE, Ticket, Visit, VisitState
from rating.levels import TYPED, Channel

DAY = 24 * 60 * MINUTE
SALT = "slip"
KEPT_TOKENS = 4096  # all who are in a large hall at once
CONTACT_LENGTH = 60
# No limit: what another verb has looked at already.
ANY_DAYS = 36_600
VOIDS = {"mistaken": "误评", "malicious": "恶意评价"}
VOID_REASON_LENGTH = 200
# Who has left cannot be asked: a later answer at the evaluator would be somebody else's.
ASK_AGAIN_WITHIN = 5 * MINUTE


def check_rateable(
    visit: Visit | None, now: Instant, link_days: int, second_from: Instant | None = None
) -> Visit:
    """Return the visit if it may be rated now; only a finished service may, for so many days.

    They count from the stored end of the service, for a second rating from its invitation.
    """
    if visit is None:
        raise NotFound("unknown_visit", "没有这次办理。")
    if visit.state is not VisitState.DONE or visit.ended_at is None:
        now_is = VISIT_IN_CHINESE[visit.state]
        raise NotAllowed("not_rateable", f"这次办理{now_is}，办完后才能评价。")
    if now - max(visit.ended_at, second_from or 0) > link_days * DAY:
        raise NotAllowed(
            "too_late", f"办完已超过 {link_days} 天，评价时间已过。如有意见请拨打 12345。"
        )
    return visit


def check_rated_here(channel: Channel, mode: str) -> None:
    """Refuse what a citizen gives on the hall's own pages where the province's system asks.

    What staff type in from paper, and imports, are kept in every mode (rating-rules, "Policy").
    """
    if mode != "own" and channel not in (*TYPED, Channel.IMPORT):
        raise NotAllowed("rated_at_province", "本大厅的评价在省政务服务平台进行，请在那里评价。")


def check_own_window(visit: Visit, window: int | None) -> None:
    """Refuse an evaluator a visit of another window."""
    if window is not None and visit.window != window:
        raise NotAllowed("other_window", "评价器只能评价本窗口的服务。")


@dataclass(frozen=True, slots=True)
class LastAsked:
    """What is known of a window's last service: when it was asked for a rating, what came of it."""

    visit: int | None
    asked_at: Instant | None
    outcome: str
    busy_with: Ticket | None


def check_ask_again(visit: Visit, last: LastAsked, now: Instant) -> None:
    """Refuse a second invitation unless the citizen of the last service may still be there.

    Once more is a help for who overlooked the evaluator; more often would be pressing.
    """
    if visit.id != last.visit:
        raise NotAllowed("not_last", "只能再次邀请本窗口刚办完的一位。")
    if last.outcome == "rated":
        raise NotAllowed("already_rated", "这次服务已经评价过了。")
    if last.busy_with is not None and last.busy_with.id != visit.ticket:
        raise NotAllowed(
            "window_busy",
            f"评价器前已是 {last.busy_with.number} 号，不能再邀请上一位；扫小票二维码仍可评价。",
        )
    if last.asked_at is not None and visit.ended_at is not None and last.asked_at > visit.ended_at:
        raise NotAllowed("asked_enough", "已经再次邀请过，不再打扰；扫小票二维码仍可评价。")
    if visit.ended_at is not None and now - visit.ended_at > ASK_AGAIN_WITHIN:
        raise NotAllowed("left_already", "办完已有一会儿，群众多半已离开；扫小票二维码仍可评价。")


def check_text(text: str, contact: str, longest: int) -> tuple[str, str]:
    """Return the cleaned text and contact, or refuse what is too long."""
    told, reach = text.strip(), contact.strip()
    if len(told) > longest:
        raise NotValid("text_too_long", f"评价文字最多 {longest} 个字，现有 {len(told)} 个。")
    if len(reach) > CONTACT_LENGTH:
        raise NotValid("contact_too_long", f"联系方式最多 {CONTACT_LENGTH} 个字符。")
    return told, reach


def check_void(kind: str, reason: str) -> str:
    """Return the reason of a voiding, or refuse an unknown kind and no or too long a reason."""
    if kind not in VOIDS:
        raise NotValid("unknown_void", f"作废原因须为 {'、'.join(VOIDS.values())}之一。")
    why = reason.strip()
    if not why:
        raise NotValid("reason_missing", "作废评价须写明理由。")
    if len(why) > VOID_REASON_LENGTH:
        raise NotValid("reason_too_long", f"理由最多 {VOID_REASON_LENGTH} 个字。")
    return why


class Links:
    """The signed link on a slip: it names a ticket, and nobody can make one up.

    The newest of the secrets signs; links made with an older one stay good until it is dropped.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        # the keys are derived once: every ticket has a link, and a hall takes hundreds a second
        own = [Signer(each, salt=SALT).derive_key() for each in secrets]
        self._signer = Signer(own, key_derivation="none")
        # every answer about a ticket tells its link, some five within a quarter of an hour
        self._tokens = lru_cache(KEPT_TOKENS)(self._sign)

    def token(self, ticket: int) -> str:
        """Return the token of a ticket."""
        return self._tokens(ticket)

    def _sign(self, ticket: int) -> str:
        return self._signer.sign(str(ticket)).decode()

    def ticket_of(self, token: str) -> int:
        """Return the ticket of a token; NotFound ``bad_link`` for one nobody here has signed."""
        no_link = NotFound("bad_link", "链接不完整或已失效，请重新扫描小票上的二维码。")
        try:
            named = self._signer.unsign(token)
        except (BadSignature, ValueError):
            raise no_link from None
        signature = token.rpartition(".")[2]
        # int() would read blanks, signs and other scripts' digits, base64 spare bits at the end
        if not named.isdigit() or encoded(decoded(signature)).decode() != signature:
            raise no_link
        return int(named)
