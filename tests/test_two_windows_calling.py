"""Sixteen clerks call at once over HTTP: no ticket twice, none skipped, none in the wrong order."""

import http.client
import json
import threading
from pathlib import Path
from typing import Any

from servers import Served, served

from hall import days
from hall.catalogue import Catalogue, Department, Service, Window, Zone
from hall.config import from_dict
from hall.desk import Desk
from hall.register import Register
from hall.store import Store

TICKETS = 1000
CALLERS = 16
BUSY = Catalogue(
    departments=(Department("D", "部门"),),
    zones=(Zone("1F", "一楼"),),
    services=(Service("s", "业务", "Service", "A", "D"),),
    windows=tuple(Window(no, "", "1F", "D", ("s",)) for no in range(1, CALLERS + 1)),
)


def fill_the_line(hall: Served) -> list[int]:
    """Put a thousand people in line and open all windows; return the tickets by arrival."""
    store = Store(hall.database)
    register = Register(store, days.now)
    desk = Desk(store, register, from_dict({"hall": {"always_open": True}}), days.now)
    with store.transaction():
        taken = [desk.issue("s", f"waiting-{count}").ticket.id for count in range(TICKETS)]
        for window in BUSY.windows:
            desk.open(window.no)
    store.close()
    return taken


class Clerk(threading.Thread):
    """Somebody who calls, lets go and calls again until nobody waits."""

    def __init__(self, hall: Served, window: int) -> None:
        super().__init__()
        self.called: list[tuple[int, int]] = []
        self.wrong: list[Any] = []
        self.window = window
        self.key = hall.key("window", window)
        self.line = http.client.HTTPConnection("127.0.0.1", hall.port, timeout=30)

    def run(self) -> None:
        while True:
            status, told = self.do("calls")
            if status == 409 and told["code"] == "nobody_waiting":
                break
            if status != 201:
                self.wrong.append(told)
                break
            self.called.append((told["call"], told["ticket"]))
            self.do("miss")
        self.line.close()

    def do(self, verb: str) -> tuple[int, Any]:
        self.line.request(
            "POST",
            f"/api/v1/windows/{self.window}/{verb}",
            b"{}",
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"},
        )
        answer = self.line.getresponse()
        return answer.status, json.loads(answer.read())


def test_sixteen_callers_and_a_thousand_tickets(tmp_path: Path) -> None:
    hall = Served(tmp_path / "hall", catalogue=BUSY)
    hall.prepare()
    taken = fill_the_line(hall)
    with served(tmp_path / "hall", catalogue=BUSY) as running:
        clerks = [Clerk(running, window.no) for window in BUSY.windows]
        for clerk in clerks:
            clerk.start()
        for clerk in clerks:
            clerk.join(100)
    assert not [each for clerk in clerks for each in clerk.wrong]
    calls = sorted(each for clerk in clerks for each in clerk.called)
    called = [ticket for _, ticket in calls]
    assert len(called) == len(set(called)) == TICKETS, "a ticket was called twice or skipped"
    assert called == taken, "somebody was called before their turn"
    assert sum(1 for clerk in clerks if clerk.called) > CALLERS / 2, "only few clerks worked"
