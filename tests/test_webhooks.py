"""Webhooks say what happened, signed as Standard Webhooks asks, and give up after three days."""

import base64
import json
from datetime import UTC, datetime

import pytest
from halls import SHANGHAI, SMALL_HALL
from standardwebhooks import Webhook
from test_desk import refused

from hall.events import (
    Event,
    ServiceFinished,
    SlipNoted,
    TicketCalled,
    TicketCancelled,
    TicketExpired,
    TicketMissed,
    TicketTaken,
    WindowChanged,
)
from hall.tickets import State, Ticket
from outbox import webhooks
from outbox.webhooks import (
    ALARM,
    BADLY,
    COMPLAINT_RED,
    NEARLY,
    NOTICE_RETRIES,
    RED,
    TYPES,
    WEBHOOK_RETRIES,
    Outcome,
)
from rating.events import RatingAsked, ServiceRated
from rating.levels import Level

NOW = 1_795_140_000_000
# The example of the specification's own test-suites.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TICKET = Ticket(
    id=7,
    day="2026-11-20",
    number="A012",
    prefix="A",
    sequence=12,
    service="marriage",
    state=State.CALLED,
    taken_at=NOW,
    language="zh",
    phone="13800001111",
    source="kiosk",
    window=3,
    called_at=NOW,
    ended_at=None,
    ahead_at_taking=4,
)


def called(ticket: Ticket = TICKET) -> TicketCalled:
    return TicketCalled(50, NOW, ("1F",), ticket, 3, 9, 9)


# -- signing -----------------------------------------------------------------------------------


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    signed = webhooks.sign(SECRET, MESSAGE, 1614265330, '{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_receiver_with_the_standard_library_of_the_specification_accepts_the_headers() -> None:
    now = int(datetime.now(UTC).timestamp() * 1000)
    secret = webhooks.secret_of(bytes(range(32)))
    said = webhooks.body("ticket.called", now, SHANGHAI, {"service_name": "婚姻登记"})
    headers = webhooks.headers([secret], "msg_1", now, said)
    assert Webhook(secret).verify(said, headers) == json.loads(said)
    with pytest.raises(Exception, match="No matching signature"):
        Webhook(secret).verify(said.replace("婚", "离"), headers)


def test_a_secret_carries_its_mark_and_its_key() -> None:
    secret = webhooks.secret_of(b"k" * 32)
    assert secret.startswith("whsec_")
    assert base64.b64decode(secret[6:]) == b"k" * 32


def test_each_try_is_signed_for_its_own_time() -> None:
    first, second = (webhooks.headers([SECRET], MESSAGE, NOW + late, "{}") for late in (0, 5000))
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 5
    assert first["webhook-id"] == second["webhook-id"] == MESSAGE
    assert first["webhook-signature"] != second["webhook-signature"]


# -- when it is tried again --------------------------------------------------------------------


def test_the_tries_stand_as_far_apart_as_the_specification_says() -> None:
    at, waits = NOW, []
    for tries in range(1, 10):
        following = webhooks.next_try(WEBHOOK_RETRIES, tries, at, Outcome("HTTP 500"))
        assert following is not None
        waits.append((following - at) // 1000)
        at = following
    hours = 3600
    assert waits[:3] == [5, 5 * 60, 30 * 60]
    assert waits[3:] == [each * hours for each in (2, 5, 10, 14, 20, 24)]
    assert webhooks.next_try(WEBHOOK_RETRIES, 10, at, Outcome("HTTP 500")) is None


def test_a_notice_is_given_up_within_half_an_hour() -> None:
    assert sum(NOTICE_RETRIES) <= 1800
    last = len(NOTICE_RETRIES)
    assert webhooks.next_try(NOTICE_RETRIES, last, NOW, Outcome("no")) is not None
    assert webhooks.next_try(NOTICE_RETRIES, last + 1, NOW, Outcome("no")) is None


@pytest.mark.parametrize(
    ("asked", "waits"), [(60, 60), (1, 5), (10**9, 86_400)], ids=["longer", "shorter", "for ever"]
)
def test_a_receiver_that_asks_for_time_gets_it_within_a_day(asked: int, waits: int) -> None:
    following = webhooks.next_try(WEBHOOK_RETRIES, 1, NOW, Outcome("HTTP 429", wait=asked))
    assert following == NOW + waits * 1000


@pytest.mark.parametrize("end", [Outcome("no", over=True), Outcome("HTTP 410", gone=True)])
def test_what_is_over_is_not_tried_again(end: Outcome) -> None:
    assert webhooks.next_try(WEBHOOK_RETRIES, 1, NOW, end) is None


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_delivered(status: int) -> None:
    assert webhooks.outcome_of(status, "") == Outcome()


@pytest.mark.parametrize("status", [199, 301, 302, 400, 404, 429, 500, 503])
def test_nothing_else_is(status: int) -> None:
    outcome = webhooks.outcome_of(status, "120")
    assert outcome.error == f"HTTP {status}"
    assert outcome.wait == 120
    assert not outcome.gone


def test_410_says_that_the_receiver_is_gone() -> None:
    assert webhooks.outcome_of(410, "").gone


def test_a_date_as_waiting_time_is_passed_over() -> None:
    assert webhooks.outcome_of(503, "Fri, 20 Nov 2026 08:00:00 GMT").wait == 0


# -- what is said ------------------------------------------------------------------------------


def test_a_call_is_told_with_number_service_and_window() -> None:
    assert webhooks.event_data(called(), SMALL_HALL) == {
        "ticket": 7,
        "number": "A012",
        "day": "2026-11-20",
        "service": "marriage",
        "service_name": "婚姻登记",
        "window": 3,
        "window_name": "不动产一号",
        "visit": 9,
    }


def test_the_body_is_type_timestamp_and_data_in_one_line() -> None:
    said = webhooks.body("ticket.called", NOW, SHANGHAI, {"service_name": "婚姻登记"})
    assert "\n" not in said
    assert "婚姻登记" in said
    assert json.loads(said) == {
        "type": "ticket.called",
        "timestamp": datetime.fromtimestamp(NOW / 1000, SHANGHAI).isoformat(),
        "data": {"service_name": "婚姻登记"},
    }


def test_who_takes_a_ticket_is_told_with_the_people_ahead() -> None:
    taken = TicketTaken(49, NOW, (), TICKET)
    assert webhooks.event_data(taken, SMALL_HALL)["people_ahead"] == 4


def test_a_finished_service_is_told_with_its_outcome_and_without_the_clerk() -> None:
    finished = ServiceFinished(60, NOW, (), TICKET, 3, 9, "1003", "completed")
    data = webhooks.event_data(finished, SMALL_HALL)
    assert data["outcome"] == "completed"
    assert "1003" not in json.dumps(data)


def test_a_rating_is_told_with_its_level() -> None:
    rated = ServiceRated(70, NOW, (), 3, 9, 5, "qr")
    data = webhooks.rated_data(rated, TICKET, Level.SATISFIED, SMALL_HALL)
    assert (data["rating"], data["level"], data["channel"]) == (5, "satisfied", "qr")
    assert (data["number"], data["window"], data["visit"]) == ("A012", 3, 9)


@pytest.mark.parametrize("phone", ["13800001111", "010665544"])
def test_no_phone_is_ever_in_a_body(phone: str) -> None:
    ticket = TICKET._replace(phone=phone)
    rated = ServiceRated(70, NOW, (), 3, 9, 5, "qr")
    told = [
        webhooks.ticket_data(ticket, SMALL_HALL),
        webhooks.event_data(called(ticket), SMALL_HALL),
        webhooks.rated_data(rated, ticket, Level.SATISFIED, SMALL_HALL),
    ]
    assert "A012" in json.dumps(told)
    assert phone not in json.dumps(told)


def test_a_window_that_the_hall_no_longer_has_is_still_named() -> None:
    assert webhooks.window_data(99, 1, SMALL_HALL)["window_name"] == "99"


# -- which event is told as what ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "names"),
    [
        (TicketTaken, ("ticket.taken",)),
        (TicketCalled, ("ticket.called", NEARLY)),
        (TicketCancelled, (NEARLY,)),
        (TicketMissed, ("ticket.missed", NEARLY)),
        (ServiceFinished, ("service.finished",)),
        (ServiceRated, ("service.rated", BADLY)),
        (TicketExpired, ()),
        (SlipNoted, ()),
        (WindowChanged, ()),
        (RatingAsked, ()),
    ],
)
def test_each_event_is_told_as_what_it_is(event: type[Event], names: tuple[str, ...]) -> None:
    assert webhooks.types_of(event) == names


def test_every_type_comes_from_some_event() -> None:
    told = {name for kind in webhooks.kinds_of_events() for name in webhooks.types_of(kind)}
    # which server.py lets the cases, the complaints and the monitor tell
    assert told | {RED, COMPLAINT_RED, ALARM} == set(TYPES)


# -- who is told -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url", ["https://gov.example.cn/hook?hall=1", "http://10.1.2.3:8080", "http://[::1]:90/x"]
)
def test_an_address_of_the_web_is_taken(url: str) -> None:
    assert webhooks.check_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://gov.example.cn/",
        "file:///etc/passwd",
        "gov.example.cn/hook",
        "https://",
        "https:///hook",
        "https://user:password@gov.example.cn/",
        "https://gov.example.cn/政务",
        "https://gov.example.cn/a b",
        "https://gov.example.cn/\r\nX-Header: 1",
        "https://gov.example.cn:port/",
        "https://[::1/",
        "https://gov.example.cn/" + "x" * 2000,
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with refused("bad_url"):
        webhooks.check_url(url)


def test_a_webhook_names_the_types_it_wants() -> None:
    wanted = webhooks.check_types([" ticket.called", "ticket.missed", "ticket.called", ""])
    assert wanted == ("ticket.called", "ticket.missed")
    assert webhooks.check_types([""]) == ()
    with refused("unknown_event"):
        webhooks.check_types(["ticket.called", "ticket.caled"])
