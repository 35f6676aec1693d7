"""The verbs of windows and who sits there: open, pause, close, and which page holds one."""

from dataclasses import replace

from hall.events import TicketMoved, WindowChanged
from hall.refusals import NotAllowed, NotFound
from hall.verbs import Verbs
from hall.windows import WindowNow, check_pause_reason, check_session, known_window


class Staffing(Verbs):
    """Windows and clerks."""

    def open(self, window: int, clerk: str | None = None) -> WindowNow:
        """Open a window with a clerk; without one, the clerk assigned to it, or who sits there."""
        with self.store.transaction():
            known_window(self._catalogue, window)
            was = self.store.window_now(window)
            assigned = self._assigned_clerk(window)
            who = clerk or was.clerk or assigned
            if who is not None and self.register.person(who) is None:
                raise NotFound("unknown_clerk", f"没有工号“{who[:40]}”。")
            if who != was.clerk and self.store.active_visit(window):
                raise NotAllowed("window_busy", f"{window} 号窗口正在办理，办完后才能换人。")
            stands_in_for = assigned if assigned != who else None
            return self._change_window(
                WindowNow(window, "open", who, "", self.clock(), was.session, stands_in_for), was
            )

    def _assigned_clerk(self, window: int) -> str | None:
        person = self._catalogue.clerk_of.get(window)
        return person.staff_number if person else None

    def pause(self, window: int, reason: str) -> WindowNow:
        """Pause a window; the reason is shown outside."""
        told = check_pause_reason(reason)
        with self.store.transaction():
            known_window(self._catalogue, window)
            was = self.store.window_now(window)
            if was.state == "closed":
                raise NotAllowed("window_not_open", f"{window} 号窗口未开启，不能暂停。")
            paused = replace(was, state="paused", pause_reason=told, since=self.clock())
            return self._change_window(paused, was)

    def close(self, window: int) -> WindowNow:
        """Close a window that serves nobody; what was kept for it may be called elsewhere."""
        with self.store.transaction():
            known_window(self._catalogue, window)
            if visit := self.store.active_visit(window):
                number = self.ticket(visit.ticket).number
                raise NotAllowed(
                    "window_busy", f"{number} 号还在办理，办完或标记过号后再关闭窗口。"
                )
            was, now = self.store.window_now(window), self.clock()
            for ticket in self.store.release_own(window):
                self._note_ticket(TicketMoved, "ticket_released", ticket, now)
            return self._change_window(WindowNow(window, "closed", None, "", now), was)

    def _change_window(self, now: WindowNow, was: WindowNow) -> WindowNow:
        if replace(now, since=was.since) == was:
            return was
        self.store.change_window(now)
        self.screens.shares.forget()
        detail = {"reason": now.pause_reason, "stands_in_for": now.stands_in_for}
        seq = self.store.note(
            now.since,
            f"window_{now.state}",
            window=now.no,
            who=now.clerk or was.clerk or "",
            detail={name: said for name, said in detail.items() if said} or None,
        )
        catalogue = self._catalogue
        served = [catalogue.zones_of[code] for code in catalogue.window[now.no].services]
        zones = {catalogue.window[now.no].zone, *(zone for zones in served for zone in zones)}
        self._emit(WindowChanged(seq, now.since, tuple(sorted(zones)), now.no))
        return now

    # -- one page a window ----------------------------------------------------------------------

    def hold_window(
        self, window: int, session: str, *, by: str = "", take_over: bool = False
    ) -> WindowNow:
        """Let one page hold a window; another page only takes it over when that is confirmed."""
        with self.store.transaction():
            known_window(self._catalogue, window)
            was = self.store.window_now(window)
            if was.session == session:
                return was
            if was.session and not take_over:
                raise self._taken(was)
            now = replace(was, session=session)
            self.store.change_window(now)
            event = "window_taken_over" if was.session else "window_held"
            seq = self.store.note(self.clock(), event, window=window, who=by)
            self._emit(WindowChanged(seq, self.clock(), (), window))
            return now

    def check_holds(self, window: int, session: str) -> None:
        """Refuse a page that holds a window no more: another one took it over."""
        check_session(self.store.window_now(window), session)

    def _taken(self, was: WindowNow) -> NotAllowed:
        person = self.register.person(was.clerk) if was.clerk else None
        who = f"（{person.name}）" if person else ""
        return NotAllowed("window_taken", f"{was.no} 号窗口已在另一处打开{who}。确认后可以接管。")
