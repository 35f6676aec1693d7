"""Where a hall's ratings are given: its own page, the province's page on the pad, its QR code."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import zxingcpp
from halls import MovedClock, Rooms, open_rooms
from PIL import Image
from province_peer import KEYS, LAND_OFFICE, MARRIAGE_OFFICE
from servers import ALWAYS_OPEN, Served, served
from test_desk import refused

from kiosk.slip import SlipFacts, slip
from province import sm
from province.adapters import example_of
from province.modes import Modes
from province.pages import on_slip

PAGE = (
    "https://zwfw.example.gov.cn/pad?no={project_no}&win={window}&clerk={clerk_name}"
    "&item={service_name}&dept={dept_code}&app={app_id}&sign={sign}"
)
QR = "https://zwfw.example.gov.cn/q/YX001"
SETTINGS: dict[str, dict[str, Any]] = {
    "own": {},
    "page": {
        "mode": "page",
        "page_url": PAGE,
        "app_id": "yunxi",
        "secret_file": "province.key",
        "dept_codes": {"MZ": MARRIAGE_OFFICE, "BDC": LAND_OFFICE},
    },
    "qr": {"mode": "qr", "qr_url": QR},
}
ELSEWHERE = ["page", "qr"]


def hall(folder: Path, clock: MovedClock, mode: str) -> Rooms:
    rooms = open_rooms(folder / "hall.db", clock, province=SETTINGS[mode])
    rooms.desk.open(1)
    (folder / "province.key").write_text(KEYS.hex())
    return rooms


def modes_of(rooms: Rooms) -> Modes:
    return Modes(rooms.book, example_of(rooms.book.config, rooms.store.path.parent))


# -- what is asked, and what is kept -----------------------------------------------------------


def test_a_hall_of_its_own_asks_itself(tmp_path: Path, clock: MovedClock) -> None:
    rooms = hall(tmp_path, clock, "own")
    modes = modes_of(rooms)
    rooms.take()
    visit = rooms.serve(1)
    asking = rooms.book.asking(1)
    assert asking is not None
    assert rooms.book.elsewhere(asking) == {}
    assert asking.expires_at - asking.asked_at == 30_000
    assert modes.asked("2026-11") == {}
    assert modes.address_of(visit) == ""
    rooms.book.rate(visit, "satisfied", "evaluator")
    assert rooms.book.ratings.outcome_of(visit) == "rated"


def test_the_province_s_page_carries_what_it_has_to_know_of_the_visit(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = hall(tmp_path, clock, "page")
    modes_of(rooms)
    rooms.take()
    visit = rooms.serve(1)
    asking = rooms.book.asking(1)
    assert asking is not None
    assert asking.expires_at - asking.asked_at == 90_000
    (address,) = rooms.book.elsewhere(asking).values()
    said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    sign = said.pop("sign")
    number = f"20261120{visit:08d}"
    assert said == {
        "no": number,
        "win": "1",
        "clerk": "张敏",
        "item": "婚姻登记",
        "dept": MARRIAGE_OFFICE,
        "app": "yunxi",
    }
    signed = (
        f"app_id=yunxi&clerk_name=张敏&dept_code={MARRIAGE_OFFICE}&project_no={number}"
        "&service_name=婚姻登记&window=1"
    )
    assert sm.is_signed(KEYS[16:], signed.encode(), sign)


def test_the_province_s_code_is_shown_with_its_sentence(tmp_path: Path, clock: MovedClock) -> None:
    rooms = hall(tmp_path, clock, "qr")
    modes = modes_of(rooms)
    rooms.take()
    visit = rooms.serve(1)
    asking = rooms.book.asking(1)
    assert asking is not None
    shown = rooms.book.elsewhere(asking)
    assert shown == {
        "qr": "/province/qr.svg",
        "qr_text": "请用手机扫一扫，在省政务服务平台评价本次服务",
    }
    assert modes.address_of(visit) == QR


@pytest.mark.parametrize("mode", ELSEWHERE)
@pytest.mark.parametrize("channel", ["evaluator", "qr", "window_qr", "sms"])
def test_no_citizen_s_rating_is_taken_here_while_the_province_asks(
    tmp_path: Path, clock: MovedClock, mode: str, channel: str
) -> None:
    rooms = hall(tmp_path, clock, mode)
    modes_of(rooms)
    rooms.take()
    visit = rooms.serve(1)
    with refused("rated_at_province"):
        rooms.book.rate(visit, "satisfied", channel)
    assert rooms.store.rows("select id from rating") == []


@pytest.mark.parametrize("mode", ELSEWHERE)
@pytest.mark.parametrize("channel", ["paper", "phone", "box", "import"])
def test_what_staff_type_in_and_imports_are_kept_in_every_mode(
    tmp_path: Path, clock: MovedClock, mode: str, channel: str
) -> None:
    rooms = hall(tmp_path, clock, mode)
    rooms.take()
    visit = rooms.serve(1)
    rooms.book.rate(visit, "dissatisfied", channel)
    assert rooms.store.rows("select level from rating") == [("dissatisfied",)]


@pytest.mark.parametrize("mode", ELSEWHERE)
def test_visit_and_asking_are_kept_here_counted_apart_and_never_called_rated(
    tmp_path: Path, clock: MovedClock, mode: str
) -> None:
    rooms = hall(tmp_path, clock, mode)
    modes = modes_of(rooms)
    for _ in range(3):
        rooms.take()
        visit = rooms.serve(1)
    assert rooms.book.ratings.outcome_of(visit) == "asked"
    clock.move(minutes=5)
    rooms.book.tick()
    assert rooms.book.ratings.outcome_of(visit) == "elsewhere"
    assert modes.asked("2026-11") == {mode: 3}
    assert modes.asked("2026-10") == {}
    totals = rooms.book.month("2026-11").totals
    assert (totals["served"], totals["rated"], totals["timed_out"]) == (3, 0, 0)


def test_who_is_asked_again_is_asked_by_the_province_once_more_and_counted_once(
    tmp_path: Path, clock: MovedClock
) -> None:
    rooms = hall(tmp_path, clock, "page")
    modes = modes_of(rooms)
    rooms.take()
    visit = rooms.serve(1)
    clock.move(minutes=2)
    rooms.book.tick()
    again = rooms.book.ask_again(visit, 1)
    assert again.expires_at - again.asked_at == 90_000
    assert "zwfw.example.gov.cn" in rooms.book.elsewhere(again)["page"]
    assert modes.asked("2026-11") == {"page": 1}


@pytest.mark.parametrize(("mode", "can"), [("own", True), ("page", False), ("qr", False)])
def test_the_link_on_the_slip_offers_five_faces_only_where_the_hall_asks(
    tmp_path: Path, clock: MovedClock, mode: str, can: bool
) -> None:
    rooms = hall(tmp_path, clock, mode)
    ticket = rooms.take()
    rooms.serve(1)
    token = rooms.book.link(ticket).rpartition("/")[2]
    assert rooms.book.followed(token)["can_rate"] is can


# -- the slip ----------------------------------------------------------------------------------

OURS = "https://hall.example.gov.cn/r/7.abc"


@pytest.mark.parametrize(
    ("mode", "english", "address", "words"),
    [
        ("own", False, OURS, ""),
        ("page", False, OURS, "查办理进度"),
        ("page", True, OURS, "Follow your number"),
        ("qr", False, QR, "扫码评价"),
        ("qr", True, QR, "to rate us in the province's system"),
    ],
)
def test_a_slip_s_code_leads_where_the_rating_is_given(
    mode: str, english: bool, address: str, words: str
) -> None:
    assert on_slip(mode, (QR, "扫码评价"), OURS, english=english) == (address, words)


@pytest.mark.parametrize("dots", [576, 384])
def test_the_province_s_code_can_be_read_off_the_paper(dots: int) -> None:
    facts = SlipFacts(
        "云溪县政务服务中心", "A001", "婚姻登记", "1号窗口", 3, 10, "2026-11-20 10:00", QR,
        scan_for="请用手机扫一扫，在省政务服务平台评价本次服务",
    )  # fmt: skip
    (found,) = zxingcpp.read_barcodes(slip(facts, dots).convert("L"))
    assert found.text == QR


# -- the pages, served -------------------------------------------------------------------------


def toml(mode: str) -> str:
    """Return a hall's settings in a mode, as its file says them."""
    told = dict(SETTINGS[mode])
    codes = ", ".join(f'{key} = "{value}"' for key, value in told.pop("dept_codes", {}).items())
    lines = [f'{name} = "{value}"' for name, value in told.items()]
    lines += [f"dept_codes = {{{codes}}}"] if codes else []
    return "\n".join([ALWAYS_OPEN, "[province]", *lines, ""])


@pytest.fixture(scope="module", params=["own", "page", "qr"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def running(mode: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp(mode)
    (folder / "province.key").write_text(KEYS.hex())
    with served(folder, settings=toml(mode)) as one:
        one.at(1, "open")
        yield one


def test_the_evaluator_is_told_its_mode_and_may_frame_only_the_province(
    running: Served, mode: str
) -> None:
    running.take()
    running.serve_next(1)
    key = running.key("evaluator", 1)
    state = running.get("/evaluator/1/state.json", key).json
    assert state["mode"] == mode
    assert ("page" in state["ask"], "qr" in state["ask"]) == (mode == "page", mode == "qr")
    page = running.get("/evaluator/1", key)
    policy = page.headers["Content-Security-Policy"]
    framed = re.findall(r"frame-src ([^;]+)", policy)
    assert framed == (["https://zwfw.example.gov.cn"] if mode == "page" else [])
    other = running.get("/sign-in").headers["Content-Security-Policy"]
    assert "frame-src" not in other
    assert (b'data-level="satisfied"' in page.body) == (mode == "own")


def test_a_rating_posted_at_the_evaluator_is_refused_by_its_code(
    running: Served, mode: str
) -> None:
    running.take()
    visit = running.serve_next(1)["visit"]
    body = {"visit": visit, "level": "satisfied", "channel": "evaluator"}
    answer = running.post("/api/v1/ratings", body, running.key("evaluator", 1))
    if mode == "own":
        assert answer.status == 201
    else:
        assert (answer.status, answer.code) == (409, "rated_at_province")


def test_the_phone_is_sent_to_the_province_where_it_asks(running: Served, mode: str) -> None:
    link = urlsplit(running.take().json["track_url"]).path
    running.serve_next(1)
    page = running.get(link).body.decode()
    assert ("请评价本次服务" in page) == (mode == "own")
    assert ("去省平台评价" in page) == (mode != "own")
    answer = running.post(link, {"level": "satisfied"}, headers={"Accept": "application/json"})
    assert answer.status == (201 if mode == "own" else 409)


def test_the_month_says_where_the_ratings_are_given(running: Served, mode: str) -> None:
    page = running.get("/manager", running.key("manager"))
    assert page.status == 200
    assert ("本大厅的评价在省平台进行" in page.body.decode()) == (mode != "own")


def test_the_static_code_is_the_one_that_is_set(running: Served, mode: str) -> None:
    answer = running.get("/province/qr.svg", running.key("evaluator", 1))
    assert answer.status == (200 if mode == "qr" else 404)
    if mode == "qr":
        assert answer.headers["Content-Type"].startswith("image/svg+xml")
    assert running.get("/province/qr.svg").status in (401, 302, 303)


def test_a_slip_at_the_kiosk_carries_the_code_of_its_mode(
    running: Served, mode: str, tmp_path: Path
) -> None:
    ticket = running.take().json["id"]
    picture = tmp_path / "slip.png"
    answer = running.get(f"/kiosk/tickets/{ticket}/slip.png", running.key("kiosk"))
    picture.write_bytes(answer.body)
    (found,) = zxingcpp.read_barcodes(Image.open(picture).convert("L"))
    assert (found.text == QR) == (mode == "qr")
    assert ("/r/" in found.text) == (mode != "qr")
