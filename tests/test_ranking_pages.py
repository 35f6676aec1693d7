"""The pages of the ranking: who sees and does what, and what everybody may read – and may not."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from case_hall import HANDLER, INSPECTOR, LEADER, MANAGER
from flask import Flask
from flask.testing import FlaskClient
from halls import MovedClock, Rooms
from ranking_hall import OCTOBER, SMALL, RankingHall, open_ranking_hall
from werkzeug.test import TestResponse

from hall import config
from hall.catalogue import Department
from ranking import public_views
from server import create_app
from web.passwords import hash_of

PASSWORD = "a hall's secret"
HERE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}
PAGE = {"Accept": "text/html"}
ALWAYS_OPEN = {"name": "云溪县政务服务中心", "always_open": True}
INJECTED = '<script>alert(1)</script>"><img src=x onerror=alert(2)>'
CLERKS = ("张敏", "李㛃", "欧阳慧敏", "王强")
STAFF = ("安学民", "白云飞", "柴静宜", "宋怀远", "贺明珠", "赵主任")


@pytest.fixture(scope="module")
def after_october(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("october") / "hall.db"
    opened = open_ranking_hall(path, MovedClock())
    opened.october()
    opened.rooms.store.close()
    return path


@dataclass
class Served:
    """A hall served within this process, and who is signed in."""

    app: Flask
    hall: RankingHall
    clients: dict[str, FlaskClient]

    def get(self, who: str, path: str = "") -> TestResponse:
        return self.clients[who].get(f"/ranking{path}", headers=HERE)

    def text(self, who: str, path: str = "") -> str:
        answer = self.get(who, path)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, who: str, path: str, tap: str = "", **form: str) -> TestResponse:
        told = {"tap": tap or self.hall.tap(), **form}
        return self.clients[who].post(f"/ranking{path}", data=told, headers=HERE)

    def read(self, path: str = "", status: int = 200) -> str:
        """What somebody reads who has never signed in."""
        answer = self.app.test_client().get(f"/public{path}", headers=PAGE)
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture
def served(after_october: Path, tmp_path: Path, clock: MovedClock) -> Iterator[Served]:
    path = tmp_path / "hall.db"
    shutil.copy(after_october, path)
    app = create_app(config.from_dict({"hall": ALWAYS_OPEN, "ranking": SMALL}), path, clock)
    inside = app.extensions["hall"]
    kept, clients = hash_of(PASSWORD), {}
    for number in (HANDLER, INSPECTOR, LEADER, MANAGER, "1001"):
        inside.register.set_password_hash(number, kept)
        clients[number] = app.test_client()
        form = {"staff_number": number, "password": PASSWORD}
        assert clients[number].post("/sign-in", data=form, headers=HERE).status_code == 303
    rooms = Rooms(inside.store, inside.register, inside.desk, inside.book, clock, taps=1000)
    hall = RankingHall(
        *(rooms, inside.cases, 1000),
        complaints=inside.complaints,
        rankings=inside.rankings,
    )
    yield Served(app, hall, clients)
    inside.store.close()


# -- the staff's pages -------------------------------------------------------------------------


def test_the_past_month_stands_there_by_class_with_every_part_of_the_score(
    served: Served,
) -> None:
    page = served.text(LEADER)
    assert "2026年10月窗口评比" in page
    assert "尚未拟稿，下面按现有记录试算" in page
    assert page.index("综合窗口") < page.index("专业窗口")
    assert "75.00 % (3/4)" in page, "numerator and denominator of 满意率"
    assert "0.00 % (0/1)" in page, "of 按期整改"
    assert "最美窗口" in page
    assert "最差窗口" in page
    assert "办件 1 件，少于 3 件；有效评价 1 条，少于 2 条" in page


def test_the_month_that_goes_on_is_shown_and_not_drafted(served: Served) -> None:
    page = served.text(MANAGER, "?month=2026-11")
    assert "本月还没有结束" in page
    assert "/ranking/2026-11/draft" not in page
    assert served.post(MANAGER, "/2026-11/draft").status_code == 409
    assert served.get(MANAGER, "?month=nonsense").status_code == 422


def test_a_manager_drafts_a_leader_signs_and_it_is_published(served: Served) -> None:
    assert "/ranking/2026-10/draft" in served.text(MANAGER)
    assert "/ranking/2026-10/draft" not in served.text(LEADER)
    assert served.post(MANAGER, "/2026-10/draft").headers["Location"] == "/ranking?month=2026-10"
    made = served.hall.rankings.under_way(OCTOBER)
    assert made is not None
    sign = f"/versions/{made.id}/sign"
    assert sign not in served.text(MANAGER)
    assert served.post(MANAGER, sign).status_code == 403
    assert sign in served.text(LEADER)
    assert served.post(LEADER, sign).status_code == 303
    publish = f"/versions/{made.id}/publish"
    assert publish in served.text(MANAGER)
    served.read("/ranking/2026-10", 404)
    assert served.post(MANAGER, publish).status_code == 303
    assert "已发布" in served.text(INSPECTOR)
    assert "最美窗口" in served.read("/ranking/2026-10")


def test_a_form_sent_twice_drafts_once(served: Served) -> None:
    tap = served.hall.tap()
    for _ in range(2):
        assert served.post(MANAGER, "/2026-10/draft", tap).status_code == 303
    assert served.hall.rows("select count(*) from ranking") == [(1,)]


def test_what_a_leader_sent_back_stands_there_with_the_reason(served: Served) -> None:
    made = served.hall.drafted()
    refused = served.post(LEADER, f"/versions/{made.id}/return", reason=" ")
    assert refused.status_code == 422
    assert "请写明退回原因。" in refused.text
    assert served.post(LEADER, f"/versions/{made.id}/return", reason=INJECTED).status_code == 303
    page = served.text(MANAGER)
    assert "贺明珠退回了上一稿" in page
    assert INJECTED not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_published_version_is_readable_by_staff_with_who_did_what_and_what_differs(
    served: Served,
) -> None:
    done = served.hall.published()
    served.post(INSPECTOR, "/2026-10/points/give", window="2", points="3", words="迟到")
    page = served.text(INSPECTOR, "/2026-10/v1")
    for told in ("赵主任", "贺明珠", done.seal, "内容与校验值一致", "巡查与考勤 无 → 3.0"):
        assert told in page
    assert served.get(INSPECTOR, "/2026-10/v2").status_code == 404


@pytest.mark.parametrize("who", [HANDLER, "1001"])
def test_others_of_the_staff_see_no_ranking_that_is_under_way(served: Served, who: str) -> None:
    for path in ("", "/2026-10/points", "/2026-10/v1"):
        assert served.get(who, path).status_code == 403


# -- what inspectors write ---------------------------------------------------------------------


def test_an_inspector_gives_points_and_others_only_look(served: Served) -> None:
    form = {"window": "2", "points": "8.5", "words": "空岗一次"}
    assert served.post(INSPECTOR, "/2026-10/points/give", **form).status_code == 303
    assert served.hall.facts(2).given == 85
    page = served.text(MANAGER, "/2026-10/points")
    assert "空岗一次" in page
    assert "登记</button>" not in page
    assert served.post(MANAGER, "/2026-10/points/give", **form).status_code == 403


def test_points_that_are_refused_come_back_with_what_was_typed(served: Served) -> None:
    form = {"window": "2", "points": "12", "words": "空岗半天"}
    answer = served.post(INSPECTOR, "/2026-10/points/give", **form)
    assert answer.status_code == 422
    assert "得分须为 0 至 10 之间的数" in answer.text
    assert 'value="空岗半天"' in answer.text
    assert served.post(INSPECTOR, "/2026-10/points/give", **form | {"window": "x"}).status_code in (
        404,
        422,
    )


def test_a_complaint_is_offered_with_the_window_of_whom_it_names(served: Served) -> None:
    served.hall.go_to("2026-10-20 10:00")
    about = served.hall.complain(accused="李㛃")
    served.hall.go_to("2026-11-20 10:00")
    assert "1 件投诉还没有认定到窗口" in served.text(INSPECTOR)
    assert '<option value="2" selected>' in served.text(INSPECTOR, "/2026-10/points")
    path = f"/2026-10/complaints/{about.id}"
    assert served.post(INSPECTOR, path, window="2", words="调看监控属实").status_code == 303
    assert "1 件，扣 5 分" in served.text(MANAGER)
    assert served.post(MANAGER, path, window="2", words="x").status_code == 403


# -- what everybody may read -------------------------------------------------------------------


def test_nothing_is_published_yet(served: Served) -> None:
    assert "还没有公布的评比" in served.read()
    assert "还没有公开的答复" in served.read("/answers")
    served.read("/ranking/2026-10", 404)
    served.read("/ranking/nonsense", 422)


def test_a_draft_is_nobodys_to_read(served: Served) -> None:
    made = served.hall.drafted()
    served.hall.rankings.sign(made.id, by=LEADER, tap=served.hall.tap())
    assert "还没有公布的评比" in served.read()
    served.read("/ranking/2026-10", 404)
    served.read("/ranking/2026-10/v1", 404)


def test_public_pages_name_windows_and_departments_and_no_person_no_ticket_no_citizens_words(
    served: Served,
) -> None:
    hall, words = served.hall, "窗口人员态度冷漠来回折腾三次"
    case = hall.accepted(text=words, window=2)
    by = case.handler or ""
    hall.cases.rectify(case.id, "simple", "人手不足", by=by, tap=hall.tap())
    hall.answer(case, "已增开窗口，感谢监督。")
    hall.cases.close(case.id, publish=True, by=MANAGER, tap=hall.tap())
    hall.go_to("2026-10-20 10:00")
    about = hall.complain(complainant="何立新", phone="13912345678", accused="张敏")
    hall.go_to("2026-11-20 10:00")
    hall.rankings.find(OCTOBER, about.id, 1, "张敏承认", by=INSPECTOR, tap=hall.tap())
    hall.rankings.give(OCTOBER, 1, "8", "张敏迟到", by=INSPECTOR, tap=hall.tap())
    hall.published()
    paths = ("", "/ranking/2026-10", "/ranking/2026-10/v1", "/answers", "/answers?month=2026-11")
    pages = {path: served.read(path) for path in paths}
    assert "2号窗口" in pages["/answers"]
    assert "已增开窗口，感谢监督。" in pages["/answers"]
    assert "民政局" in pages["/ranking/2026-10"]
    assert "1 件，扣 5 分" in pages["/ranking/2026-10"]
    tickets = {number for (number,) in hall.rows("select number from ticket")}
    private = (
        *CLERKS,
        *STAFF,
        *tickets,
        *(words, "等了很久", "何立新", "13912345678", "被要求多跑一次", "张敏迟到"),
        *("1001", "3001", LEADER, MANAGER, INSPECTOR),
    )
    told = [(path, each) for path, page in pages.items() for each in private if each in page]
    assert not told


def test_what_is_typed_anywhere_does_nothing_on_a_public_page(served: Served) -> None:
    hall, register = served.hall, served.hall.rooms.register
    window = register.catalogue().window[1]
    register.save(
        type(window)(1, INJECTED[:20], "1F", "MZ", window.services, category=INJECTED[:10])
    )
    register.save(Department("MZ", INJECTED))
    case = hall.accepted(window=2)
    how = {"by": case.handler or "", "tap": hall.tap()}
    hall.cases.rectify(case.id, "simple", INJECTED, **how)
    hall.answer(case, f"已改正{INJECTED}")
    hall.cases.close(case.id, publish=True, by=MANAGER, tap=hall.tap())
    hall.published()
    hall.published(reason=f"更正{INJECTED}")
    paths = ("", "/ranking/2026-10", "/ranking/2026-10/v1", "/answers")
    pages = [served.read(path) for path in paths]
    assert any("&lt;script&gt;" in page for page in pages)
    for page in (*pages, served.text(LEADER), served.text(INSPECTOR, "/2026-10/v1")):
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_an_older_version_says_by_what_it_was_corrected(served: Served) -> None:
    served.hall.published()
    served.hall.published(reason="1号窗口漏登一次巡查")
    newest, first = served.read("/ranking/2026-10"), served.read("/ranking/2026-10/v1")
    assert "第 2 版，经分管领导签发" in newest
    assert "更正原因：1号窗口漏登一次巡查" in newest
    assert '"/public/ranking/2026-10/v1"' in newest
    assert "本版已更正" in first
    assert '"/public/ranking/2026-10/v2"' in first
    assert "（第 2 版）" in served.read()


def test_a_correction_that_names_somebody_is_refused_before_everybody_reads_it(
    served: Served,
) -> None:
    served.hall.published()
    answer = served.post(MANAGER, "/2026-10/draft", reason="欧阳慧敏的考勤漏登")
    assert answer.status_code == 422
    assert "更正原因会公开" in answer.text


def test_a_public_page_is_the_same_for_everybody_and_may_be_kept_for_a_minute(
    served: Served,
) -> None:
    served.hall.published()
    for path in ("/public", "/public/ranking/2026-10", "/public/answers"):
        answer = served.clients[MANAGER].get(path, headers=PAGE)
        assert answer.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in answer.headers
        assert "赵主任" not in answer.text
    lost = served.clients[MANAGER].get("/public/ranking/2026-09", headers=PAGE)
    assert (lost.status_code, lost.headers["Cache-Control"]) == (404, "no-store")


def test_who_reads_faster_than_people_do_is_told_to_wait(
    served: Served, monkeypatch: pytest.MonkeyPatch, clock: MovedClock
) -> None:
    monkeypatch.setattr(public_views, "LOOKS", 3)
    for _ in range(3):
        served.read()
    served.read(status=429)
    elsewhere = served.app.test_client().get(
        "/public", headers=PAGE | {"X-Forwarded-For": "203.0.113.9"}
    )
    assert elsewhere.status_code == 200
    clock.move(minutes=11)
    served.read()


def test_a_month_without_answers_says_so(served: Served) -> None:
    assert "2026年8月还没有公开的答复" in served.read("/answers?month=2026-08")
    served.read("/answers?month=nonsense", 422)
