"""The demo's bad ratings were followed up as a hall's are: by whom they should, none too soon."""

from pathlib import Path

from test_demo import FRIDAY_MORNING, OPEN_ALWAYS, built

from cases.proof import problems
from demo.followed import follow_up
from hall.store import Store


def test_the_demos_bad_ratings_have_a_past_that_keeps_all_promises(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    built(path, how_many_days=4)
    follow_up(path, OPEN_ALWAYS, FRIDAY_MORNING)
    store = Store(path)
    assert problems(store) == []
    states = dict(store.rows("select state, count(*) from rating_case group by state"))
    assert states.get("closed", 0) > 0
    assert len(states) >= 3
    assert store.row("select max(at) from case_step")[0] <= FRIDAY_MORNING
    assert (
        store.row(
            'select min(at - rated_at) from case_step join rating_case on rating_case.id = "case"'
        )[0]
        >= 0
    )
    store.close()
