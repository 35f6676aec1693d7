"""The demo's bad ratings were followed up as a hall's are: by whom they should, none too soon."""

from pathlib import Path

from test_demo import FRIDAY_MORNING, OPEN_ALWAYS, built

from cases.proof import problems
from commandline.demonstration import DEMO_PEOPLE
from complaints.proof import problems as complaint_problems
from demo.complained import STORIES, complain
from demo.county import catalogue as county
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


def test_the_demos_register_of_complaints_is_not_empty_and_whole(tmp_path: Path) -> None:
    """Found by a stranger: who opened the demo's complaints saw an empty page."""
    path = tmp_path / "demo.db"
    built(path, how_many_days=1)
    assert complain(path, OPEN_ALWAYS, FRIDAY_MORNING) == len(STORIES)
    store = Store(path)
    assert complaint_problems(store) == []
    states = dict(store.rows("select state, count(*) from complaint group by state"))
    assert set(states) == {"received", "assigned", "accepted", "replied", "closed"}
    assert store.row("select max(at) from complaint_step")[0] <= FRIDAY_MORNING
    store.close()


def test_a_paper_form_can_be_typed_in_and_confirmed_in_the_demo() -> None:
    """Found by a stranger: nobody with a password in the demo might type in a form."""
    people = {each.staff_number: each.role for each in county().people}
    roles = [people[number] for number, _, _ in DEMO_PEOPLE]
    assert {"guide", "manager", "handler", "inspector", "leader"} <= set(roles)


def test_the_demo_names_each_of_its_three_administrators() -> None:
    """Found by a stranger: nobody who may import a workbook stood among the demo's accounts."""
    people = {each.staff_number: each.role for each in county().people}
    told = {what: people[number] for number, what, _ in DEMO_PEOPLE}
    assert {
        "系统管理员": "administrator",
        "安全管理员": "security",
        "审计管理员": "audit",
    }.items() <= (told.items())
