"""Two tabs on one thing of the hall: what the first saved is not lost by the second."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from werkzeug.test import TestResponse

import server
from hall import config
from hall.catalogue import HallText
from manager.meanwhile import Differing, differing, joined, packed, unpacked
from web.current import Rooms

PAGE = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
MARRIAGE = "/manager/catalogue/services/marriage"
FIELDS = {
    "name": "婚姻登记",
    "name_en": "Marriage",
    "prefix": "A",
    "department": "MZ",
    "common": "是",
    "sort": "0",
    "target_minutes": "30",
    "usual_minutes": "10",
    "open_weekdays": "",
    "open_hours": "",
    "quota_morning": "0",
    "quota_afternoon": "0",
}


def saw(**texts: str) -> dict[str, list[str]]:
    return {name: [text] for name, text in texts.items()}


@pytest.mark.parametrize(
    ("base", "typed", "now", "found"),
    [
        # nobody else was there
        (saw(a="1"), saw(a="2"), saw(a="1"), []),
        # both say the same
        (saw(a="1"), saw(a="2"), saw(a="2"), []),
        # the other changed what this form left alone: theirs stays
        (saw(a="1"), saw(a="1"), saw(a="2"), [Differing("a", ("2",), ("1",), keeps_ours=False)]),
        # both changed it: the form's word waits for a second yes
        (saw(a="1"), saw(a="3"), saw(a="2"), [Differing("a", ("2",), ("3",), keeps_ours=True)]),
        # a box that is not ticked is not sent, spaces do not count, an order does
        ({"a": ["否"]}, {}, {"a": ["否"]}, []),
        (saw(a="1"), saw(a=" 2 "), saw(a="2"), []),
        (
            {"a": ["x", "y"]},
            {"a": ["x", "y"]},
            {"a": ["y", "x"]},
            [Differing("a", ("y", "x"), ("x", "y"), keeps_ours=False)],
        ),
    ],
)
def test_what_somebody_else_changed_since_a_form_was_opened(
    base: Any, typed: Any, now: Any, found: list[Differing]
) -> None:
    assert differing(base, typed, now, ["a"]) == found
    kept = joined(typed, found).get("a", [])
    assert kept == (list(typed.get("a", [])) if not found or found[0].keeps_ours else now["a"])


def test_a_form_that_tells_nonsense_of_its_opening_tells_nothing() -> None:
    assert unpacked(packed({"a": ["1"]})) == {"a": ["1"]}
    for text in ("", "[]", "7", "{", '{"a": 1}'):
        assert unpacked(text) is None


# -- on the pages ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    opened = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = server.create_app(opened, tmp_path_factory.mktemp("hall") / "hall.db", MovedClock())
    yield app
    app.extensions["hall"].store.close()


@pytest.fixture
def rooms(app: Flask) -> Rooms:
    """The hall as it was, whatever the test before did."""
    found: Rooms = app.extensions["hall"]
    found.register.adopt(SMALL_HALL)
    return found


def tab(app: Flask, number: str) -> FlaskClient:
    rooms, client = app.extensions["hall"], app.test_client()
    person = rooms.door.newly(rooms.door.person(number, None))
    with client.session_transaction() as session:
        session["here"] = [["person", number, person.mark, rooms.clock(), None]]
    return client


def opened_with(page: TestResponse) -> str:
    found = re.search(r'name="opened-with" value="([^"]+)"', page.text)
    assert found, "a form carries what it showed"
    return html.unescape(found[1])


def save(client: FlaskClient, path: str, base: str, **fields: Any) -> TestResponse:
    return client.post(path, data={**fields, "opened-with": base}, headers=PAGE)


def test_a_stale_tab_overwrites_nothing_silently_and_saves_knowingly(
    app: Flask, rooms: Rooms
) -> None:
    first, second = tab(app, "9001"), tab(app, "9000")
    base = opened_with(first.get(MARRIAGE, headers=PAGE))
    assert base == opened_with(second.get(MARRIAGE, headers=PAGE))
    theirs = {**FIELDS, "name": "婚姻登记处", "target_minutes": "20"}
    assert save(first, MARRIAGE, base, **theirs).status_code == 303

    ours = {**FIELDS, "name": "结婚登记", "usual_minutes": "12"}
    refused = save(second, MARRIAGE, base, **ours)
    assert refused.status_code == 409
    service = rooms.register.catalogue().service["marriage"]
    assert (service.name, service.target_minutes) == ("婚姻登记处", 20)
    told = " ".join(re.sub("<[^>]+>", " ", refused.text).split())
    assert "赵主任（9001）在 2026-11-20" in told
    assert "名称 婚姻登记处 结婚登记 改成您填写的" in told
    assert "等候目标分钟 20 30 保留对方的" in told
    assert 'value="结婚登记"' in refused.text, "the form keeps what was typed"
    assert re.search(r'name="target_minutes" value="20"', refused.text)

    again = {**ours, "target_minutes": "20"}
    assert save(second, MARRIAGE, opened_with(refused), **again).status_code == 303
    service = rooms.register.catalogue().service["marriage"]
    assert (service.name, service.target_minutes, service.usual_minutes) == ("结婚登记", 20, 12)


def test_a_mistake_in_a_stale_form_does_not_make_it_a_fresh_one(app: Flask, rooms: Rooms) -> None:
    client = tab(app, "9001")
    base = opened_with(client.get(MARRIAGE, headers=PAGE))
    assert save(client, MARRIAGE, base, **{**FIELDS, "name": "别名"}).status_code == 303
    wrong = save(client, MARRIAGE, base, **{**FIELDS, "prefix": "12"})
    assert wrong.status_code == 422
    assert opened_with(wrong) == base
    assert save(client, MARRIAGE, opened_with(wrong), **FIELDS).status_code == 409
    assert rooms.register.catalogue().service["marriage"].name == "别名"


def test_a_stale_person_device_text_and_slot_plan_are_refused_too(app: Flask, rooms: Rooms) -> None:
    client = tab(app, "9000")
    device = next(each for each in rooms.register.catalogue().devices if each.window == 1)
    forms: tuple[tuple[str, str, dict[str, str], str], ...] = (
        (
            "/manager/catalogue/people/1001",
            "/manager/catalogue/people/1001",
            {"name": "张敏", "role": "clerk", "post": "办事员", "department": "MZ", "window": "1"},
            "name",
        ),
        (
            f"/manager/devices/{device.id}",
            f"/manager/devices/{device.id}",
            {"role": "evaluator", "name": device.name, "window": "1"},
            "name",
        ),
        ("/manager/catalogue/texts", "/manager/catalogue/texts", {"closing_words": ""}, ""),
        (
            "/manager/slots",
            "/manager/slots",
            {"service": "marriage", "weekday": "1", "minutes": "30", "quota": "3"},
            "quota",
        ),
    )
    for shown_at, saved_at, fields, field in forms:
        base = opened_with(client.get(shown_at, headers=PAGE))
        name = field or "closing_words"
        assert save(client, saved_at, base, **{**fields, name: "5"}).status_code == 303, saved_at
        stale = save(client, saved_at, base, **{**fields, name: "4"})
        assert stale.status_code == 409, saved_at
        assert "再次保存" in stale.text
        again = save(client, saved_at, opened_with(stale), **{**fields, name: "4"})
        assert again.status_code == 303, saved_at
    catalogue = rooms.register.catalogue()
    assert catalogue.person["1001"].name == "4"
    assert catalogue.text["closing_words"] == HallText("closing_words", text="4")
    assert [each.quota for each in rooms.bookings.plans()] == [4]


def test_what_a_form_was_opened_with_is_no_place_for_a_script(app: Flask, rooms: Rooms) -> None:
    client = tab(app, "9001")
    name = "<script>alert(1)</script>"
    base = opened_with(client.get(MARRIAGE, headers=PAGE))
    assert save(client, MARRIAGE, base, **{**FIELDS, "name": name}).status_code == 303
    stale = save(client, MARRIAGE, base, **{**FIELDS, "name": '"><i>ours'})
    assert stale.status_code == 409
    assert "<script>alert" not in stale.text
    assert '"><i>' not in stale.text
    assert json.loads(opened_with(stale))["name"] == [name]


def test_a_text_that_somebody_else_took_away_stays_away_from_a_form_that_left_it_alone(
    app: Flask, rooms: Rooms
) -> None:
    client, path = tab(app, "9001"), "/manager/catalogue/texts"
    fresh = opened_with(client.get(path, headers=PAGE))
    assert save(client, path, fresh, closing_words="再见", slip_foot="请保管").status_code == 303
    base = opened_with(client.get(path, headers=PAGE))
    assert save(client, path, base, closing_words="", slip_foot="请保管").status_code == 303
    stale = save(client, path, base, closing_words="再见", slip_foot="请收好")
    assert stale.status_code == 409
    assert re.search(r'name="closing_words" value=""', stale.text)
    assert re.search(r'name="slip_foot" value="请收好"', stale.text)
