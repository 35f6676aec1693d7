"""Rankings on their way to publication: who signs, what is frozen, what a correction is."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from case_hall import HANDLER, INSPECTOR, LEADER, MANAGER
from halls import MovedClock
from ranking_hall import OCTOBER, SECOND_LEADER, RankingHall, open_ranking_hall

import upkeep
from hall.refusals import NotAllowed, NotFound, NotValid
from ranking import frozen, proof
from ranking.events import RankingMoved
from ranking.life import State, Verb


@pytest.fixture(scope="module")
def after_october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("october") / "hall.db"
    opened = open_ranking_hall(path, MovedClock())
    opened.october()
    opened.rooms.store.close()
    return path


@pytest.fixture
def hall(after_october: Path, tmp_path: Path, clock: MovedClock) -> Iterator[RankingHall]:
    path = tmp_path / "hall.db"
    shutil.copy(after_october, path)
    opened = open_ranking_hall(path, clock)
    opened.taps = 1000
    opened.rooms.taps = 1000
    yield opened
    opened.rooms.store.close()


def refused(act: Callable[[], Any], code: str) -> None:
    with pytest.raises(NotAllowed) as refusal:
        act()
    assert refusal.value.code == code


def ranked(snapshot: str) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """Each class with its windows: name, rank and mark."""
    return [
        (each["name"], [(row["name"], row["rank"], row["mark"]) for row in each["ranked"]])
        for each in frozen.read(snapshot)["classes"]
    ]


# -- what is counted ---------------------------------------------------------------------------


def test_a_draft_ranks_a_month_by_class_from_the_halls_own_records(hall: RankingHall) -> None:
    made = hall.drafted()
    assert made.state is State.DRAFT
    assert ranked(made.snapshot) == [
        ("综合", [("1号窗口", 1, "最美窗口"), ("2号窗口", 2, "最差窗口")]),
        ("专业", [("3号 不动产一号", 1, "")]),
    ]
    [apart] = frozen.read(made.snapshot)["classes"][0]["apart"]
    assert (apart["name"], apart["reason"]) == (
        "4号 综合窗口",
        "办件 1 件，少于 3 件；有效评价 1 条，少于 2 条",
    )


def test_the_facts_are_those_of_tally_cases_complaints_and_inspection(hall: RankingHall) -> None:
    facts = hall.facts(2)
    assert (facts.served, facts.rated, facts.bad, facts.called) == (4, 4, 1, 4)
    # nobody answered the bad rating of October, and its limit is over
    assert (facts.due, facts.in_time) == (1, 0)
    assert (facts.complaints, facts.given) == (0, None)
    assert (facts.department, facts.category) == ("民政局", "综合")


def test_a_bad_rating_that_is_answered_in_time_counts_as_put_right(hall: RankingHall) -> None:
    hall.go_to("2026-11-16 09:00")
    hall.answer(hall.rectifying(contact="", kind="simple"))
    hall.go_to("2026-12-20 09:00")
    facts = hall.facts(1, "2026-11")
    assert facts.bad == 1
    [case] = hall.cases.open_cases(unit="MZ")[-1:]
    if case.closed_at is None:
        hall.cases.close(case.id, publish=True, by=MANAGER, tap=hall.tap())
    facts = hall.facts(1, "2026-11")
    assert (facts.due, facts.in_time) == (1, 1)


def test_a_month_that_goes_on_is_not_drafted(hall: RankingHall) -> None:
    refused(lambda: hall.drafted(month="2026-11"), "month_not_over")
    refused(lambda: hall.drafted(month="2026-1"), "bad_month")


# -- what inspectors write ---------------------------------------------------------------------


def give(hall: RankingHall, points: str, window: int = 1, **more: Any) -> None:
    told = {"by": INSPECTOR, "tap": hall.tap(), **more}
    hall.rankings.give(OCTOBER, window, points, "上午空岗一次", **told)


def test_the_points_an_inspector_gave_last_count_and_the_others_are_kept(
    hall: RankingHall,
) -> None:
    give(hall, "6.5")
    assert hall.facts(1).given == 65
    give(hall, "9")
    assert hall.facts(1).given == 90
    assert hall.facts(2).given is None
    assert hall.rows("select given from ranking_points order by id") == [(65,), (90,)]


def test_points_that_come_twice_are_kept_once(hall: RankingHall) -> None:
    tap = hall.tap()
    give(hall, "6.5", tap=tap)
    give(hall, "6.5", tap=tap)
    assert hall.rows("select count(*) from ranking_points") == [(1,)]


@pytest.mark.parametrize(
    ("points", "more", "code"),
    [
        ("11", {}, "bad_points"),
        ("9", {"window": 77}, "unknown_window"),
        ("9", {"by": MANAGER}, "not_yours"),
        ("9", {"by": LEADER}, "not_yours"),
        ("9", {"by": HANDLER}, "not_yours"),
        ("9", {"by": "nobody"}, "not_yours"),
        ("9", {"tap": "x"}, "bad_tap"),
    ],
)
def test_points_that_cannot_be_given_are_refused(
    hall: RankingHall, points: str, more: dict[str, Any], code: str
) -> None:
    refused(lambda: give(hall, points, **more), code)
    assert not hall.rows("select 1 from ranking_points")


def test_points_need_words_and_a_month_that_has_begun(hall: RankingHall) -> None:
    with pytest.raises(NotValid):
        hall.rankings.give(OCTOBER, 1, "9", " ", by=INSPECTOR, tap=hall.tap())
    with pytest.raises(NotAllowed):
        hall.rankings.give("2026-12", 1, "9", "迟到", by=INSPECTOR, tap=hall.tap())


def test_a_complaint_costs_the_window_it_was_found_to_concern(hall: RankingHall) -> None:
    hall.go_to("2026-10-20 10:00")
    about = hall.complain(accused="张敏")
    [concern] = hall.rankings.concerns(OCTOBER)
    assert (concern.complaint, concern.found_at) == (about.id, None)
    assert hall.facts(1).complaints == 0

    def find(window: int | None, **more: Any) -> None:
        told = {"by": INSPECTOR, "tap": hall.tap(), **more}
        hall.rankings.find(OCTOBER, about.id, window, "调看监控属实", **told)

    tap = hall.tap()
    find(1, tap=tap)
    find(1, tap=tap)
    assert (hall.facts(1).complaints, hall.facts(2).complaints) == (1, 0)
    find(2)
    assert (hall.facts(1).complaints, hall.facts(2).complaints) == (0, 1)
    find(None)
    assert (hall.facts(1).complaints, hall.facts(2).complaints) == (0, 0)
    refused(lambda: find(1, by=MANAGER), "not_yours")
    refused(lambda: find(77), "unknown_window")
    with pytest.raises(NotFound):
        hall.rankings.find("2026-09", about.id, 1, "属实", by=INSPECTOR, tap=hall.tap())


def test_questions_and_complaints_taken_back_cost_nothing(hall: RankingHall) -> None:
    hall.go_to("2026-10-20 10:00")
    hall.complain(kind="consultation")
    back = hall.complain()
    hall.complaints.withdraw(back.id, "来电撤回", by=MANAGER)
    assert hall.rankings.concerns(OCTOBER) == []


# -- signing and publishing --------------------------------------------------------------------


def test_a_ranking_is_drafted_signed_and_published(hall: RankingHall) -> None:
    heard: list[Verb] = []
    hall.rankings.follow(
        lambda event: heard.append(event.verb) if isinstance(event, RankingMoved) else None
    )
    made = hall.drafted()
    signed = hall.rankings.sign(made.id, by=LEADER, tap=hall.tap())
    assert (signed.state, signed.signed_by) == (State.SIGNED, LEADER)
    with pytest.raises(NotFound):
        hall.rankings.published(OCTOBER)
    done = hall.rankings.publish(made.id, by=MANAGER, tap=hall.tap())
    assert done.state is State.PUBLISHED
    assert hall.rankings.published(OCTOBER) == done
    assert heard == [Verb.DRAFT, Verb.SIGN, Verb.PUBLISH]
    assert [each.verb for each in hall.rankings.steps(done)] == ["draft", "sign", "publish"]
    assert hall.rows("select event from journal where event like 'ranking%' order by seq") == [
        ("ranking_draft",),
        ("ranking_sign",),
        ("ranking_publish",),
    ]


def test_nobody_signs_their_own_draft_even_as_a_leader_since(hall: RankingHall) -> None:
    made = hall.drafted()
    refused(lambda: hall.rankings.sign(made.id, by=MANAGER, tap=hall.tap()), "not_yours")
    register = hall.rooms.register
    drafter = register.catalogue().person[MANAGER]
    register.save(type(drafter)(drafter.staff_number, drafter.name, "leader", drafter.post))
    refused(lambda: hall.rankings.sign(made.id, by=MANAGER, tap=hall.tap()), "own_draft")
    assert hall.rankings.sign(made.id, by=SECOND_LEADER, tap=hall.tap()).state is State.SIGNED


def test_the_file_itself_keeps_a_drafter_from_signing(hall: RankingHall) -> None:
    made = hall.drafted()
    with pytest.raises(sqlite3.IntegrityError), hall.rooms.store.transaction():
        hall.rooms.store.connection.execute(
            "update ranking set signed_by = ?, signed_at = 1, state = 'signed' where id = ?",
            (MANAGER, made.id),
        )


@pytest.mark.parametrize("who", [LEADER, INSPECTOR, HANDLER, "1001", "nobody"])
def test_only_a_manager_drafts(hall: RankingHall, who: str) -> None:
    refused(lambda: hall.rankings.draft(OCTOBER, by=who, tap=hall.tap()), "not_yours")


def test_a_managers_page_and_an_administrator_draft_too(hall: RankingHall) -> None:
    assert hall.rankings.draft(OCTOBER, by="device:7", tap=hall.tap()).drafted_by == "device:7"
    assert hall.rankings.draft(OCTOBER, by="9000", tap=hall.tap()).drafted_by == "9000"


def test_nothing_is_published_that_no_leader_signed(hall: RankingHall) -> None:
    made = hall.drafted()
    refused(lambda: hall.rankings.publish(made.id, by=MANAGER, tap=hall.tap()), "wrong_state")
    refused(lambda: hall.rankings.publish(made.id, by=INSPECTOR, tap=hall.tap()), "not_yours")
    refused(lambda: hall.rankings.publish(99, by=MANAGER, tap=hall.tap()), "unknown_ranking")


def test_a_form_that_comes_twice_acts_once(hall: RankingHall) -> None:
    tap = hall.tap()
    made = hall.rankings.draft(OCTOBER, by=MANAGER, tap=tap)
    assert hall.rankings.draft(OCTOBER, by=MANAGER, tap=tap) == made
    tap = hall.tap()
    signed = hall.rankings.sign(made.id, by=LEADER, tap=tap)
    assert hall.rankings.sign(made.id, by=LEADER, tap=tap) == signed
    assert hall.rows("select count(*) from ranking_step") == [(2,)]


def test_a_leader_sends_back_and_says_why(hall: RankingHall) -> None:
    made = hall.drafted()
    with pytest.raises(NotValid):
        hall.rankings.send_back(made.id, " ", by=LEADER, tap=hall.tap())
    refused(lambda: hall.rankings.send_back(made.id, "x", by=MANAGER, tap=hall.tap()), "not_yours")
    sent = hall.rankings.send_back(made.id, "2号窗口缺考勤", by=LEADER, tap=hall.tap())
    assert sent.state is State.RETURNED
    assert hall.rankings.last_returned(OCTOBER) == sent
    assert hall.rankings.steps(sent)[-1].note == "2号窗口缺考勤"
    refused(lambda: hall.rankings.sign(made.id, by=LEADER, tap=hall.tap()), "wrong_state")
    assert hall.drafted().version == 1
    assert hall.rankings.last_returned(OCTOBER) is None


def test_a_new_draft_takes_the_place_of_an_unsigned_one_but_not_of_a_signed_one(
    hall: RankingHall,
) -> None:
    first, second = hall.drafted(), hall.drafted()
    assert hall.rankings.ranking(first.id).state is State.REPLACED
    hall.rankings.sign(second.id, by=LEADER, tap=hall.tap())
    refused(hall.drafted, "signed_already")
    hall.rankings.send_back(second.id, "再核一次", by=SECOND_LEADER, tap=hall.tap())
    assert hall.drafted().state is State.DRAFT


# -- frozen ------------------------------------------------------------------------------------


def test_what_is_published_is_what_was_signed_though_records_change_in_between(
    hall: RankingHall,
) -> None:
    made = hall.drafted()
    give(hall, "0")
    hall.rankings.sign(made.id, by=LEADER, tap=hall.tap())
    done = hall.rankings.publish(made.id, by=MANAGER, tap=hall.tap())
    assert (done.snapshot, done.seal) == (made.snapshot, made.seal)


def test_the_figures_of_a_published_version_never_change_though_records_do(
    hall: RankingHall,
) -> None:
    done = hall.published()
    give(hall, "0", window=1)
    catalogue = hall.rooms.register.catalogue()
    hall.rooms.register.save(
        type(catalogue.window[1])(1, "改名窗口", "1F", "BDC", ("marriage",), category="单一")
    )
    assert hall.rankings.published(OCTOBER).snapshot == done.snapshot
    differ = frozen.differences(frozen.read(done.snapshot), hall.rankings.today(OCTOBER))
    assert {each.what for each in differ} == {"巡查与考勤", "类别"}


@pytest.mark.parametrize(
    "sql",
    [
        "update ranking set snapshot = replace(snapshot, '100.00', '10.00')",
        "update ranking set seal = 'x'",
        "update ranking set version = 9",
        "update ranking set published_at = published_at + 1",
        "update ranking set state = 'draft', published_at = null",
        "delete from ranking",
        "delete from ranking_step",
        "update ranking_step set who = 'x'",
    ],
)
def test_the_file_refuses_to_change_what_is_published(hall: RankingHall, sql: str) -> None:
    hall.published()
    with pytest.raises(sqlite3.IntegrityError), hall.rooms.store.transaction():
        hall.rooms.store.connection.execute(sql)


def test_a_correction_is_another_version_with_a_reason_and_the_first_stays_readable(
    hall: RankingHall,
) -> None:
    first = hall.published()
    with pytest.raises(NotValid) as refusal:
        hall.drafted()
    assert refusal.value.code == "words_missing"
    give(hall, "0", window=1)
    draft = hall.drafted("1号窗口漏登一次巡查")
    assert hall.rankings.published(OCTOBER) == first, "a draft corrects nothing yet"
    hall.rankings.sign(draft.id, by=LEADER, tap=hall.tap())
    second = hall.rankings.publish(draft.id, by=MANAGER, tap=hall.tap())
    assert (second.version, second.reason) == (2, "1号窗口漏登一次巡查")
    assert hall.rankings.published(OCTOBER) == second
    assert hall.rankings.published(OCTOBER, 1) == first
    assert frozen.read(second.snapshot)["replaces"] == first.seal
    assert [each.version for each in hall.rankings.versions(OCTOBER)] == [2, 1]
    assert not proof.problems(hall.rooms.store)


def test_no_question_of_a_page_reads_a_whole_table(
    hall: RankingHall, monkeypatch: pytest.MonkeyPatch
) -> None:
    hall.published()
    store, tables, plans = hall.rooms.store, hall.rankings.tables, list[str]()
    rows = store.rows

    def explained(sql: str, parameters: Any = ()) -> list[Any]:
        plans.extend(step for *_, step in rows(f"explain query plan {sql}", parameters))
        return rows(sql, parameters)

    monkeypatch.setattr(store, "rows", explained)
    monkeypatch.setattr(store, "row", lambda *asked: next(iter(explained(*asked)), None))
    tables.answers(0, 2**60, 500)
    tables.newest_answer()
    tables.oldest_answer()
    tables.bad_ratings(0, 2**60)
    tables.concerns(0, 2**60)
    tables.points(OCTOBER)
    tables.published(OCTOBER)
    tables.versions(OCTOBER)
    tables.under_way(OCTOBER)
    tables.last_returned(OCTOBER)
    assert len(plans) > 10
    assert not [step for step in plans if step.startswith("SCAN")]


# -- verify ------------------------------------------------------------------------------------


def test_verify_finds_nothing_in_what_was_published_properly(hall: RankingHall) -> None:
    hall.published()
    assert proof.problems(hall.rooms.store) == []
    assert proof.other_today(hall.rooms.book, hall.clock) == []


def test_verify_tells_without_blame_that_todays_records_would_give_other_figures(
    hall: RankingHall,
) -> None:
    hall.published()
    give(hall, "3", window=2)
    assert proof.problems(hall.rooms.store) == []
    [told] = proof.other_today(hall.rooms.book, hall.clock)
    assert told == (
        "2026年10月第1版评比发布后，1 个窗口的记录有变化，如2号窗口：巡查与考勤 无 → 3.0；"
        "已发布的数据不变"
    )


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("update ranking set snapshot = replace(snapshot, '最美', '最棒')", "校验值不符"),
        ("update ranking set month = '2026-09'", "另一个月"),
        ("update ranking set version = 2, reason = 'x'", "连续"),
        ("delete from ranking_step where verb = 'sign'", "签发过"),
        ("delete from journal where event = 'ranking_draft'", "拟稿流水"),
    ],
)
def test_verify_finds_what_somebody_changed_with_a_tool(
    hall: RankingHall, sql: str, told: str
) -> None:
    hall.published()
    run = hall.rooms.store.connection.execute
    for (name,) in hall.rows(
        "select name from sqlite_master where type = 'trigger' "
        "and (tbl_name like 'ranking%' or tbl_name = 'journal')"
    ):
        run(f"drop trigger {name}")
    with hall.rooms.store.transaction():
        run(sql)
    assert any(told in each for each in proof.problems(hall.rooms.store))


def test_verify_finds_places_that_do_not_follow_from_their_figures(hall: RankingHall) -> None:
    made = hall.published()
    text = made.snapshot.replace("最差窗口", "最美窗口")
    run = hall.rooms.store.connection.execute
    run("drop trigger ranking_is_frozen")
    run("drop trigger ranking_keeps_its_end")
    with hall.rooms.store.transaction():
        run("update ranking set snapshot = ?, seal = ?", (text, frozen.seal_of(text)))
    assert any("重新算出" in each for each in proof.problems(hall.rooms.store))


def test_the_command_verify_asks_after_the_rankings_too(hall: RankingHall, tmp_path: Path) -> None:
    hall.published()
    config = hall.rooms.desk.config
    assert not [each for each in upkeep.verify(tmp_path / "hall.db", config) if "评比" in each]
    run = hall.rooms.store.connection.execute
    run("drop trigger ranking_is_frozen")
    run("drop trigger ranking_keeps_its_end")
    run("update ranking set seal = 'x'")
    [told] = [each for each in upkeep.verify(tmp_path / "hall.db", config) if "评比" in each]
    assert told == "2026年10月第1版评比的内容与它的校验值不符"


def test_the_command_verify_tells_what_differs_today_as_news(
    hall: RankingHall, tmp_path: Path
) -> None:
    hall.published()
    give(hall, "3", window=2)
    [told] = upkeep.changed_since(tmp_path / "hall.db", hall.rooms.desk.config)
    assert told.startswith("2026年10月第1版评比发布后")


# -- public answers ----------------------------------------------------------------------------


def closed(hall: RankingHall, public: str, *, publish: bool = True, **more: Any) -> int:
    """Let a bad rating be answered and closed; return its case."""
    case = hall.accepted(**more)
    how = {"by": case.handler or "", "tap": hall.tap()}
    hall.cases.rectify(case.id, "simple", "人手不足", **how)
    hall.answer(case, public)
    hall.cases.close(case.id, publish=publish, by=MANAGER, tap=hall.tap())
    return case.id


def test_answers_that_were_published_are_shown_by_the_month_they_were_closed_in(
    hall: RankingHall,
) -> None:
    closed(hall, "已增开窗口。", window=2)
    closed(hall, "不公开的。", publish=False)
    found = hall.rankings.answers("2026-11")
    [answer] = found.shown
    assert (answer.window, answer.department, answer.answer, answer.rated) == (
        "2号窗口",
        "民政局",
        "已增开窗口。",
        "2026-11",
    )
    assert hall.rankings.answers(OCTOBER).shown == ()
    assert hall.rankings.answer_months() == ["2026-11"]


@pytest.mark.parametrize(
    "public",
    [
        "我们已请安学民同志改正。",
        "您取的 A010 号等得太久，已改正。",
        "您说“这个窗口让我白白跑了三趟还不给说法”，已改正。",
    ],
)
def test_an_answer_in_which_somebody_might_be_known_is_withheld(
    hall: RankingHall, public: str
) -> None:
    text = "这个窗口让我白白跑了三趟还不给说法"
    number = hall.rows("select count(*) from ticket where prefix = 'A' and day = '2026-11-20'")
    told = public.replace("A010", f"A{number[0][0] + 1:03d}")
    case = closed(hall, told, text=text)
    found = hall.rankings.answers("2026-11")
    assert (found.shown, found.withheld) == ((), (case,))


def test_the_answer_to_a_rating_that_was_voided_is_not_shown(hall: RankingHall) -> None:
    case = hall.contacted()
    hall.cases.appeal(case.id, "mistaken", "选错了", by=case.handler or "", tap=hall.tap())
    hall.cases.decide_appeal(case.id, "属实", uphold=True, by=INSPECTOR, tap=hall.tap())
    assert hall.rankings.answers("2026-11").shown == ()
    assert hall.rankings.answer_months() == []
