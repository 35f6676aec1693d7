"""When the hall and its services are open."""

from datetime import datetime, time

import pytest
from halls import SHANGHAI, SMALL_HALL

from hall.calendar import Calendar, OpeningRules
from hall.catalogue import Service, SpecialDay

MINUTE = 60_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp() * 1000)


def a_calendar(*special: SpecialDay, **rules: object) -> Calendar:
    told = {"opens": time(8, 30), "closes": time(17, 30), "lunch": "12:00-13:30", **rules}
    opening = OpeningRules(**told)  # type: ignore[arg-type]
    return Calendar(opening, SHANGHAI, {each.day: each for each in special})


def a_service(**more: str) -> Service:
    return Service("x", "婚姻登记", "", "A", SMALL_HALL.departments[0].code, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20T08:29:59", False),
        ("2026-11-20T08:30:00", True),
        ("2026-11-20T11:59:59", True),
        ("2026-11-20T12:00:00", False),
        ("2026-11-20T13:29:59", False),
        ("2026-11-20T13:30:00", True),
        ("2026-11-20T17:29:59", True),
        ("2026-11-20T17:30:00", False),
        ("2026-11-21T10:00:00", False),
    ],
)
def test_a_hall_is_open_but_for_lunch_and_weekends(moment: str, is_open: bool) -> None:
    assert (a_calendar().open_at(at(moment)) is not None) is is_open
    assert a_calendar(always_open=True).open_at(at(moment))


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-10-01", False),
        ("2026-02-14", True),
        ("2026-02-16", False),
        ("2026-11-20", True),
        ("2026-11-22", False),
        ("2031-10-01", True),
        ("2031-10-04", False),
    ],
    ids=[
        "国庆节",
        "a Saturday that makes up for the Spring Festival",
        "春节",
        "a usual Friday",
        "a usual Sunday",
        "a year not announced yet goes by the weekday",
        "a Saturday of such a year",
    ],
)
def test_holidays_and_make_up_days_are_those_announced(day: str, works: bool) -> None:
    assert a_calendar().is_workday(day) is works


def test_a_hall_may_keep_no_holidays_and_other_weekdays() -> None:
    assert a_calendar(holidays=False).is_workday("2026-10-01")
    assert a_calendar(weekdays="1234567").is_workday("2026-11-22")
    assert not a_calendar(weekdays="1234567").is_workday("2026-10-03"), "a Saturday of 国庆节"
    assert not a_calendar(weekdays="2345").is_workday("2026-11-23")


def test_the_halls_own_days_stand_above_all() -> None:
    calendar = a_calendar(
        SpecialDay("2026-11-20", open=False, note="设备检修"),
        SpecialDay("2026-11-22", open=True, hours="09:00-12:00"),
    )
    assert not calendar.is_workday("2026-11-20")
    assert calendar.spans("2026-11-22") == ((at("2026-11-22T09:00"), at("2026-11-22T12:00")),)


def test_a_service_has_its_own_weekdays_and_hours_within_the_halls() -> None:
    service = a_service(open_weekdays="15", open_hours="08:00-11:30,13:00-14:00")
    assert a_calendar().spans("2026-11-20", service) == (
        (at("2026-11-20T08:30"), at("2026-11-20T11:30")),
        (at("2026-11-20T13:30"), at("2026-11-20T14:00")),
    )
    assert a_calendar().spans("2026-11-19", service) == ()


@pytest.mark.parametrize(
    ("begins", "ends", "minutes"),
    [
        ("2026-11-20T10:00", "2026-11-20T10:20", 20),
        ("2026-11-20T11:50", "2026-11-20T13:40", 20),
        ("2026-11-20T08:00", "2026-11-20T08:40", 10),
        ("2026-11-20T17:20", "2026-11-23T08:40", 20),
        ("2026-11-20T10:00", "2026-11-20T09:00", 0),
    ],
    ids=["as it is", "lunch is no wait", "before opening is none", "nor the weekend", "backwards"],
)
def test_closed_minutes_are_no_wait(begins: str, ends: str, minutes: int) -> None:
    assert a_calendar().open_between(at(begins), at(ends)) == minutes * MINUTE


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ("2026-11-20T07:00", "今天 08:30"),
        ("2026-11-20T12:10", "今天 13:30"),
        ("2026-11-19T18:00", "明天 08:30"),
        ("2026-11-20T18:00", "11月23日（周一） 08:30"),
    ],
)
def test_the_next_opening_is_said_as_people_say_it(now: str, said: str) -> None:
    calendar = a_calendar()
    opens = calendar.next_opening(at(now))
    assert opens is not None
    assert calendar.said(opens, at(now)) == said


def test_a_day_has_two_halves_that_meet_at_lunch() -> None:
    calendar = a_calendar()
    assert calendar.is_before_noon(at("2026-11-20T11:59"))
    assert not calendar.is_before_noon(at("2026-11-20T12:00"))
    assert a_calendar(lunch="").noon("2026-11-20") == at("2026-11-20T12:00")
