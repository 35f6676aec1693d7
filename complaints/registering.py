"""How complaints come in: one by one, or as a list of orders 12345."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from complaints import drafting, limits, orders
from complaints.drafting import BadComplaint, Draft
from complaints.handling import Handling
from complaints.life import Complaint, Kind, Source, State
from hall import services
from hall.days import Instant
from hall.refusals import NotAllowed, NotValid

FILE_NAME_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of an order list: how many are new, how many were registered before."""

    added: int
    known: int


class Registering(Handling):
    """Complaints, written down."""

    def register_one(self, draft: Draft, tap: str, by: str = "") -> Complaint:
        """Write a complaint down, and hand it to its unit if it names one.

        The same tap gets the same complaint. Raises BadComplaint with every mistake, NotAllowed
        ``order_known`` for an order that is registered already.
        """
        services.check_tap(tap)
        with self.store.transaction():
            if found := self.tables.of_tap(tap):
                return found
            now = self.clock()
            self._check(draft, now)
            if draft.order_number and (known := self.tables.of_order(draft.order_number)):
                raise NotAllowed(
                    "order_known", f"工单 {draft.order_number} 已登记为 {known.number}。"
                )
            return self._add(draft, now, by, tap)

    def mistakes(self, draft: Draft) -> dict[str, str]:
        """Return what is wrong with a draft now, a sentence for each field."""
        return drafting.mistakes(draft, self.clock(), self._active_units(), self.zone)

    def _check(self, draft: Draft, now: Instant) -> None:
        if found := drafting.mistakes(draft, now, self._active_units(), self.zone):
            raise BadComplaint(found)

    def _add(
        self, draft: Draft, now: Instant, by: str, tap: str | None, told: str = ""
    ) -> Complaint:
        assert draft.at is not None
        workdays = self.workdays()
        made = Complaint(
            id=0,
            source=Source(draft.source),
            kind=Kind(draft.kind),
            order_number=draft.order_number or None,
            title=draft.title.strip(),
            complainant=draft.complainant.strip(),
            phone=draft.phone,
            accused_unit=draft.accused_unit.strip(),
            accused=draft.accused.strip(),
            content=draft.content.strip(),
            at=draft.at,
            registered_at=now,
            accept_due_at=limits.accept_due(now, self.terms, workdays),
            due_at=limits.reply_due(draft, draft.at, self.terms, workdays),
            unit=None,
            handler="",
            state=State.RECEIVED,
        )
        kept = self.tables.add(made, tap)
        self._note("complaint_registered", kept, now, by, told)
        return self._assign(kept, draft.unit, "", now, by) if draft.unit else kept

    # -- a list of orders -----------------------------------------------------------------------

    def import_orders(
        self,
        drafts: Sequence[Draft],
        file_name: str,
        by: str = "",
        between: Callable[[], object] = lambda: None,
    ) -> Imported:
        """Take over an order list, all of it or, for one mistake, nothing.

        An order that is registered already stays as it is. What the list says was done of an
        order is kept as of the time it says. It is written in small transactions, ``between``
        which others have their turn; a list that was broken off is imported again.
        """
        if len(drafts) > orders.ROWS_MOST:
            raise NotValid("too_many", f"一次最多导入 {orders.ROWS_MOST} 件。")
        now, added = self.clock(), 0
        for draft in drafts:
            self._check(draft, now)
            if not draft.order_number:
                raise BadComplaint({"order_number": "工单号不能为空。"})
        for begin in range(0, len(drafts), orders.ROWS_AT_ONCE):
            with self.store.transaction():
                for draft in drafts[begin : begin + orders.ROWS_AT_ONCE]:
                    if self.tables.of_order(draft.order_number or "") is None:
                        self._import(draft, now, by, file_name)
                        added += 1
            between()
        known = len(drafts) - added
        told = {"file": file_name[:FILE_NAME_LENGTH], "added": added, "known": known}
        with self.store.transaction():
            self.store.note(now, "complaints_imported", who=by, detail=told)
        return Imported(added, known)

    def _import(self, draft: Draft, now: Instant, by: str, file_name: str) -> None:
        kept = self._add(draft, now, by, None, f"从“{file_name[:FILE_NAME_LENGTH]}”导入")
        begun = draft.accepted_at or draft.replied_at
        if begun is not None:
            kept = self._accept(kept, begun, draft.handler, now, by)
        if draft.replied_at is not None:
            self._reply(kept, draft.reply.strip(), draft.replied_at, now, by)

    def known_orders(self, order_numbers: Sequence[str]) -> set[str]:
        """Return which of some orders are registered already."""
        return self.tables.known_orders(list(dict.fromkeys(order_numbers))[: orders.ROWS_MOST])
