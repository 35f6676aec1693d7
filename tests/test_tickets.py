"""A ticket's life is a table; its number is what is printed and spoken."""

import pytest

from hall.refusals import NotAllowed, NotValid
from hall.tickets import MAY_BECOME, REFUSED_AS, Outcome, State, Ticket, check_may_become, number

LIFE = {
    (State.WAITING, State.CALLED),
    (State.WAITING, State.CANCELLED),
    (State.WAITING, State.EXPIRED),
    (State.CALLED, State.SERVING),
    (State.CALLED, State.MISSED),
    (State.CALLED, State.WAITING),
    (State.CALLED, State.EXPIRED),
    (State.SERVING, State.DONE),
    (State.SERVING, State.HELD),
    (State.SERVING, State.WAITING),
    (State.SERVING, State.EXPIRED),
    (State.HELD, State.SERVING),
    (State.HELD, State.WAITING),
    (State.HELD, State.EXPIRED),
    (State.MISSED, State.WAITING),
    (State.MISSED, State.CALLED),
}


def a_ticket(state: State) -> Ticket:
    return Ticket(
        7,
        "2026-11-20",
        "A012",
        "A",
        12,
        "marriage",
        state,
        0,
        "zh",
        None,
        "kiosk",
        None,
        None,
        None,
        3,
    )


@pytest.mark.parametrize("was", State)
@pytest.mark.parametrize("becomes", State)
def test_a_ticket_may_take_exactly_the_steps_of_its_life(was: State, becomes: State) -> None:
    if (was, becomes) in LIFE:
        check_may_become(a_ticket(was), becomes)
        return
    with pytest.raises(NotAllowed) as refused:
        check_may_become(a_ticket(was), becomes)
    assert refused.value.code == REFUSED_AS[becomes]
    assert "A012" in refused.value.message


def test_every_state_has_a_place_in_the_life() -> None:
    assert set(MAY_BECOME) == set(State) == set(REFUSED_AS)


@pytest.mark.parametrize(
    ("prefix", "sequence", "printed"),
    [("A", 1, "A001"), ("A", 12, "A012"), ("BD", 999, "BD999"), ("A", 1000, "A1000")],
)
def test_a_number_is_the_prefix_and_at_least_three_digits(
    prefix: str, sequence: int, printed: str
) -> None:
    assert number(prefix, sequence) == printed


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("accepted", Outcome.ACCEPTED),
        ("受理", Outcome.ACCEPTED),
        ("办结", Outcome.COMPLETED),
        ("领证", Outcome.COLLECTED),
        ("咨询", Outcome.CONSULTED),
        ("other", Outcome.OTHER),
    ],
)
def test_an_outcome_is_told_by_its_code_or_its_word(told: str, meant: Outcome) -> None:
    assert Outcome.from_text(told) is meant


@pytest.mark.parametrize("told", ["", "done", "办", "ACCEPTED", "5"])
def test_an_unknown_outcome_is_refused_with_the_words_that_are_known(told: str) -> None:
    with pytest.raises(NotValid) as refused:
        Outcome.from_text(told)
    assert refused.value.code == "unknown_outcome"
    assert "completed（办结）" in refused.value.message
