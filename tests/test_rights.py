"""Who may rate which visit, and the link that nobody can make up."""

import pytest
from test_desk import refused

from hall.refusals import NotFound
from hall.tickets import Visit, VisitState
from rating import rights
from rating.rights import Links

DAY = 24 * 60 * 60_000


def a_visit(state: VisitState, ended_at: int | None) -> Visit:
    return Visit(1, 1, "2026-11-20", "marriage", 3, "1001", 0, 0, 0, 0, ended_at, None, None, state)


@pytest.mark.parametrize(
    "state", [VisitState.CALLED, VisitState.SERVING, VisitState.MISSED, VisitState.EXPIRED]
)
def test_only_a_finished_service_may_be_rated(state: VisitState) -> None:
    with refused("not_rateable"):
        rights.check_rateable(a_visit(state, 0), 0, 15)


def test_a_service_may_be_rated_for_so_many_days() -> None:
    done = a_visit(VisitState.DONE, 0)
    assert rights.check_rateable(done, 15 * DAY, 15) is done
    with refused("too_late"):
        rights.check_rateable(done, 15 * DAY + 1, 15)


def test_an_evaluator_rates_its_own_window_only() -> None:
    done = a_visit(VisitState.DONE, 0)
    rights.check_own_window(done, 3)
    rights.check_own_window(done, None)
    with refused("other_window"):
        rights.check_own_window(done, 4)


def test_a_link_leads_to_its_ticket() -> None:
    links = Links(b"a secret")
    assert links.ticket_of(links.token(42)) == 42
    assert links.token(42) != links.token(43)


@pytest.mark.parametrize("change", ["other secret", "altered", "empty", "foreign", "no number"])
def test_a_link_nobody_here_has_signed_leads_nowhere(change: str) -> None:
    links = Links(b"a secret")
    token = links.token(42)
    forged = {
        "other secret": Links(b"another").token(42),
        "altered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "empty": "",
        "foreign": "42",
        "no number": links._signer.sign("forty-two").decode(),
    }[change]
    with pytest.raises(NotFound) as bad:
        links.ticket_of(str(forged))
    assert bad.value.code == "bad_link"
