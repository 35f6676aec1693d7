"""What a slip and a phone say about a missed call, by the hall's policy."""

import pytest

from hall.days import MINUTE
from hall.missing import ReturnPolicy
from hall.tickets import State, Ticket

AT = 1_800_000_000_000
SCAN = "到取号机扫小票返回"
AFTER_PLACES = ReturnPolicy("after_places", 3, 30, 3)
END_OF_LINE = ReturnPolicy("end_of_line", 3, 30, 3)
HELP_DESK = ReturnPolicy("help_desk", 3, 30, 3)
VOID = ReturnPolicy("void", 3, 30, 3)


def missed(misses: int = 1) -> Ticket:
    """A012, missed at AT."""
    return Ticket(
        *(1, "2026-11-20", "A012", "A", 12, "marriage", State.MISSED, AT - 20 * MINUTE, "zh"),
        *(None, "kiosk", 1, AT - MINUTE, AT, 0),
        misses=misses,
    )


@pytest.mark.parametrize(
    ("policy", "language", "said"),
    [
        (AFTER_PLACES, "zh", "30 分钟内到取号机扫码返回，隔 3 位再叫"),
        (END_OF_LINE, "zh", "30 分钟内到取号机扫码返回，排到队尾"),
        (HELP_DESK, "zh", "请到咨询台办理返回"),
        (VOID, "zh", "过号作废，请重新取号"),
        (AFTER_PLACES, "en", "scan this slip at a kiosk within 30 min: 3 places later"),
        (END_OF_LINE, "en", "scan this slip at a kiosk within 30 min: the end of the line"),
        (HELP_DESK, "en", "ask at the help desk"),
        (VOID, "en", "please take a new number"),
    ],
)
def test_a_slip_says_beforehand_what_the_policy_is(
    policy: ReturnPolicy, language: str, said: str
) -> None:
    assert policy.beforehand(language) == said


@pytest.mark.parametrize(
    ("policy", "misses", "minutes", "code", "said"),
    [
        (
            AFTER_PLACES,
            1,
            0,
            None,
            "请在 30 分钟内到取号机扫小票返回，隔 3 位再叫；逾时请重新取号。",
        ),
        (END_OF_LINE, 1, 29.5, None, f"请在 1 分钟内{SCAN}，排到队尾；逾时请重新取号。"),
        (
            AFTER_PLACES,
            1,
            30,
            None,
            "请在 1 分钟内到取号机扫小票返回，隔 3 位再叫；逾时请重新取号。",
        ),
        (
            *(AFTER_PLACES, 1, 31, "returned_too_late"),
            "A012 号过号已超过 30 分钟，请重新取号或到咨询台询问。",
        ),
        (AFTER_PLACES, 3, 1, "ticket_void", "A012 号已作废，请重新取号。"),
        (VOID, 1, 1, "ticket_void", "A012 号已作废，请重新取号。"),
        (HELP_DESK, 1, 99, "help_desk_only", "A012 号已过号，请到咨询台办理返回。"),
    ],
)
def test_a_phone_says_afterwards_what_the_kiosk_would(
    policy: ReturnPolicy, misses: int, minutes: float, code: str | None, said: str
) -> None:
    ticket, now = missed(misses), AT + int(minutes * MINUTE)
    refused = policy.refusal(ticket, now)
    assert (refused.code if refused else None) == code
    assert policy.afterwards(ticket, now) == said
