"""A complaint whose limit has passed: told once for each limit, to whom the hall has named."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from halls import SMALL_HALL, MovedClock

import server
from complaints.complaints import Complaints
from complaints.drafting import Draft
from complaints.late import Late
from complaints.life import Complaint
from hall import config
from hall.catalogue import Person
from outbox.receivers import Receivers

TITLE, COMPLAINANT, PHONE = "窗口午间无人", "欧阳明日", "13800138000"
CLERK_OF_THE_UNIT = "7001"


@pytest.fixture
def app(tmp_path: Path, clock: MovedClock) -> Iterator[Flask]:
    every_day = {"weekdays": "1234567", "holidays": False}
    app = server.create_app(config.from_dict({"hall": every_day}), tmp_path / "hall.db", clock)
    register = app.extensions["hall"].register
    register.adopt(SMALL_HALL)
    register.save(Person(CLERK_OF_THE_UNIT, "周承办", "handler", "承办人", "MZ"))
    Receivers(app.extensions["hall"].store, clock).add("http://127.0.0.1:9/", "complaint.red")
    app.extensions["outbox"].tick()
    yield app
    app.extensions["hall"].store.close()


@pytest.fixture
def complaints(app: Flask) -> Complaints:
    found = app.extensions["hall"].complaints
    assert isinstance(found, Complaints)
    return found


def complain(complaints: Complaints) -> Complaint:
    draft = Draft(
        source="window",
        title=TITLE,
        complainant=COMPLAINANT,
        phone=PHONE,
        content="中午等了一个半小时。",
        at=complaints.clock(),
        unit="MZ",
    )
    return complaints.register_one(draft, "form-000001", "9001")


def pass_a_second(app: Flask) -> list[dict[str, Any]]:
    """Let the house do what it does every second, but send; return what complaints said of red."""
    for tick in server.ticks_of(app):
        if isinstance(getattr(tick, "__self__", None), Late):
            tick()
    said = "select body from message where type = 'complaint.red' order by rowid"
    return [json.loads(body)["data"] for (body,) in app.extensions["hall"].store.rows(said)]


def test_nothing_is_told_of_a_complaint_in_time(
    app: Flask, complaints: Complaints, clock: MovedClock
) -> None:
    complain(complaints)
    clock.move(hours=12)
    assert pass_a_second(app) == []


def test_a_passed_limit_is_told_once_and_names_nobody(
    app: Flask, complaints: Complaints, clock: MovedClock
) -> None:
    about = complain(complaints)
    clock.move(hours=96)
    told = pass_a_second(app)
    assert told == pass_a_second(app)
    assert [(each["number"], each["unit"], each["limit_name"]) for each in told] == [
        (about.number, "MZ", "受理")
    ]
    for secret in (TITLE, COMPLAINANT, PHONE):
        assert secret not in json.dumps(told, ensure_ascii=False)


def test_each_limit_of_a_complaint_is_told(
    app: Flask, complaints: Complaints, clock: MovedClock
) -> None:
    about = complain(complaints)
    clock.move(hours=96)
    pass_a_second(app)
    complaints.accept(about.id, by=CLERK_OF_THE_UNIT)
    assert len(pass_a_second(app)) == 1
    clock.move(hours=24 * 25)
    assert [each["limit_name"] for each in pass_a_second(app)] == ["受理", "回复"]


def test_an_answered_complaint_is_told_no_more(
    app: Flask, complaints: Complaints, clock: MovedClock
) -> None:
    about = complain(complaints)
    complaints.reply(about.id, "已安排午间值守。", by=CLERK_OF_THE_UNIT)
    clock.move(hours=24 * 30)
    assert pass_a_second(app) == []


def test_the_leaders_group_reads_the_unit_and_the_limit(
    app: Flask, complaints: Complaints, clock: MovedClock
) -> None:
    about = complain(complaints)
    clock.move(hours=96)
    (data,) = pass_a_second(app)
    text = app.extensions["outbox"]._text_for_staff("complaint.red", data)
    assert text.endswith(f"投诉办理超期：{about.number}，民政局，应于 {data['limit']} 前受理。")
