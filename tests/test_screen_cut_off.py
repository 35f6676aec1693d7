"""A screen is cut off, or the server restarts: afterwards it shows what is, without a hand."""

import os
import time
from pathlib import Path

import pytest
from servers import Screen, Served, served


def newest(board: dict[str, list[dict[str, str]]]) -> str | None:
    return board["calls"][0]["number"] if board["calls"] else None


def come_back(hall: Served, key: str) -> Screen:
    """Connect as a page does that tries again and again."""
    deadline = time.monotonic() + 10
    while True:
        try:
            return Screen(hall.address, key)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def test_a_screen_that_missed_three_calls_is_right_after_one_message(tmp_path: Path) -> None:
    with served(tmp_path / "hall") as hall:
        hall.at(1, "open")
        key = hall.key("display")
        screen = Screen(hall.address, key)
        screen.watch(zone="1F")
        screen.wait_for("board")
        screen.client.eio.disconnect(abort=True)
        called = []
        for _ in range(3):
            hall.take()
            called.append(hall.at(1, "calls").json["number"])
            hall.at(1, "miss")
        back = come_back(hall, key)
        assert back.watch(zone="1F") == {"ok": True}
        board = back.wait_for("board")
        assert [each["number"] for each in board["calls"][:3]] == called[::-1]
        assert len(back.heard) == 1
        back.close()


def test_after_a_kill_and_a_restart_a_screen_is_right_within_five_seconds(tmp_path: Path) -> None:
    with served(tmp_path / "hall") as hall:
        hall.at(1, "open")
        key = hall.key("display")
        hall.take()
        called = hall.at(1, "calls").json["number"]
        screen = Screen(hall.address, key)
        screen.watch(zone="1F")
        hall.kill()
        screen.wait_until_cut(5)
        hall.start()
        began = time.monotonic()
        back = come_back(hall, key)
        back.watch(zone="1F")
        assert newest(back.wait_for("board")) == called
        assert time.monotonic() - began < 15, "5 s on a machine that does nothing else"
        back.close()


@pytest.mark.skipif(os.name == "nt", reason="a process cannot be held still there")
def test_a_server_that_falls_silent_and_wakes_tells_the_screens_again(tmp_path: Path) -> None:
    with served(tmp_path / "hall") as hall:
        hall.at(1, "open")
        key = hall.key("display")
        screen = Screen(hall.address, key)
        screen.watch(zone="1F")
        screen.wait_for("board")
        hall.pause()
        time.sleep(2)
        hall.go_on()
        hall.take()
        called = hall.at(1, "calls").json["number"]
        screen.wait_for("board", lambda board: newest(board) == called)
        screen.close()
