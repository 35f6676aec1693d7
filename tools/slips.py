"""Slips without a printer: time them, look at them, or print them on a printer nobody here wrote.

python tools/slips.py time                    what a slip costs, drawn and printed
python tools/slips.py pictures FOLDER         example slips as PNG files
python tools/slips.py emupos EXECUTABLE       against the simulator emupos (docs/printing.md)
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from escpos_peer import printer_peer  # noqa: E402 - the path comes first
from PIL import Image, ImageChops  # noqa: E402

from kiosk.drivers import Condition, NetworkPrinter, PrinterTrouble  # noqa: E402
from kiosk.slip import SlipFacts, open_fonts, slip, window_list  # noqa: E402

PLAIN = SlipFacts(
    hall="某市政务服务中心",
    number="A012",
    service="不动产登记",
    windows=window_list([3, 4, 5, 7]),
    people_ahead=5,
    expected_wait=25,
    taken_at="2026-11-20 10:05",
    track_url="http://192.168.1.10:8000/r/MTIzNDU2.aW4tdGhlLWhhbGw.Q7r2vTq0bWm1pX8kZ",
    missed_note="过号后请在 30 分钟内到服务台报到，过 3 位后再次呼叫。",
)
FULL = replace(
    PLAIN,
    number="AB128",
    service="国有建设用地使用权及房屋所有权首次登记（含在建工程抵押）",
    windows="二楼 B 区 41–48号窗口",
    people_ahead=128,
    expected_wait=None,
    masked_name="㛃*",
    notice="今日 17:00 停止取号、17:30 闭厅，请留意叫号。",
    demo=True,
    copy=True,
)
ENGLISH = replace(
    PLAIN,
    language="en",
    hall="Government Service Center",
    service="Real estate registration",
    windows=window_list([3, 4, 5, 7], "en"),
    people_ahead=0,
    expected_wait=0,
    missed_note="Please ask at the help desk within 30 minutes; you are called after three others.",
)


def pictures(folder: Path) -> None:
    """Write the example slips, each as it lies on the counter."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, facts, dots in [
        ("slip-80", PLAIN, 576),
        ("slip-80-long", FULL, 576),
        ("slip-58-english", ENGLISH, 384),
    ]:
        picture = slip(facts, dots)
        paper = Image.new("L", (picture.width + 64, picture.height + 64), 255)
        paper.paste(picture, (32, 32))
        paper.convert("1").save(folder / f"{name}.png", optimize=True)


def milliseconds(work: Callable[[int], object], times: int = 40) -> str:
    """Return what one turn takes, the middle one and the slowest."""
    spent = []
    for n in range(times):
        begun = time.perf_counter()
        work(n)
        spent.append((time.perf_counter() - begun) * 1000)
    return f"median {statistics.median(spent):5.1f} ms   slowest {max(spent):5.1f} ms"


def nth(n: int) -> SlipFacts:
    """Return facts as different as those of two citizens."""
    return replace(PLAIN, number=f"A{n:03d}", people_ahead=n, track_url=f"{PLAIN.track_url}{n}")


def measure() -> None:
    """Say what a slip costs."""
    begun = time.perf_counter()
    open_fonts()
    print(f"open the fonts, once      {(time.perf_counter() - begun) * 1000:12.0f} ms")
    print("draw, 80 mm              ", milliseconds(lambda n: slip(nth(n))))
    open_fonts(384)
    print("draw, 58 mm              ", milliseconds(lambda n: slip(nth(n), 384)))
    with printer_peer() as peer:
        printer = NetworkPrinter("127.0.0.1", peer.port)
        begun = time.perf_counter()
        printer.state()
        print(f"load python-escpos, once  {(time.perf_counter() - begun) * 1000:12.0f} ms")
        drawn = slip(PLAIN)
        print("ask, send, cut, ask       ", milliseconds(lambda _: printer.print(drawn)).lstrip())
        print(f"bytes a slip              {peer.received // len(peer.slips):12d}")


@contextmanager
def emupos(executable: str) -> Iterator[Callable[..., None]]:
    """Start the simulator at ports of its own; yield what turns its faults on and off."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "emupos.yaml").write_text(
            "schema: 1\napi: {host: 127.0.0.1, port: 18765}\ndevices:\n"
            "  - {id: front, type: printer, profile: epson-tm-t20iii, receipts_dir: ./receipts,\n"
            "     connections: [{tcp: {port: 19100}}]}\n",
            encoding="utf-8",
        )
        with subprocess.Popen([executable, "run"], cwd=folder, stdout=subprocess.DEVNULL) as run:
            printer = NetworkPrinter("127.0.0.1", 19100)
            until = time.monotonic() + 20
            while printer.state().condition is Condition.OFF and time.monotonic() < until:
                time.sleep(0.2)

            def fault(verb: str, name: str) -> None:
                api = "http://127.0.0.1:18765"
                command = [executable, "--api", api, "fault", verb, "front", name]
                subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

            yield fault
            run.terminate()
            compare(Path(folder, "receipts"))


def compare(receipts: Path) -> None:
    """Say whether what the simulator put on paper is what was sent, dot by dot."""
    for printed, sent in zip(sorted(receipts.glob("*.png")), (PLAIN, FULL, ENGLISH), strict=True):
        with Image.open(printed) as picture:
            same = ImageChops.difference(picture.convert("1"), slip(sent)).getbbox() is None
        print(f"{sent.number:6} {sent.language}  {'same dots' if same else 'DIFFERENT'}")


def against_emupos(executable: str) -> None:
    """Print three slips, then meet every fault the simulator knows."""
    with emupos(executable) as fault:
        printer = NetworkPrinter("127.0.0.1", 19100)
        for facts in (PLAIN, FULL, ENGLISH):
            printer.print(slip(facts))
        for name in ("paper-out", "cover-open", "offline"):
            fault("set", name)
            try:
                printer.print(slip(PLAIN))
                print(f"{name:14} NOT NOTICED")
            except PrinterTrouble as trouble:
                print(f"{name:14} {trouble}")
            fault("clear", name)
        fault("set", "paper-near-end")
        print(f"{'paper-near-end':14} {printer.state().trouble}")
        fault("clear", "paper-near-end")
        print(f"{'cleared':14} {printer.state().condition}")


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    match arguments:
        case ["time"]:
            measure()
        case ["pictures", folder]:
            pictures(Path(folder))
        case ["emupos", executable]:
            against_emupos(executable)
        case _:
            print(__doc__)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
