"""What somebody who misses the call may do, as the hall's policy has it (queue-rules 7); pure."""

from dataclasses import dataclass

from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed
from hall.tickets import Ticket


@dataclass(frozen=True, slots=True)
class ReturnPolicy:
    """``returns`` is after_places, end_of_line, help_desk or void; the limits of coming back."""

    returns: str
    places: int
    within_minutes: int
    misses_most: int

    def refusal(self, ticket: Ticket, now: Instant) -> NotAllowed | None:
        """Return why a missed ticket may not come back at the kiosk, None when it may."""
        if self.returns == "help_desk":
            told = f"{ticket.number} 号已过号，请到咨询台办理返回。"
            return NotAllowed("help_desk_only", told)
        if self.returns == "void" or ticket.misses >= self.misses_most:
            return NotAllowed("ticket_void", f"{ticket.number} 号已作废，请重新取号。")
        if now > self._until(ticket):
            return NotAllowed(
                "returned_too_late",
                f"{ticket.number} 号过号已超过 {self.within_minutes} 分钟，"
                "请重新取号或到咨询台询问。",
            )
        return None

    def beforehand(self, language: str = "zh") -> str:
        """Return what a slip and a phone say about a call that may be missed."""
        english = language == "en"
        if self.returns == "void":
            return "please take a new number" if english else "过号作废，请重新取号"
        if self.returns == "help_desk":
            return "ask at the help desk" if english else "请到咨询台办理返回"
        if self.returns == "end_of_line":
            line = "the end of the line" if english else "排到队尾"
        else:
            line = f"{self.places} places later" if english else f"隔 {self.places} 位再叫"
        if english:
            return f"scan this slip at a kiosk within {self.within_minutes} min: {line}"
        return f"{self.within_minutes} 分钟内到取号机扫码返回，{line}"

    def afterwards(self, ticket: Ticket, now: Instant) -> str:
        """Return what a phone tells whose call was missed, as a sentence."""
        if refused := self.refusal(ticket, now):
            return refused.message
        left = -(-(self._until(ticket) - now) // MINUTE)
        line = "排到队尾" if self.returns == "end_of_line" else f"隔 {self.places} 位再叫"
        return f"请在 {max(left, 1)} 分钟内到取号机扫小票返回，{line}；逾时请重新取号。"

    def _until(self, ticket: Ticket) -> Instant:
        missed_at = ticket.ended_at or ticket.taken_at
        return missed_at + self.within_minutes * MINUTE
