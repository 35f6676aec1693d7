"""When something is an alarm, what becomes of it, and what to do: tables of cases."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from hall.config import BadConfig, from_dict
from hall.days import MINUTE, SECOND
from hall.refusals import NotAllowed, NotFound, NotValid
from monitor import course, rules
from monitor.advice import advice, extra_windows, minutes_with
from monitor.camera import Camera
from monitor.course import Act, Alarm
from monitor.rules import DEFAULTS, KINDS, Kind, Level, Rule, RuleSet
from monitor.sight import Device, Figures, Limit, Line, Place, Sight
from monitor.sightings import Sighting, lasted, level_of, sightings

NOW = 1_795_140_000_000
SHANGHAI = ZoneInfo("Asia/Shanghai")
RULES = RuleSet(1, NOW, "", "", DEFAULTS)
YELLOW, RED = Level.YELLOW, Level.RED


def line(waiting: int = 5, longest: int = 10, **more: Any) -> Line:
    """Return the line of 不动产登记: target 30 minutes, 20 minutes a visit."""
    told = Line("estate", "不动产登记", "BDC", waiting, longest, 30, 20.0, number="B001", zone="1F")
    return replace(told, **more)


def place(no: int = 3, state: str = "open", minutes: int = 0, **more: Any) -> Place:
    """Return a window for 不动产登记."""
    told = Place(no, f"{no}号窗口", "1F", "BDC", state, minutes, services=("estate",))
    return replace(told, **more)


def hall(**more: Any) -> Sight:
    return Sight(**{"now": NOW, "is_open": True, **more})


def seen(kind: Kind, shown: Sight, by: RuleSet = RULES) -> list[tuple[str, Level | None]]:
    """Return subject and level of what is seen of a kind."""
    return [
        (each.subject, level_of(each, by)) for each in sightings(shown, by) if each.kind is kind
    ]


def levels(kind: Kind, shown: Sight, by: RuleSet = RULES) -> list[Level | None]:
    return [level for _, level in seen(kind, shown, by)]


# -- levels ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value", "level"),
    [
        (Kind.WAIT, 100, None),  # on its target is not over it
        (Kind.WAIT, 100.1, YELLOW),
        (Kind.WAIT, 150, YELLOW),
        (Kind.WAIT, 151, RED),
        (Kind.IDLE, 14, None),
        (Kind.IDLE, 15, YELLOW),  # fifteen minutes are fifteen minutes
        (Kind.IDLE, 30, RED),
        (Kind.MISSED, 15, None),
        (Kind.MISSED, 15.5, YELLOW),
        (Kind.PRIORITY, 20, None),
        (Kind.PRIORITY, 21, YELLOW),
        (Kind.UNRATED, 49, None),
        (Kind.UNRATED, 50, YELLOW),
        (Kind.SILENT, 10, YELLOW),
        (Kind.LIMIT, 1, YELLOW),
        (Kind.LIMIT, 2, RED),
    ],
)
def test_a_value_is_yellow_or_red_by_its_rule(kind: Kind, value: float, level: Level) -> None:
    assert RULES.of(kind).level(value) is level


def test_a_rule_that_is_switched_off_raises_nothing() -> None:
    assert replace(RULES.of(Kind.WAIT), active=False).level(10_000) is None


def test_every_kind_has_a_name_a_default_and_a_place_in_the_order() -> None:
    assert list(KINDS) == list(Kind) == [each.kind for each in DEFAULTS]
    assert all(each.name and each.measures and each.unit for each in KINDS.values())


def test_a_kind_younger_than_the_rules_has_its_default() -> None:
    old = replace(RULES, rules=(Rule(Kind.WAIT, 200, 300),))
    assert (old.of(Kind.WAIT).yellow, old.of(Kind.IDLE).yellow) == (200, 15)


# -- lines and windows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("waiting", "longest", "found"),
    [
        (0, 99, []),
        (1, 30, []),
        (1, 31, [("service:estate", YELLOW)]),
        (23, 46, [("service:estate", RED)]),
    ],
)
def test_a_line_is_an_alarm_once_somebody_waits_over_the_target(
    waiting: int, longest: int, found: list[Any]
) -> None:
    assert seen(Kind.WAIT, hall(lines=(line(waiting, longest),))) == found


@pytest.mark.parametrize(
    ("state", "minutes", "waiting", "longest", "is_open", "found"),
    [
        ("open", 15, 3, 15, True, [YELLOW]),
        ("open", 40, 3, 35, True, [RED]),
        ("open", 40, 3, 14, True, []),  # they came only now
        ("open", 14, 3, 60, True, []),
        ("open", 40, 0, 0, True, []),  # nobody waits: rest is no fault
        ("serving", 40, 3, 40, True, []),
        ("paused", 40, 3, 40, True, []),
        ("open", 40, 3, 40, False, []),
    ],
)
def test_a_window_that_idles_while_people_wait_for_it_is_an_alarm(
    state: str, minutes: int, waiting: int, longest: int, is_open: bool, found: list[Level]
) -> None:
    shown = hall(
        lines=(line(waiting, longest),), places=(place(3, state, minutes),), is_open=is_open
    )
    assert levels(Kind.IDLE, shown) == found


def test_a_window_does_not_idle_for_a_line_that_it_does_not_serve() -> None:
    other = place(9, "open", 60, services=("marriage",))
    assert levels(Kind.IDLE, hall(lines=(line(9, 60),), places=(other,))) == []


@pytest.mark.parametrize(
    ("state", "minutes", "staffed", "is_open", "found"),
    [
        ("closed", 14, True, True, []),
        ("closed", 15, True, True, [YELLOW]),
        ("closed", 30, True, True, [RED]),
        ("closed", 300, False, True, []),  # nobody is expected there
        ("closed", 300, True, False, []),
        ("open", 300, True, True, []),
    ],
)
def test_a_window_without_its_clerk_is_an_alarm_while_the_hall_is_open(
    state: str, minutes: int, staffed: bool, is_open: bool, found: list[Level]
) -> None:
    shown = hall(places=(place(3, state, minutes, staffed=staffed),), is_open=is_open)
    assert levels(Kind.UNMANNED, shown) == found


@pytest.mark.parametrize(("minutes", "found"), [(19, []), (20, [YELLOW]), (40, [RED])])
def test_a_long_pause_is_an_alarm(minutes: int, found: list[Level]) -> None:
    shown = hall(places=(place(3, "paused", minutes, reason="<b>开会"),))
    assert levels(Kind.PAUSED, shown) == found


@pytest.mark.parametrize(
    ("state", "minutes", "usual", "found"),
    [
        ("serving", 40, 20.0, []),  # twice is not over twice
        ("serving", 41, 20.0, [YELLOW]),
        ("serving", 81, 20.0, [RED]),
        ("serving", 14, 3.0, []),  # four times the usual, but short
        ("serving", 15, 3.0, [RED]),
        ("called", 90, 20.0, []),
    ],
)
def test_a_service_far_over_its_usual_time_is_an_alarm(
    state: str, minutes: int, usual: float, found: list[Level]
) -> None:
    shown = hall(places=(place(3, state, minutes, usual=usual, number="B001"),))
    assert levels(Kind.OVERRUN, shown) == found


# -- figures, machines, limits -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("missed", "ended", "found"),
    [(1, 5, []), (1, 10, []), (2, 10, [YELLOW]), (3, 20, []), (4, 12, [RED]), (0, 0, [])],
)
def test_too_many_misses_in_an_hour_are_an_alarm(
    missed: int, ended: int, found: list[Level]
) -> None:
    shown = hall(lines=(line(),), figures=Figures(missed={"estate": (missed, ended)}))
    assert levels(Kind.MISSED, shown) == found


@pytest.mark.parametrize(
    ("favoured", "taken", "found"),
    [(9, 19, []), (4, 20, []), (5, 20, [YELLOW]), (41, 100, [RED]), (0, 0, [])],
)
def test_too_many_with_priority_are_an_alarm(favoured: int, taken: int, found: list[Level]) -> None:
    assert levels(Kind.PRIORITY, hall(figures=Figures(priority=(favoured, taken)))) == found


@pytest.mark.parametrize(("count", "found"), [(49, []), (50, [YELLOW]), (100, [RED])])
def test_services_without_a_rating_in_a_row_are_an_alarm(count: int, found: list[Level]) -> None:
    shown = hall(places=(place(),), figures=Figures(unrated={3: count}))
    assert levels(Kind.UNRATED, shown) == found


@pytest.mark.parametrize(
    ("newest", "found"),
    [
        ([0.5] * 4, []),
        ([0.5, 1, 2, 1.9, 0.1], [YELLOW]),  # two seconds are still within two seconds
        ([0.5] * 4 + [2.1] + [0.5] * 9, []),  # in a row, from the newest on
        ([0.5] * 10, [RED]),
        ([], []),
    ],
)
def test_ratings_at_the_moment_of_the_end_in_a_row_are_an_alarm(
    newest: list[float], found: list[Level]
) -> None:
    shown = hall(places=(place(),), figures=Figures(quick={3: newest}))
    assert levels(Kind.QUICK, shown) == found


@pytest.mark.parametrize(
    ("role", "silent", "state", "is_open", "found"),
    [
        ("evaluator", 9, "serving", True, []),
        ("evaluator", 10, "serving", True, [YELLOW]),
        ("evaluator", 30, "open", True, [RED]),
        ("evaluator", 99, "closed", True, []),  # it sleeps with its window
        ("evaluator", 99, "paused", True, []),
        ("evaluator", 99, "open", False, []),
        ("kiosk", 30, "closed", True, [RED]),
        ("display", 10, "closed", True, [YELLOW]),
        ("program", 999, "open", True, []),  # a program calls when it likes
        ("manager", 999, "open", True, []),
    ],
)
def test_a_machine_that_nobody_hears_of_is_an_alarm(
    role: str, silent: int, state: str, is_open: bool, found: list[Level]
) -> None:
    device = Device(7, role, "一号", silent, window=3)
    shown = hall(places=(place(3, state),), devices=(device,), is_open=is_open)
    assert levels(Kind.SILENT, shown) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("ok", []),
        ("unknown", []),
        ("", []),
        ("near_end", [YELLOW]),
        ("out_of_paper", [RED]),
        ("off", [RED]),
        ("trouble", [RED]),
    ],
)
def test_a_printer_is_an_alarm_by_its_condition(condition: str, found: list[Level]) -> None:
    shown = hall(devices=(Device(7, "kiosk", "一号", 0, printer=condition),), is_open=False)
    assert levels(Kind.PRINTER, shown) == found


def test_a_limit_is_yellow_when_near_and_red_when_passed() -> None:
    near, passed = (
        Limit("case:1", "差评 1", "MZ", passed=False),
        Limit("case:2", "差评 2", "", True),
    )
    shown = hall(limits=(near, passed))
    assert seen(Kind.LIMIT, shown) == [("case:1", YELLOW), ("case:2", RED)]


# -- the course of an alarm --------------------------------------------------------------------


def wait(value: float) -> Sighting:
    return Sighting(Kind.WAIT, "service:estate", value, "等候", service="estate")


def alarm(level: Level = YELLOW, since: int = 0, **more: Any) -> Alarm:
    """Return a standing alarm of the line, begun (and red) ``since`` minutes ago."""
    began = NOW - since * MINUTE
    red_at = began if level is RED else None
    told = Alarm(1, "2026-11-20", Kind.WAIT, "service:estate", "等候", level, began, red_at, 1)
    return replace(told, **more)


GONE = {(Kind.WAIT, "service:estate"): NOW - course.CALM}
JUST_GONE = {(Kind.WAIT, "service:estate"): NOW - course.CALM + 1}


@pytest.mark.parametrize(
    ("standing", "found", "gone", "acts"),
    [
        ([], [], {}, []),
        ([], [wait(90)], {}, []),
        ([], [wait(120)], {}, [Act.OPEN]),
        ([alarm()], [wait(120)], {}, []),  # stands already
        ([alarm()], [wait(200)], {}, [Act.REDDEN]),
        ([alarm(RED)], [wait(120)], {}, []),  # a level never falls
        ([alarm()], [], {}, []),
        ([alarm()], [], JUST_GONE, []),
        ([alarm()], [], GONE, [Act.CLEAR]),
        ([alarm(RED, 9)], [wait(200)], {}, []),
        ([alarm(RED, 10)], [wait(200)], {}, [Act.ESCALATE]),
        ([alarm(YELLOW, 99)], [wait(120)], {}, []),  # yellow stays in the hall
        ([alarm(RED, 99, acknowledged_at=NOW)], [wait(200)], {}, []),
        ([alarm(RED, 99, escalated_at=NOW)], [wait(200)], {}, []),
        ([alarm(RED, 99)], [], {}, []),  # its cause is gone: nobody need run
    ],
)
def test_what_becomes_of_an_alarm(
    standing: list[Alarm], found: list[Sighting], gone: Any, acts: list[Act]
) -> None:
    assert [each.act for each in course.steps(standing, found, RULES, NOW, gone)] == acts


def test_a_rule_with_no_minutes_never_escalates() -> None:
    silent = replace(RULES, rules=(replace(RULES.of(Kind.WAIT), escalate_minutes=0),))
    assert not course.must_escalate(alarm(RED, 600), silent, NOW)


def test_since_when_a_cause_is_gone_is_forgotten_when_it_comes_back() -> None:
    first = course.still_gone([alarm()], [], {}, NOW)
    assert first == {(Kind.WAIT, "service:estate"): NOW}
    assert course.still_gone([alarm()], [], first, NOW + SECOND) == first
    assert course.still_gone([alarm()], [wait(120)], first, NOW + SECOND) == {}


@pytest.mark.parametrize(
    ("was", "words", "code"),
    [
        (None, "", "unknown_alarm"),
        (alarm(acknowledged_at=NOW, acknowledged_by="9001"), "", "acknowledged_already"),
        (alarm(), "长" * 201, "words_too_long"),
        (alarm(RED), "  ", "words_missing"),
    ],
)
def test_what_cannot_be_acknowledged(was: Alarm | None, words: str, code: str) -> None:
    with pytest.raises((NotAllowed, NotFound)) as refused:
        course.acknowledged(was, "9001", words, NOW)
    assert refused.value.code == code


def test_a_yellow_alarm_is_acknowledged_without_a_word() -> None:
    assert course.acknowledged(alarm(), "9001", " ", NOW).acknowledged_by == "9001"


# -- rules as data -----------------------------------------------------------------------------


def with_rule(kind: Kind, **changed: Any) -> list[Rule]:
    return [replace(each, **changed) if each.kind is kind else each for each in DEFAULTS]


@pytest.mark.parametrize(
    ("new", "note"),
    [
        (with_rule(Kind.IDLE, yellow=0), ""),
        (with_rule(Kind.IDLE, yellow=30, red=30), ""),
        (with_rule(Kind.IDLE, red=100_001), ""),
        (with_rule(Kind.IDLE, least=5), ""),  # an idle window needs no minimum
        (with_rule(Kind.MISSED, least=-1), ""),
        (with_rule(Kind.IDLE, escalate_minutes=481), ""),
        (with_rule(Kind.LIMIT, yellow=2, red=3), ""),
        (list(DEFAULTS[1:]), ""),
        (list(DEFAULTS), "长" * 101),
    ],
)
def test_rules_that_cannot_be_are_refused(new: list[Rule], note: str) -> None:
    with pytest.raises(NotValid):
        rules.check(new, note)


def test_good_rules_come_back_in_their_order_with_the_note_trimmed() -> None:
    assert rules.check(reversed(DEFAULTS), " 试行 ") == (DEFAULTS, "试行")


def test_the_differences_of_two_versions_are_sentences() -> None:
    new = with_rule(Kind.MISSED, yellow=20, least=5, active=False)
    assert rules.differences(DEFAULTS, new) == [
        "过号过多：停用，黄色 15% → 20%，至少呼叫（次） 10 → 5"
    ]
    assert rules.differences(DEFAULTS, DEFAULTS) == []


# -- advice ------------------------------------------------------------------------------------

BUSY = (place(1, "serving", 5), place(2, "serving", 8))


@pytest.mark.parametrize(
    ("shown", "places", "said"),
    [
        (line(23, 12, expected=20), BUSY, []),  # within the target
        (line(0, 0), (), []),
        (
            line(23, 38, expected=41, pace=4.0),
            (*BUSY, place(7, "closed", 90)),
            [
                "为“不动产登记”加开 1 个窗口（7号窗口）：23 人等候，最久已等 38 分钟，"
                "预计 41 分钟（目标 30 分钟），之后新来的约等 27 分钟。"
            ],
        ),
        (
            line(23, 38, expected=41),
            (*BUSY, place(5, "open", 6)),
            [
                "请5号窗口呼叫“不动产登记”：23 人等候，最久已等 38 分钟，"
                "预计 41 分钟（目标 30 分钟），窗口却空闲。"
            ],
        ),
        (
            line(4, 38, expected=41),
            (*BUSY, place(6, "paused", 30), place(7, "closed", 90)),
            [
                "为“不动产登记”请6号窗口恢复服务：4 人等候，最久已等 38 分钟，"
                "预计 41 分钟（目标 30 分钟），之后新来的约等 27 分钟。"
            ],
        ),
        (
            line(6, 12),
            (place(7, "closed", 90),),
            [
                "为“不动产登记”加开 1 个窗口（7号窗口）：6 人等候，最久已等 12 分钟，"
                "之后新来的约等 120 分钟。"
            ],
        ),
        (
            line(9, 50, expected=55),
            (*BUSY, place(8, "open", 30, services=("advice",))),
            [
                "请空闲的8号窗口协助“不动产登记”：9 人等候，最久已等 50 分钟，"
                "预计 55 分钟（目标 30 分钟），办理的窗口都在忙。"
            ],
        ),
        (
            line(9, 50),
            (),
            [
                "请咨询台引导“不动产登记”的群众预约或改时："
                "9 人等候，最久已等 50 分钟，没有窗口在办理。"
            ],
        ),
    ],
)
def test_advice_says_which_window_should_do_what(
    shown: Line, places: tuple[Place, ...], said: list[str]
) -> None:
    assert [each.said for each in advice([shown], places)] == said


def test_a_window_that_has_only_just_become_free_is_not_reminded() -> None:
    told = advice([line(9, 50, expected=55)], (*BUSY, place(5, "open", 1)))
    assert "空闲" not in told[0].said


def test_one_closed_window_is_promised_to_the_line_in_the_greatest_need_only() -> None:
    marriage = line(5, 33, code="marriage", name="婚姻登记", expected=35)
    both = place(7, "closed", 60, services=("estate", "marriage"))
    told = advice([marriage, line(9, 80, expected=90)], (*BUSY, both))
    assert [each.service for each in told] == ["estate", "marriage"]
    assert [each.windows for each in told] == [(7,), ()]
    assert [each.urgent for each in told] == [True, True]


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 分钟"), (119, "119 分钟"), (120, "2 小时"), (1274, "21 小时 14 分钟")],
)
def test_long_times_are_said_in_hours(minutes: int, said: str) -> None:
    assert lasted(minutes) == said


@pytest.mark.parametrize(
    ("waiting", "pace", "at_work", "more"), [(23, 4.0, 2, 2), (3, 20.0, 1, 1), (1, 5.0, 3, 1)]
)
def test_so_many_more_windows_bring_the_wait_to_its_target(
    waiting: int, pace: float, at_work: int, more: int
) -> None:
    assert extra_windows(line(waiting, pace=pace), at_work) == more


def test_where_no_window_serves_yet_the_wait_is_reckoned_from_those_to_open() -> None:
    assert minutes_with(line(4, pace=10.0), 0, 2) == 20


# -- cameras -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "window", "link"),
    [
        ("", 3, ""),
        ("https://v.example.cn/{window}", None, ""),
        (
            "https://v.example.cn/{window}?from={start}&to={end}",
            3,
            "https://v.example.cn/3?from=2026-11-20T09%3A59%3A00%2B08%3A00"
            "&to=2026-11-20T10%3A05%3A00%2B08%3A00",
        ),
        (
            "https://v.example.cn/?c={camera}&t={start_seconds}-{end_seconds}",
            3,
            "https://v.example.cn/?c=a%2Fb&t=1795139940-1795140300",
        ),
        ("https://v.example.cn/{camera}", 4, ""),  # this window has none
    ],
)
def test_a_camera_opens_at_the_minute(url: str, window: int | None, link: str) -> None:
    assert Camera(url, 60, 300, {"3": "a/b"}).link(window, NOW, SHANGHAI) == link


@pytest.mark.parametrize(
    "settings",
    [
        {"camera_url": "javascript:alert(1)//{window}"},
        {"camera_url": "ftp://v.example.cn/{window}"},
        {"camera_url": "https://v.example.cn/"},  # every window the same picture
        {"camera_url": "https://v.example.cn/{window}?at={when}"},
        {"camera_url": "https://v.example.cn/{window}?at={start"},
        {"camera_url": "https://v.example.cn/ {window}"},
        {"cameras": {"three": "34020000001320000003"}},
        {"camera_after_seconds": 0},
    ],
)
def test_a_camera_that_cannot_be_stops_the_start(settings: dict[str, Any]) -> None:
    with pytest.raises(BadConfig, match="monitor"):
        from_dict({"monitor": settings})


def test_a_camera_is_taken_from_the_settings() -> None:
    url = "https://video.example.cn:8443/{window}?from={start}&to={end}"
    assert from_dict({"monitor": {"camera_url": url}}).monitor.camera_url == url
