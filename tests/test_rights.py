"""Who may rate which visit, and the link that nobody can make up."""

import contextlib
from random import Random

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
    links = Links([b"a secret"])
    assert links.ticket_of(links.token(42)) == 42
    assert links.token(42) != links.token(43)


@pytest.mark.parametrize("change", ["other secret", "altered", "empty", "foreign", "no number"])
def test_a_link_nobody_here_has_signed_leads_nowhere(change: str) -> None:
    links = Links([b"a secret"])
    token = links.token(42)
    forged = {
        "other secret": Links([b"another"]).token(42),
        "altered": token[:-1] + ("A" if token[-1] != "A" else "B"),
        "empty": "",
        "foreign": "42",
        "no number": links._signer.sign("forty-two").decode(),
    }[change]
    with pytest.raises(NotFound) as bad:
        links.ticket_of(str(forged))
    assert bad.value.code == "bad_link"


# -- keys that take each other's place ---------------------------------------------------------


def test_a_link_made_with_an_older_key_stays_good_until_the_key_is_dropped() -> None:
    old, new = b"old secret", b"new secret"
    on_paper = Links([old]).token(42)
    both = Links([old, new])
    assert both.ticket_of(on_paper) == 42
    assert both.token(42) == Links([new]).token(42) != on_paper
    with pytest.raises(NotFound):
        Links([new]).ticket_of(on_paper)


HOW_MANY_FORGED = 100_000
SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def test_none_of_a_hundred_thousand_forged_links_is_accepted() -> None:
    chance, links, elsewhere = Random(4), Links([b"older", b"newest"]), Links([b"another hall"])
    genuine = [links.token(number) for number in range(1, 200)]
    strangers = [elsewhere.token(number) for number in range(1, 200)]
    accepted = []
    for nth in range(HOW_MANY_FORGED):
        token = forged(nth, genuine, strangers, chance)
        with contextlib.suppress(NotFound):
            accepted.append((token, links.ticket_of(token)))
    assert accepted == []


def forged(nth: int, genuine: list[str], strangers: list[str], chance: Random) -> str:
    """Return a link that nobody here has signed: altered, cut, mixed, foreign or invented."""
    token = chance.choice(genuine)
    number, _, signature = token.partition(".")
    at = chance.randrange(len(token))
    other = chance.choice([each for each in SIGNS if each != token[at]])
    match nth % 8:
        case 0:
            return token[:at] + other + token[at + 1 :]
        case 1:
            return token[:at]
        case 2:
            return f"{int(number) + chance.randrange(1, 999)}.{signature}"
        case 3:
            return chance.choice(strangers)
        case 4:
            return token + chance.choice(SIGNS)
        case 5:  # the spare bits of the last sign
            return token[:-1] + chance.choice([each for each in SIGNS if each != token[-1]])
        case 6:
            return f"{number}.{''.join(chance.choices(SIGNS, k=27))}"
        case _:
            return chance.choice(["0", "+", " ", "-"]) + token
