"""Which step of a window may be taken back; pure (queue-rules 7: one undo for 10 s)."""

from collections.abc import Sequence

from hall.days import Instant
from hall.tickets import Visit, VisitState

MAY_BE_UNDONE = (VisitState.HELD, VisitState.MISSED, VisitState.TRANSFERRED)


def undoable(active: Visit | None, held: Sequence[Visit], ended: Visit | None) -> Visit | None:
    """Return the visit whose newest step may be taken back.

    ``active`` is what the window is busy with, ``ended`` what ended last there. A call may be
    taken back before it was repeated; a service that began or ended may not.
    """
    if active is not None:
        return active if active.state is VisitState.CALLED and not active.recalls else None
    newest = max([*held, *([ended] if ended else [])], key=last_step, default=None)
    return newest if newest and newest.state in MAY_BE_UNDONE else None


def last_step(visit: Visit) -> Instant:
    """Return when a visit took its newest step."""
    return visit.held_at or visit.ended_at or visit.called_at
