"""A slip on its way: over a real socket to a printer that decodes it, one line for each printer."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import pytest
from escpos_peer import EscposPeer, printer_peer
from paper import FACTS, LINK, Hands, at_once, read_code, wait_until
from PIL import Image

from hall.refusals import NotValid
from kiosk.drivers import FakePrinter, NetworkPrinter
from kiosk.printing import ASK_WELL_SECONDS, MOST_WAITING, Condition, Job, Printers, printer_from
from kiosk.slip import slip


@pytest.fixture
def peer() -> Iterator[EscposPeer]:
    with printer_peer() as switched_on:
        yield switched_on


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as threads:
        yield threads


def fake(printers: Printers, address: str = "fake:") -> FakePrinter:
    printer = printers.printer(address)
    assert isinstance(printer, FakePrinter)
    return printer


@pytest.mark.parametrize(("paper", "dots"), [(80, 576), (58, 384)])
def test_what_comes_out_is_the_slip_dot_by_dot(peer: EscposPeer, paper: int, dots: int) -> None:
    picture = slip(FACTS, dots)
    state = NetworkPrinter("127.0.0.1", peer.port, paper=paper).print(picture)
    assert state.condition is Condition.OK
    assert [printed.picture.tobytes() for printed in peer.slips] == [picture.tobytes()]
    assert read_code(peer.slips[0].picture) == [LINK]
    assert not peer.garbage


def test_the_printer_is_asked_before_and_after_on_one_connection(peer: EscposPeer) -> None:
    NetworkPrinter("127.0.0.1", peer.port).print(slip(FACTS))
    assert peer.questions == ["DLE EOT 1", "DLE EOT 4", "GS r 1", "DLE EOT 1", "DLE EOT 4"]
    assert peer.connections == 1


def test_each_slip_has_its_own_connection(peer: EscposPeer) -> None:
    printer = NetworkPrinter("127.0.0.1", peer.port)
    for _ in range(3):
        printer.print(slip(FACTS))
    assert [printed.connection for printed in peer.slips] == [1, 2, 3]
    assert peer.most_at_once == 1


def test_a_small_printer_feeds_the_slip_past_its_tear_bar(peer: EscposPeer) -> None:
    NetworkPrinter("127.0.0.1", peer.port, paper=58).print(slip(FACTS, 384))
    NetworkPrinter("127.0.0.1", peer.port, paper=80).print(slip(FACTS, 576))
    assert [printed.fed_lines for printed in peer.slips] == [3, 0]


def test_dots_that_look_like_a_command_are_not_obeyed(peer: EscposPeer) -> None:
    # DLE EOT 1 and DLE DC4 2 1 8 – a question and a power-off – as dots: 1 is black for a printer.
    row = b"\x10\x04\x01\x10\x14\x02\x01\x08".ljust(72, b"\x00")
    dots = bytes(255 - byte for byte in row * 40)
    picture = Image.frombytes("1", (576, 40), dots)
    NetworkPrinter("127.0.0.1", peer.port).print(picture)
    assert len(peer.questions) == 5, "the picture asked a question of its own"
    printed = peer.slips[0].picture
    changed = [a ^ b for a, b in zip(printed.tobytes(), dots, strict=True) if a != b]
    assert changed == [0x08] * 80, "one dot more for each look-alike"


def test_automatic_status_is_not_taken_for_an_answer(peer: EscposPeer) -> None:
    peer.chatters = True  # its first byte says "offline" to who takes it for an answer
    assert NetworkPrinter("127.0.0.1", peer.port).print(slip(FACTS)).condition is Condition.OK


def test_paper_near_its_end_still_prints_and_says_so(peer: EscposPeer) -> None:
    peer.near_end = True
    state = NetworkPrinter("127.0.0.1", peer.port).print(slip(FACTS))
    assert state.condition is Condition.NEAR_END
    assert state.prints
    assert len(peer.slips) == 1


def test_printed_means_out_of_the_slot_not_in_its_memory(peer: EscposPeer) -> None:
    peer.seconds_a_slip = 0.4
    begun = time.monotonic()
    NetworkPrinter("127.0.0.1", peer.port).print(slip(FACTS))
    assert time.monotonic() - begun >= 0.4
    assert len(peer.slips) == 1


def test_a_printer_without_gs_r_is_believed_and_asked_for_it_only_once(
    peer: EscposPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NetworkPrinter, "LONGEST_SLIP", 0.3)
    peer.knows_gs_r = False
    printer = NetworkPrinter("127.0.0.1", peer.port)
    for _ in range(3):
        assert printer.print(slip(FACTS)).condition is Condition.OK
    assert peer.questions.count("GS r 1") == 1
    assert len(peer.slips) == 3


def test_a_printer_registered_as_never_answering_is_not_asked(peer: EscposPeer) -> None:
    peer.says_nothing = True
    printer = printer_from(peer.address + "?status=no")
    assert printer is not None
    assert printer.print(slip(FACTS)).condition is Condition.OK
    assert peer.questions == []
    wait_until(lambda: len(peer.slips) == 1)


@pytest.mark.parametrize(
    ("address", "dots"),
    [
        ("tcp://192.168.1.50", 576),
        ("tcp://192.168.1.50:9100?paper=80", 576),
        (" tcp://printer-2.hall:9101?paper=58&status=no ", 384),
        ("fake:", 576),
        ("fake:kiosk-2?paper=58", 384),
    ],
)
def test_an_address_names_a_printer(address: str, dots: int) -> None:
    printer = printer_from(address)
    assert printer is not None
    assert printer.dots == dots


def test_the_parts_of_an_address_reach_the_printer() -> None:
    printer = printer_from("tcp://printer-2.hall:9101?paper=58&status=no")
    assert isinstance(printer, NetworkPrinter)
    assert (printer.host, printer.port, printer.paper) == ("printer-2.hall", 9101, 58)
    assert not printer.answers
    plain = printer_from("tcp://printer-2.hall")
    assert isinstance(plain, NetworkPrinter)
    assert (plain.port, plain.paper, plain.answers) == (9100, 80, True)


@pytest.mark.parametrize("address", ["", "  "])
def test_no_address_is_no_printer(address: str) -> None:
    assert printer_from(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "192.168.1.50",
        "tcp://",
        "tcp://host:port",
        "tcp://host:99999",
        "usb://1",
        "tcp://host?paper=76",
        "tcp://host?paper=a4",
        "tcp://host?papre=80",
    ],
)
def test_an_address_nobody_understands_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(NotValid) as refusal:
        printer_from(address)
    assert refusal.value.code == "bad_printer"
    assert "tcp://192.168.1.50:9100" in refusal.value.message


def test_a_printer_with_a_wrong_address_shows_the_manager_why(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit, ["tcp://host?paper=76"])
    state = printers.states()["tcp://host?paper=76"]
    assert state.condition is Condition.TROUBLE
    assert "看不懂" in state.trouble
    job = printers.submit("tcp://host?paper=76", slip(FACTS))
    assert (job.wait(0), job.detail) == ("failed", state.trouble)
    assert printers.tick() == [job]


def test_a_kiosk_without_a_printer_gets_an_answer_at_once(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit)
    job = printers.submit("", slip(FACTS), about=7)
    assert (job.wait(0), job.code, job.about) == ("failed", "no_printer", 7)
    assert "号码" in job.message
    assert printers.states() == {}


def test_slips_of_one_printer_come_out_whole_and_in_order(
    peer: EscposPeer, pool: ThreadPoolExecutor
) -> None:
    printers = Printers(pool.submit, [peer.address])
    drawn = [slip(replace(FACTS, number=f"A{n:03d}")) for n in range(1, 11)]
    jobs = [printers.submit(peer.address, picture, about=n) for n, picture in enumerate(drawn)]
    assert [job.wait(20) for job in jobs] == ["printed"] * 10
    assert [printed.picture.tobytes() for printed in peer.slips] == [p.tobytes() for p in drawn]
    assert peer.most_at_once == 1
    assert not peer.garbage
    assert [job.about for job in printers.tick()] == list(range(10))
    assert printers.tick() == [], "each end is told once"


def test_a_slow_printer_does_not_hold_up_another(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit, ["fake:slow", "fake:quick"])
    fake(printers, "fake:slow").slow_seconds = 2.0
    slow = printers.submit("fake:slow", slip(FACTS))
    quick = printers.submit("fake:quick", slip(FACTS))
    assert quick.wait(10) == "printed"
    assert slow.wait(0) == "printing", "the quick one came first"
    assert slow.wait(15) == "printed"


def test_a_kiosk_waits_no_longer_than_it_says(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit, ["fake:"])
    fake(printers).slow_seconds = 3.0
    job = printers.submit("fake:", slip(FACTS))
    assert job.wait(0.2) == "printing", "it is not printed yet, and nobody waits for that"
    assert job.message == ""
    assert job.wait(15) == "printed"


def test_a_slip_is_drawn_as_wide_as_its_printer_and_off_the_callers_thread(
    pool: ThreadPoolExecutor,
) -> None:
    printers = Printers(pool.submit, ["fake:?paper=58"])
    drawn_by: list[threading.Thread] = []

    def draw(dots: int) -> Image.Image:
        drawn_by.append(threading.current_thread())
        return slip(FACTS, dots)

    assert printers.submit("fake:?paper=58", draw).wait(10) == "printed"
    assert fake(printers, "fake:?paper=58").slips[0].width == 384
    assert drawn_by != [threading.current_thread()]


def test_a_slip_that_cannot_be_drawn_does_not_stop_the_next(
    pool: ThreadPoolExecutor, caplog: pytest.LogCaptureFixture
) -> None:
    printers = Printers(pool.submit, ["fake:"])
    bad = printers.submit("fake:", partial(slip, "no facts at all"))  # type: ignore[arg-type]
    good = printers.submit("fake:", partial(slip, FACTS))
    assert (bad.wait(10), bad.code) == ("failed", "fault")
    assert good.wait(10) == "printed"
    assert "could not be drawn" in caplog.text


def test_a_full_line_refuses_and_keeps_what_it_has(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit, ["fake:"])
    fake(printers).slow_seconds = 0.05
    gate = threading.Event()

    def first(dots: int) -> Image.Image:
        gate.wait(10)
        return slip(FACTS, dots)

    held = printers.submit("fake:", first)
    picture = slip(FACTS)
    jobs = [printers.submit("fake:", picture) for _ in range(MOST_WAITING + 2)]
    wait_until(lambda: sum(job.code == "too_many" for job in jobs) >= 2)
    refused = [job for job in jobs if job.code == "too_many"]
    assert all("正忙" in job.message for job in refused)
    gate.set()
    assert held.wait(10) == "printed"
    kept = [job for job in jobs if job not in refused]
    assert len(kept) in {MOST_WAITING, MOST_WAITING + 1}
    assert all(job.wait(10) == "printed" for job in kept)


def test_many_kiosks_share_one_printer_without_losing_a_slip(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit, ["fake:"])
    picture = slip(FACTS)
    ends: list[Job] = []

    def kiosk() -> None:
        for _ in range(25):
            job = printers.submit("fake:", picture)
            assert job.wait(10) == "printed"
            ends.append(job)

    threads = [threading.Thread(target=kiosk) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ends) == 200
    assert len(printers.tick()) == 200


def test_a_well_printer_is_asked_now_and_then_so_the_manager_sees_the_paper_end() -> None:
    seconds, instants = Hands(), iter(range(100, 1000, 100))
    printers = Printers(at_once, ["fake:"], seconds=seconds, clock=lambda: next(instants))
    assert printers.states()["fake:"].condition is Condition.UNKNOWN, "nobody has asked yet"
    printers.tick()
    assert printers.states()["fake:"].condition is Condition.OK
    since = printers.states()["fake:"].since
    fake(printers).near_end = True
    printers.tick()
    assert printers.states()["fake:"].condition is Condition.OK, "asked again too soon"
    seconds.at += ASK_WELL_SECONDS
    printers.tick()
    state = printers.states()["fake:"]
    assert state.condition is Condition.NEAR_END
    assert "新纸卷" in state.trouble
    assert state.since > since


def test_the_state_keeps_since_when_it_is_so(pool: ThreadPoolExecutor) -> None:
    instants = iter(range(100, 1000, 100))
    printers = Printers(pool.submit, ["fake:"], clock=lambda: next(instants))
    printers.submit("fake:", slip(FACTS)).wait(10)
    since = printers.states()["fake:"].since
    printers.submit("fake:", slip(FACTS)).wait(10)
    assert printers.states()["fake:"].since == since


def test_a_printer_taken_out_of_the_hall_is_asked_no_more(pool: ThreadPoolExecutor) -> None:
    printers = Printers(pool.submit, ["fake:1", "fake:2"])
    kept = printers.printer("fake:2")
    printers.use(["fake:2", "fake:3", ""])
    assert set(printers.states()) == {"fake:2", "fake:3"}
    assert printers.printer("fake:2") is kept, "a printer that stays keeps its line"


def test_the_fake_keeps_the_last_twenty_slips() -> None:
    printer = FakePrinter()
    for n in range(23):
        printer.print(Image.new("1", (8, n + 1)))
    assert [picture.height for picture in printer.slips] == list(range(4, 24))
