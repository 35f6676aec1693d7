"""A printer that is off or dumb: nobody waits for it, and it is noticed when it is back."""

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from escpos_peer import EscposPeer, printer_peer
from paper import FACTS, Hands, at_once, wait_until

from kiosk.drivers import NetworkPrinter
from kiosk.printing import ASK_TROUBLED_SECONDS, Condition, Printers
from kiosk.slip import slip


@pytest.fixture
def peer() -> Iterator[EscposPeer]:
    with printer_peer() as switched_on:
        yield switched_on


@pytest.fixture
def silent_address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a machine that takes no call at all: a connection waits until time is up."""
    monkeypatch.setattr(NetworkPrinter, "PATIENCE", 0.5)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        # Fill the queue of callers: the next one hears nothing, as with a pulled network cable.
        callers = [socket.socket() for _ in range(4)]
        for caller in callers:
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
        yield f"tcp://127.0.0.1:{port}"
        for caller in callers:
            caller.close()


def test_a_printer_that_is_off_is_named_with_its_address(peer: EscposPeer) -> None:
    peer.switch_off()
    state = NetworkPrinter("127.0.0.1", peer.port).state()
    assert state.condition is Condition.OFF
    assert f"127.0.0.1:{peer.port}" in state.trouble
    assert "电源" in state.trouble


def test_only_the_first_slip_waits_for_a_dead_printer(silent_address: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [silent_address])
        first = printers.submit(silent_address, slip(FACTS))
        behind = printers.submit(silent_address, slip(FACTS))
        assert first.wait(0.1) == "printing"
        assert (first.wait(15), first.code) == ("failed", "off")
        begun = time.monotonic()
        assert behind.wait(15) == "failed", "what waited behind it fails without trying again"
        later = printers.submit(silent_address, slip(FACTS))
        assert (later.wait(0), later.code) == ("failed", "off")
        assert time.monotonic() - begun < 2
        assert "暂时不能用" in later.message


def test_a_printer_that_is_back_is_noticed_without_a_citizen_trying(peer: EscposPeer) -> None:
    seconds = Hands()
    printers = Printers(at_once, [peer.address], seconds=seconds)
    peer.switch_off()
    assert printers.submit(peer.address, slip(FACTS)).outcome == "failed"
    peer.switch_on()
    printers.tick()
    assert printers.states()[peer.address].condition is Condition.OFF, "asked too soon"
    seconds.at += ASK_TROUBLED_SECONDS
    printers.tick()
    assert printers.states()[peer.address].condition is Condition.OK
    assert printers.submit(peer.address, slip(FACTS)).outcome == "printed"


def test_even_without_ticks_a_dead_printer_is_tried_again_after_a_while(peer: EscposPeer) -> None:
    seconds = Hands()
    with ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address], seconds=seconds)
        peer.switch_off()
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "failed"
        peer.switch_on()
        assert printers.submit(peer.address, slip(FACTS)).wait(0) == "failed"
        seconds.at += ASK_TROUBLED_SECONDS
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "printed"


def test_no_answer_is_unknown_not_fine(peer: EscposPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NetworkPrinter, "PATIENCE", 0.4)
    peer.says_nothing = True
    with ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address])
        job = printers.submit(peer.address, slip(FACTS))
        assert (job.wait(5), job.code) == ("failed", "no_answer")
        assert "没能确认" in job.message
        state = printers.states()[peer.address]
        assert state.condition is Condition.UNKNOWN
        assert "status=no" in state.trouble


def test_a_silent_printer_still_gets_slips_and_is_not_waited_for_long(
    peer: EscposPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NetworkPrinter, "PATIENCE", 1.0)
    monkeypatch.setattr(NetworkPrinter, "BRIEF", 0.1)
    peer.says_nothing = True
    with ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address])
        printers.submit(peer.address, slip(FACTS)).wait(5)
        begun = time.monotonic()
        printers.submit(peer.address, slip(FACTS)).wait(5)
        assert time.monotonic() - begun < 2.5
        wait_until(lambda: len(peer.slips) == 2)
        peer.says_nothing = False
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "printed"
        assert printers.states()[peer.address].condition is Condition.OK
