"""Pages and personal data: masked, shown for a reason, handed over, erased in two steps."""

import html
import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from case_hall import HANDLER, INSPECTOR, LEADER, MANAGER
from flask.testing import FlaskClient
from halls import MovedClock
from test_privacy import PHONE, Hall, opened
from werkzeug.test import TestResponse

from hall.catalogue import Person
from hall.tickets import Assisted
from privacy import handover
from web.aside import WorkFailed
from web.passwords import hash_of

PASSWORD = "correct horse battery"
GUIDE, SECURITY, AUDIT, CLERK = "8001", "8801", "8802", "1001"
NAME = "张三"


@dataclass
class House:
    """A hall that is served, with one citizen's data in every room."""

    hall: Hall
    app: Any
    people: dict[str, FlaskClient]
    case: int
    complaint: int

    def somebody(self, who: str) -> FlaskClient:
        if who not in self.people:
            client: FlaskClient = self.app.test_client()
            fields = {"staff_number": who, "password": PASSWORD, "window": ""}
            answer = client.post("/sign-in", data=fields, headers={"Sec-Fetch-Site": "same-origin"})
            assert answer.status_code == 303, answer.text
            self.people[who] = client
        return self.people[who]

    def get(self, who: str, path: str) -> TestResponse:
        return self.somebody(who).get(path, headers={"Accept": "text/html"})

    def post(self, who: str, path: str, **fields: str) -> TestResponse:
        sent = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
        return self.somebody(who).post(path, data=fields, headers=sent)

    def shown(self, who: str, path: str) -> str:
        answer = self.get(who, path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return html.unescape(answer.get_data(as_text=True))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    hall = opened(Path(tmp_path_factory.mktemp("hall")) / "hall.db", MovedClock())
    register = hall.rooms.register
    for person in (
        Person(GUIDE, "吴导办", "guide", "咨询台"),
        Person(SECURITY, "周安全", "security", "安全管理员"),
        Person(AUDIT, "郑审计", "audit", "审计管理员"),
    ):
        register.save(person)
    kept = hash_of(PASSWORD)
    for who in (HANDLER, INSPECTOR, LEADER, MANAGER, GUIDE, SECURITY, AUDIT, CLERK):
        register.set_password_hash(who, kept)
    made = House(hall, hall.app, {}, *_citizen(hall))
    yield made
    hall.rooms.store.close()


def _citizen(hall: Hall) -> tuple[int, int]:
    """Let one citizen leave phone and name wherever the hall takes them."""
    case = hall.accepted(PHONE, text=f"请回电 {PHONE}，{NAME}").id
    complaint = hall.complaint(PHONE, closed=False)
    hall.rooms.desk.open(1)
    hall.rooms.take(phone=PHONE, assisted=Assisted("", "", "王小明", NAME))
    return case, complaint


# Every page that shows personal data, with whom it is shown to; “{case}” is that citizen's.
PAGES = [
    (GUIDE, "/helpdesk?q="),
    (GUIDE, "/helpdesk/tickets/{ticket}"),
    (HANDLER, "/cases"),
    (HANDLER, "/cases/{case}"),
    (LEADER, "/cases/red"),
    (MANAGER, "/cases/{case}"),
    (HANDLER, "/complaints?state="),
    (HANDLER, "/complaints/{complaint}"),
    (MANAGER, "/complaints/{complaint}"),
    (MANAGER, "/complaints/export.csv?month=2026-11"),
    (INSPECTOR, "/ratings/oddities"),
    (INSPECTOR, "/ratings/{rating}"),
    (INSPECTOR, "/statistics"),
    (MANAGER, "/privacy"),
    (SECURITY, "/privacy"),
    (AUDIT, "/privacy"),
    (SECURITY, "/privacy/person"),
]


@pytest.mark.parametrize(("who", "path"), PAGES)
def test_no_page_shows_a_number_or_a_name_in_full(house: House, who: str, path: str) -> None:
    ((ticket,),) = house.hall.rows("select max(id) from ticket where phone is not null")
    names = {"case": house.case, "complaint": house.complaint, "ticket": ticket, "rating": 1}
    page = house.shown(who, path.format(**names))
    assert PHONE not in page
    assert not re.search("[>,]张三[<,]", page), "the name stands alone in some field"


def test_who_must_call_gives_one_reason_for_one_record(house: House) -> None:
    for kind, number in (("cases", house.case), ("complaints", house.complaint)):
        page = f"/{kind}/{number}"
        act = "look" if kind == "cases" else "reveal"
        assert (
            house.post(HANDLER, f"{page}/{act}", reason=" ", tap=house.hall.tap()).status_code
            == 422
        )
        assert PHONE not in house.shown(HANDLER, page)
        answer = house.post(HANDLER, f"{page}/{act}", reason="致电核实", tap=house.hall.tap())
        assert answer.status_code == 303
        assert PHONE in house.shown(HANDLER, page)
        assert PHONE not in house.shown(MANAGER, page), "only for whoever gave the reason"
        hidden = house.post(HANDLER, f"/privacy/hide/{kind[:-1]}/{number}", back=page)
        assert (hidden.status_code, hidden.headers["Location"]) == (303, page)
        assert PHONE not in house.shown(HANDLER, page)
    assert house.shown(MANAGER, "/privacy").count("致电核实") == 2


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Chromium that prints a page as its own text."""
    monkeypatch.setattr("reports.paper.engine", lambda: "chromium")
    monkeypatch.setattr("privacy.views.printed", lambda page: page.encode())


@pytest.mark.usefixtures("browser")
def test_a_person_is_served_in_two_steps_with_a_copy_and_a_receipt(house: House) -> None:
    wish = {"phone": PHONE, "id_number": "", "name": "", "reason": "本人持身份证到场"}
    refused = house.post(SECURITY, "/privacy/person", **{**wish, "reason": ""})
    assert (refused.status_code, "请写明申请的事由" in refused.text) == (422, True)
    answer = house.post(SECURITY, "/privacy/person", **wish)
    page = html.unescape(answer.text)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "手机号码 138****5678" in page
    assert "<dt>为什么</dt><dd>号票正在排队或办理，当日结束后可再申请" in page
    assert page.count(PHONE) == page.count(f'value="{PHONE}"'), "only what was typed"
    copy = house.post(SECURITY, "/privacy/person/copy", **wish)
    with zipfile.ZipFile(io.BytesIO(copy.data)) as parts:
        told = json.loads(parts.read("个人信息副本.json"))
        assert PHONE in parts.read("个人信息副本.html").decode()
        assert PHONE in parts.read("个人信息副本.pdf").decode()
    assert {each["kind"] for each in told["records"]} == {"ticket", "rating", "complaint"}
    hidden = house.post(SECURITY, "/privacy/person/confirm", **{**wish, "reason": " "})
    assert (hidden.status_code, "手机号码 138****5678" in hidden.text) == (422, False)
    confirm = html.unescape(house.post(SECURITY, "/privacy/person/confirm", **wish).text)
    ((tap,),) = [re.findall(r'name="tap" value="([^"]+)"', confirm)]
    unchecked = house.post(SECURITY, "/privacy/person/erase", tap=tap, **wish)
    assert (unchecked.status_code, "核对申请人的身份证件" in unchecked.text) == (422, True)
    assert house.hall.rows("select count(*) from privacy_erasure") == [(0,)]
    house.hall.rooms.desk.end_day()
    for _ in range(2):
        done = house.post(SECURITY, "/privacy/person/erase", tap=tap, identified="yes", **wish)
        assert done.status_code == 303, done.text
    told = house.hall.rows(
        "select target, detail from audit where verb = 'privacy.erase' and code = '' order by at"
    )
    assert [each[0] for each in told] == ["回执 SC202611-0001"] * 2
    assert re.fullmatch(r"删除 \d+ 条", told[0][1])
    receipt = house.shown(AUDIT, done.headers["Location"])
    assert "SC202611-0001" in receipt
    assert "差评档案，正在办理" in receipt
    assert house.get(SECURITY, "/privacy/receipts/SC202611-0009").status_code == 404


@pytest.mark.parametrize("there", [True, False])
def test_a_person_gets_the_copy_also_when_the_server_cannot_print(
    house: House, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    def fail(_: str) -> bytes:
        raise WorkFailed("the browser was ended")

    monkeypatch.setattr("reports.paper.engine", lambda: "chromium" if there else None)
    monkeypatch.setattr("privacy.views.printed", fail)
    wish = {"phone": PHONE, "id_number": "", "name": "", "reason": "本人持身份证到场"}
    copy = house.post(SECURITY, "/privacy/person/copy", **wish)
    with zipfile.ZipFile(io.BytesIO(copy.data)) as parts:
        assert parts.namelist() == ["个人信息副本.html", "个人信息副本.json"]


def test_a_copy_of_invented_data_says_so_in_its_name() -> None:
    assert handover.file_names("2026-11-20", demo=True)[0] == "个人信息副本-2026-11-20（演示）.zip"
    assert handover.file_names("2026-11-20", demo=False)[1] == "personal-data-2026-11-20.zip"


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        (CLERK, "/privacy", 403),
        (GUIDE, "/privacy/person", 403),
        (AUDIT, "/privacy/person", 403),
        (LEADER, "/privacy/person", 403),
        (MANAGER, "/privacy/person", 200),
    ],
)
def test_who_serves_a_person(house: House, who: str, path: str, status: int) -> None:
    assert house.get(who, path).status_code == status


def test_the_page_says_why_removal_waits_for_a_clock_that_leaped(house: House) -> None:
    house.hall.clear()
    assert "补清除" not in house.shown(AUDIT, "/privacy")
    house.hall.clock.move(hours=9 * 24)
    house.people.pop(AUDIT)  # nobody stays in for nine days
    assert "2026-11-29 比上次清除时前进了一周以上" in house.shown(AUDIT, "/privacy")
    house.hall.clock.move(hours=-9 * 24)
    house.people.pop(AUDIT)
