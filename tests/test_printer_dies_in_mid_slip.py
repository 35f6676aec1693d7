"""The plug is pulled while a slip comes out: the hall knows it, and the next slip is whole."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from escpos_peer import printer_peer
from paper import FACTS

from kiosk.drivers import NetworkPrinter, PrinterTrouble
from kiosk.printing import Condition, FakePrinter, Printers
from kiosk.slip import slip


def test_half_a_slip_is_a_failed_slip() -> None:
    with printer_peer() as peer, ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address])
        peer.dies_after_bytes = 20_000
        job = printers.submit(peer.address, slip(FACTS))
        assert (job.wait(5), job.code) == ("failed", "stopped")
        assert "没有打完整" in job.message
        assert peer.slips == []
        assert printers.states()[peer.address].condition is Condition.UNKNOWN


def test_the_next_slip_is_whole_once_the_printer_is_back() -> None:
    with printer_peer() as peer, ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address])
        peer.dies_after_bytes = 20_000
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "failed"
        peer.dies_after_bytes = None
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "printed"
        assert [printed.picture.tobytes() for printed in peer.slips] == [slip(FACTS).tobytes()]


def test_a_printer_that_stops_taking_bytes_does_not_hold_its_line_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(NetworkPrinter, "PATIENCE", 0.4)
    monkeypatch.setattr(NetworkPrinter, "LONGEST_SLIP", 0.4)
    with printer_peer() as peer:
        peer.reads_no_more_after_bytes = 5_000
        with pytest.raises(PrinterTrouble) as trouble:
            NetworkPrinter("127.0.0.1", peer.port).print(slip(FACTS))
        assert trouble.value.code in {"stopped", "no_answer"}
        assert peer.slips == []


def test_a_printer_that_used_to_say_when_it_is_done_and_does_not_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(NetworkPrinter, "LONGEST_SLIP", 0.3)
    with printer_peer() as peer:
        printer = NetworkPrinter("127.0.0.1", peer.port)
        printer.print(slip(FACTS))
        peer.seconds_a_slip = 1.0  # as if the paper were jammed: it answers, and nothing comes
        with pytest.raises(PrinterTrouble) as trouble:
            printer.print(slip(FACTS))
        assert trouble.value.code == "no_answer"


def test_the_fake_dies_like_the_real_one() -> None:
    with ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, ["fake:"])
        printer = printers.printer("fake:")
        assert isinstance(printer, FakePrinter)
        printer.dies_in_mid_slip = True
        job = printers.submit("fake:", slip(FACTS))
        assert (job.wait(2), job.code) == ("failed", "stopped")
        assert len(printer.slips) == 0
