"""From a clerk's call to the last of 200 displays, against a bare emit of the same bytes."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

from bench import places

SCREENS = 200
ROUNDS = 10
CALLS_A_ROUND = 15
TARGET_MS = 40.0
TARGET_RATIO = 2.0


class Wall:
    """The displays' process, asked line by line."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def __call__(self, **asked: Any) -> dict[str, Any]:
        """Ask the wall to do something and return what it tells."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(asked) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@contextmanager
def wall(place: places.Place) -> Iterator[Wall]:
    """A wall of displays in front of a server."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.watching", str(place.port), str(SCREENS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=places.HOUSE,
    )
    try:
        yield Wall(process)
    finally:
        process.communicate()


def measure() -> dict[str, Any]:
    """Return the milliseconds to the last display of every call and of every bare emit."""
    with (
        places.hall() as hall,
        places.bare() as bare,
        wall(hall) as hall_wall,
        wall(bare) as bare_wall,
    ):
        window = next(each for each in places.windows_of(places.ZONE))
        keys = {role: hall.key(role) for role in ("kiosk", "window", "display")}
        hall_wall(auth={"key": keys["display"]}, watch={"zone": places.ZONE})
        bare_wall(auth={}, watch={})
        fill_the_line(hall_wall, keys, window.no, window.services[0])
        board = _board(hall, keys["display"])
        called: list[float] = []
        emitted: list[float] = []
        answers: list[float] = []
        for _ in range(ROUNDS):
            for told in calls(hall_wall, keys["window"], window.no):
                called.append(told["last_ms"])
                answers.append(told["answer_ms"])
            emitted += _emits(bare_wall, board)
        memory = hall.memory_mb()
    return {
        "called": sorted(called),
        "emitted": sorted(emitted),
        "answers": sorted(answers),
        "bytes": len(json.dumps(board, ensure_ascii=False, separators=(",", ":")).encode()),
        "memory_mb": memory,
    }


def fill_the_line(ask: Wall, keys: dict[str, str], window: int, service: str) -> None:
    """Open a window and take a ticket for each call of a run."""
    opened = ask(post=f"/api/v1/windows/{window}/open", body={}, key=keys["window"])
    assert opened["status"] == 200, opened
    for count in range(ROUNDS * CALLS_A_ROUND + 5):
        body = {"service": service, "tap": f"bench-{count:06d}"}
        assert ask(post="/api/v1/tickets", body=body, key=keys["kiosk"])["status"] == 201


def calls(ask: Wall, key: str, window: int) -> Iterator[dict[str, Any]]:
    """Call a round, and yield how long each took to the last display."""
    for _ in range(CALLS_A_ROUND):
        told = ask(
            post=f"/api/v1/windows/{window}/calls", body={}, key=key, mark='"calls":[{"id":CALL,'
        )
        assert told["status"] == 201, told
        assert not told["missed"], told
        yield told
        ask(post=f"/api/v1/windows/{window}/miss", body={}, key=key)
        ask(listen=0.15)


def _emits(ask: Wall, board: dict[str, Any]) -> Iterator[float]:
    for count in range(CALLS_A_ROUND):
        calls = [{**board["calls"][0], "id": count}, *board["calls"][1:]]
        told = ask(
            post="/emit",
            body={**board, "calls": calls},
            key="",
            mark=f'"calls":[{{"id":{count},',
        )
        assert not told["missed"], told
        yield told["last_ms"]
        ask(listen=0.15)


def _board(hall: places.HallPlace, key: str) -> dict[str, Any]:
    asked = Request(
        f"{hall.address}/api/v1/board?zone={places.ZONE}",
        headers={"Authorization": f"Bearer {key}"},
    )
    with urlopen(asked) as answer:
        board: dict[str, Any] = json.load(answer)
    call = {"id": 0, "number": "A001", "window": 1, "window_name": "1号窗口", "at": board["now"]}
    board["calls"] = board["calls"] or [{**call, "language": "zh", "recall": 0}]
    return board


def at(share: float, values: list[float]) -> float:
    """Return a quantile of sorted values."""
    return values[min(len(values) - 1, int(len(values) * share))]


def main() -> bool:
    """Print the figures and return whether the targets are met."""
    seen = measure()
    call, emit = at(0.99, seen["called"]), at(0.99, seen["emitted"])
    print(
        f"calling: call -> last of {SCREENS} displays p50 {at(0.5, seen['called']):.1f} ms, "
        f"p99 {call:.1f} ms (target <= {TARGET_MS:.0f}); bare emit of the same "
        f"{seen['bytes']} bytes p50 {at(0.5, seen['emitted']):.1f} ms, p99 {emit:.1f} ms; "
        f"ratio p99 {call / emit:.2f}, p50 "
        f"{at(0.5, seen['called']) / at(0.5, seen['emitted']):.2f} (target <= {TARGET_RATIO:.0f}); "
        f"the clerk's answer p99 {at(0.99, seen['answers']):.1f} ms"
    )
    return call <= TARGET_MS and call / emit <= TARGET_RATIO


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
