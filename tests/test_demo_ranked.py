"""The demo's past month is published as a hall's is: by whom it should, and not too soon."""

from pathlib import Path

from test_demo import FRIDAY_MORNING, OPEN_ALWAYS, built

from demo.complained import complain
from demo.followed import follow_up
from demo.ranked import rank
from hall.store import Store
from ranking import frozen
from ranking.proof import problems
from ranking.store import RankingStore


def test_the_demos_past_month_is_signed_by_a_leader_and_published(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    built(path, how_many_days=1)
    follow_up(path, OPEN_ALWAYS, FRIDAY_MORNING)
    complain(path, OPEN_ALWAYS, FRIDAY_MORNING)
    month = rank(path, OPEN_ALWAYS, FRIDAY_MORNING)
    store = Store(path)
    assert problems(store) == []
    [published] = RankingStore(store).newest()
    assert published.month == month
    assert published.signed_by != published.drafted_by
    assert (published.published_at or 0) <= FRIDAY_MORNING
    facts = frozen.facts_in(frozen.read(published.snapshot))
    assert any(each.given is not None for each in facts)
    assert sum(each.complaints for each in facts) > 0
    store.close()
