"""The paper ends: the ticket stands, the citizen is told, the manager sees it, new paper helps."""

from concurrent.futures import ThreadPoolExecutor

from escpos_peer import printer_peer
from paper import FACTS

from kiosk.drivers import NetworkPrinter
from kiosk.printing import Condition, FakePrinter, Printers
from kiosk.slip import slip


def test_a_slip_is_not_sent_to_a_printer_without_paper() -> None:
    with printer_peer() as peer, ThreadPoolExecutor(2) as pool:
        peer.out_of_paper = True
        printers = Printers(pool.submit, [peer.address])
        job = printers.submit(peer.address, slip(FACTS))
        assert (job.wait(2), job.code) == ("failed", "out_of_paper")
        assert "缺纸" in job.message
        assert "号码" in job.message
        assert peer.received < 20, "only questions were sent"
        state = printers.states()[peer.address]
        assert state.condition is Condition.OUT_OF_PAPER
        assert "装入新纸卷" in state.trouble


def test_paper_that_ends_in_the_middle_of_a_slip_is_noticed() -> None:
    with printer_peer() as peer, ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address])
        printer = printers.printer(peer.address)
        assert isinstance(printer, NetworkPrinter)
        printer.LONGEST_SLIP = 0.5
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "printed"
        peer.paper_ends_after_rows = 300
        torn = printers.submit(peer.address, slip(FACTS))
        assert (torn.wait(5), torn.code) == ("failed", "out_of_paper")
        assert len(peer.slips) == 1


def test_after_new_paper_the_next_slip_comes_out_without_a_hand() -> None:
    with printer_peer() as peer, ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, [peer.address])
        peer.out_of_paper = True
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "failed"
        peer.out_of_paper = False
        assert printers.submit(peer.address, slip(FACTS)).wait(5) == "printed"
        assert len(peer.slips) == 1, "the failed slip is not printed behind its citizen's back"
        assert printers.states()[peer.address].condition is Condition.OK


def test_an_open_cover_and_a_stuck_cutter_are_told_apart() -> None:
    with printer_peer() as peer:
        printer = NetworkPrinter("127.0.0.1", peer.port)
        peer.cover_open = True
        assert "上盖" in printer.state().trouble
        peer.cover_open, peer.cutter_stuck = False, True
        assert "切刀" in printer.state().trouble
        peer.cutter_stuck = False
        assert printer.state().trouble == ""


def test_the_fake_runs_out_of_paper_like_the_real_one() -> None:
    with ThreadPoolExecutor(2) as pool:
        printers = Printers(pool.submit, ["fake:"])
        printer = printers.printer("fake:")
        assert isinstance(printer, FakePrinter)
        printer.out_of_paper = True
        job = printers.submit("fake:", slip(FACTS))
        assert (job.wait(2), job.code) == ("failed", "out_of_paper")
        printer.out_of_paper = False
        assert printers.submit("fake:", slip(FACTS)).wait(2) == "printed"
        assert len(printer.slips) == 1
