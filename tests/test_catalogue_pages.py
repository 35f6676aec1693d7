"""Matters, photographs, texts, the history and the import on the manager's pages."""

import html
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from halls import SMALL_HALL, MovedClock
from PIL import Image
from werkzeug.test import TestResponse

from commandline.main import main
from hall import config
from hall.catalogue import HallText, Matter, Person
from hall.refusals import NotValid
from hall.register import Register
from hall.store import Store
from manager.plans import plans_of, rows_of
from manager.portraits import SIDE, portrait
from manager.workbook import find, write
from server import create_app, ticks_of
from web.current import Rooms
from web.passwords import hash_of

HTML = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
PASSWORD = "a hall's secret"
BAD = "=cmd|' /C calc'!A0<script>alert(1)</script>\"';--"


@dataclass
class Hall:
    """A hall within this process, and the browsers of its administrator and its manager."""

    app: Flask
    administrator: FlaskClient
    manager: FlaskClient

    @property
    def rooms(self) -> Rooms:
        found: Rooms = self.app.extensions["hall"]
        return found

    def get(self, path: str) -> str:
        answer = self.administrator.get(f"/manager/{path}", headers=HTML)
        assert answer.status_code == 200, path
        return html.unescape(answer.text)

    def post(self, path: str, **fields: Any) -> TestResponse:
        return self.administrator.post(f"/manager/{path}", data=fields, headers=HTML)

    def keyed(self, role: str, window: int | None = None) -> FlaskClient:
        client = self.app.test_client()
        _, key = self.rooms.register.mint_key(role, role, window)
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
        return client


def signed_in(app: Flask, staff_number: str) -> FlaskClient:
    client = app.test_client()
    fields = {"staff_number": staff_number, "password": PASSWORD, "window": ""}
    assert client.post("/sign-in", data=fields, headers=HTML).status_code == 303
    return client


@pytest.fixture
def hall(tmp_path: Path, clock: MovedClock) -> Iterator[Hall]:
    told = config.from_dict({"hall": {"name": "云溪县政务服务中心", "always_open": True}})
    app = create_app(told, tmp_path / "hall.db", clock)
    rooms: Rooms = app.extensions["hall"]
    rooms.register.adopt(replace(SMALL_HALL, devices=()))
    for number in ("9000", "9001"):
        rooms.register.set_password_hash(number, hash_of(PASSWORD))
    yield Hall(app, signed_in(app, "9000"), signed_in(app, "9001"))
    rooms.store.close()


# -- matters and classes ------------------------------------------------------------------------

MATTER = {
    "code": "11370000-01",
    "name": "内地居民结婚登记",
    "service": "marriage",
    "kind": "promised",
    "promised_days": "3",
    "statutory_days": "20",
    "ways": ["window", "online"],
    "sort": "1",
}


def test_a_matter_is_added_changed_retired_and_each_is_in_its_history(hall: Hall) -> None:
    assert hall.post("catalogue/matters/new", **MATTER).status_code == 303
    (matter,) = hall.rooms.register.catalogue().matters
    assert matter == Matter(
        "11370000-01",
        "内地居民结婚登记",
        "marriage",
        "promised",
        3,
        20,
        ("window", "online"),
        sort=1,
    )
    row = hall.get("catalogue/matters")
    assert all(word in row for word in ("婚姻登记", "承诺件", "窗口办理、网上办理"))
    changed = {**MATTER, "kind": "at_once", "promised_days": "0", "ways": "once"}
    assert hall.post("catalogue/matters/11370000-01", **changed).status_code == 303
    assert hall.post("catalogue/matters/11370000-01/retire").status_code == 303
    page = hall.get("catalogue/matters/11370000-01")
    said = " ".join(page[page.index("变更记录</h2>") :].replace("\n", " ").split())
    assert '办理类型</span> <del>承诺件</del> <span aria-hidden="true">→</span> <ins>即办件' in said
    assert "<del>窗口办理、网上办理</del>" in said
    assert "启用</span>" not in said, "that it was retired says the word before it"
    assert said.index("停用") < said.index("修改") < said.index("新增")
    assert "管理员（9000）" in said


def test_a_refused_form_keeps_what_was_typed_and_stands_where_it_stood(hall: Hall) -> None:
    answer = hall.post("catalogue/matters/new", **{**MATTER, "promised_days": "30"})
    assert answer.status_code == 422
    page = html.unescape(answer.text)
    assert "不能超过法定的 20 个工作日" in page
    assert 'value="内地居民结婚登记"' in page
    assert 'value="online" checked' in page
    assert 'data-stands-at="/manager/catalogue/matters/new"' in page
    assert "data-stands-at" not in hall.get("catalogue/matters/new")


def test_a_window_has_a_class_of_the_usual_or_of_the_halls_own(hall: Hall) -> None:
    fields = {"name": "", "zone": "1F", "department": "MZ", "services": ["marriage"]}
    assert hall.post("catalogue/windows/1", **fields, category="跨域通办").status_code == 303
    assert hall.rooms.register.catalogue().window[1].category == "跨域通办"
    page = hall.get("catalogue/windows/2")
    assert [f'<option value="{each}">' in page for each in ("综合", "跨域通办")] == [True, True]


# -- photographs --------------------------------------------------------------------------------


def picture(kind: str = "JPEG", size: tuple[int, int] = (300, 420), mode: str = "RGB") -> bytes:
    file = io.BytesIO()
    Image.new(mode, size, "red").save(file, kind)
    return file.getvalue()


def with_place() -> bytes:
    """Return a photograph as a telephone makes it: lying on its side, with the place it saw."""
    upright = Image.new("RGB", (300, 400), "white")
    upright.paste("blue", (0, 0, 300, 100))
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its left side
    exif[0x010F] = "a telephone at 36.65N 117.12E"
    file = io.BytesIO()
    upright.rotate(90, expand=True).save(file, "JPEG", exif=exif)
    return file.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        picture(),
        picture("PNG", mode="RGBA"),
        picture("PNG", mode="P"),
        picture("JPEG", mode="CMYK"),
    ],
    ids=["jpeg", "png", "palette", "cmyk"],
)
def test_a_photograph_becomes_a_small_square_jpeg(content: bytes) -> None:
    with Image.open(io.BytesIO(portrait(content))) as made:
        assert (made.format, made.size, made.mode) == ("JPEG", (SIDE, SIDE), "RGB")


def test_a_telephones_photograph_stands_upright_and_tells_nothing_of_where_it_was_taken() -> None:
    raw = with_place()
    assert b"117.12E" in raw
    made = portrait(raw)
    assert b"117.12E" not in made
    with Image.open(io.BytesIO(made)) as shown:
        assert not shown.getexif()
        blue = shown.getpixel((SIDE // 2, 10))
        assert isinstance(blue, tuple)
        assert blue[2] > blue[0], "its upper edge is above"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "no_photo"),
        (b"MZ\x90 a program", "bad_photo"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_photo"),
        (picture()[:200], "bad_photo"),
        (picture("GIF"), "bad_photo"),
        (picture(size=(119, 400)), "photo_too_small"),
        (bytes(5_000_001), "photo_too_large"),
        (picture("PNG", (8000, 8000), "1"), "photo_too_large"),
    ],
    ids=["none", "program", "svg", "cut", "gif", "small", "heavy", "bomb"],
)
def test_what_is_no_fitting_photograph_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(NotValid) as refused:
        portrait(content)
    assert refused.value.code == code
    assert refused.value.message.endswith("。")


def upload(client: FlaskClient, content: bytes, person: str = "1001") -> TestResponse:
    file = (io.BytesIO(content), "../../张敏.jpg")
    address = f"/manager/catalogue/people/{person}/photo"
    return client.post(address, data={"photo": file}, headers=HTML)


def too_heavy(hall: Hall, address: str) -> TestResponse:
    """Announce a file of 20 MB: it is refused before it is read."""
    return hall.administrator.post(
        address,
        input_stream=io.BytesIO(),
        environ_overrides={"CONTENT_LENGTH": "20000000"},
        content_type="multipart/form-data; boundary=x",
        headers=HTML,
    )


def test_an_administrator_uploads_a_photograph_and_takes_it_away(hall: Hall) -> None:
    address = "/manager/catalogue/people/1001/photo"
    assert hall.administrator.get(address).status_code == 404
    assert upload(hall.administrator, picture()).status_code == 303
    for client in (hall.administrator, hall.manager):
        answer = client.get(address)
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert f"photo?{hall.rooms.register.catalogue().person['1001'].photo}" in hall.get(
        "catalogue/people/1001"
    )
    assert hall.post("catalogue/people/1001/photo", remove="1").status_code == 303
    assert hall.administrator.get(address).status_code == 404


def test_a_photograph_is_not_for_everybody(hall: Hall) -> None:
    assert upload(hall.administrator, picture()).status_code == 303
    assert upload(hall.manager, picture()).status_code == 403
    address = "/manager/catalogue/people/1001/photo"
    assert hall.keyed("kiosk").get(address).status_code == 403
    assert hall.app.test_client().get(address).status_code in (303, 401)


def test_a_refused_photograph_says_why_beside_its_form(hall: Hall) -> None:
    answer = upload(hall.administrator, b"no picture")
    assert answer.status_code == 422
    assert "不是可读的 JPG 或 PNG 照片" in answer.text
    assert 'data-stands-at="/manager/catalogue/people/1001"' in answer.text
    assert too_heavy(hall, "/manager/catalogue/people/1001/photo").status_code == 413
    assert hall.rooms.register.catalogue().person["1001"].photo == ""


# -- texts --------------------------------------------------------------------------------------


def test_the_halls_own_words_stand_on_kiosk_slip_screen_and_evaluator(hall: Hall) -> None:
    hall.rooms.desk.open(1)
    kiosk, pad = hall.keyed("kiosk"), hall.keyed("evaluator", 1)
    assert (kiosk.get("/kiosk/menu.json").json or {})["greeting"] == {"zh": "", "en": ""}
    assert hall.rooms.desk.board("1F")["notices"] == []
    fields = {
        "kiosk_greeting": "  您好\u3000",
        "kiosk_greeting.en": "Hello",
        "slip_foot": "请保管好号票",
        "display_notice": "请听叫号",
        "display_notice@2F": "二楼请排队",
        "closing_words": "再见",
    }
    assert hall.post("catalogue/texts", **fields).status_code == 303
    assert (kiosk.get("/kiosk/menu.json").json or {})["greeting"] == {"zh": "您好", "en": "Hello"}
    boards = [hall.rooms.desk.board(zone)["notices"] for zone in ("1F", "2F")]
    assert boards == [["请听叫号"], ["二楼请排队"]]
    assert (pad.get("/evaluator/1/state.json").json or {})["closing_words"] == "再见"
    taken = kiosk.post("/kiosk/tickets", json={"service": "marriage", "tap": "tap-00000001"})
    with_foot = kiosk.get((taken.json or {})["slip_url"]).data
    assert hall.post("catalogue/texts", slip_foot="", closing_words="").status_code == 303
    assert kiosk.get((taken.json or {})["slip_url"]).data != with_foot
    assert (pad.get("/evaluator/1/state.json").json or {})[
        "closing_words"
    ] == "您的评价已收到，请慢走。"
    assert hall.rooms.register.catalogue().words("kiosk_greeting") == "您好", (
        "it was not on the form"
    )


def test_words_that_are_too_long_are_refused_where_they_were_typed(hall: Hall) -> None:
    answer = hall.post("catalogue/texts", slip_foot="票" * 41, closing_words="再见")
    assert answer.status_code == 422
    assert "最多 40 个字，现有 41 个。" in answer.text
    assert 'value="再见"' in answer.text
    assert hall.rooms.register.catalogue().texts == ()


def test_a_slip_is_shown_with_its_last_line_before_it_is_saved(hall: Hall) -> None:
    pictures = [
        hall.administrator.get("/manager/catalogue/texts/slip.png", query_string={"foot": foot})
        for foot in ("", "请保管好号票")
    ]
    assert {each.mimetype for each in pictures} == {"image/png"}
    heights = []
    for each in pictures:
        with Image.open(io.BytesIO(each.data)) as shown:
            heights.append(shown.height)
    assert heights[0] < heights[1]


# -- the history --------------------------------------------------------------------------------


def test_the_history_is_filtered_by_kind_by_thing_and_by_words(hall: Hall) -> None:
    hall.rooms.register.save(HallText("slip_foot", text="请保管好号票"), "9001")
    hall.rooms.bookings.save_plan("marriage", weekday=1, slot_minutes=30, quota=4, by="9000")
    pages = {
        "": ("婚姻登记", "号票末行", "赵主任（9001）"),
        "?kind=text": ("号票末行",),
        "?kind=plan": ("婚姻登记 周一",),
        "?kind=service&key=estate": ("不动产登记",),
        "?words=9001": ("赵主任（9001）",),
    }
    bodies = {query: hall.get(f"catalogue/history{query}") for query in pages}
    for query, words in pages.items():
        assert all(word in bodies[query] for word in words), query
    assert "号票末行 </a>" not in bodies["?kind=plan"]
    assert "没有这样的变更" in hall.get("catalogue/history?words=nothing-like-it")
    assert hall.manager.get("/manager/catalogue/history", headers=HTML).status_code == 200


def test_a_long_history_is_read_on_page_by_page(hall: Hall) -> None:
    for at in range(101):
        hall.rooms.register.save(replace(SMALL_HALL.services[2], sort=at + 1), "9000")
    first = hall.get("catalogue/history?kind=service&key=advice")
    assert first.count('class="when"') == 100
    assert "更早的变更" in first
    before = first.split("before=")[1].split('"')[0]
    older = hall.get(f"catalogue/history?kind=service&key=advice&before={before}")
    assert older.count('class="when"') == 2
    assert "最新的变更" in older


# -- the workbook -------------------------------------------------------------------------------


def exported(hall: Hall) -> Any:
    content = hall.administrator.get("/manager/catalogue/workbook.xlsx").data
    return openpyxl.load_workbook(io.BytesIO(content))


def check(hall: Hall, content: bytes) -> TestResponse:
    file = {"workbook": (io.BytesIO(content), "大厅.xlsx")}
    return hall.administrator.post("/manager/catalogue/workbook/check", data=file, headers=HTML)


def saved(book: Any) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def adopt(hall: Hall, page: str) -> TestResponse:
    token = page.split('name="token" value="')[1].split('"')[0]
    return hall.post("catalogue/workbook/adopt", token=token)


def test_people_of_a_workbook_are_imported_by_the_security_administrator_alone(hall: Hall) -> None:
    checked_before = check(hall, saved(with_a_new_name(exported(hall)))).text
    hall.rooms.register.save(Person("9002", "孙安全", "security"), "9000")
    hall.rooms.register.set_password_hash("9002", "kept")
    book = with_a_new_name(exported(hall))
    refused = check(hall, saved(book))
    assert (refused.status_code, "由安全管理员管理" in refused.text) == (403, True)
    assert 'name="token"' not in refused.text
    assert adopt(hall, checked_before).status_code == 403
    assert hall.rooms.register.catalogue().person["1001"].name == "张敏"
    book["人员"]["B2"] = "张敏"
    assert check(hall, saved(book)).status_code == 200


def with_a_new_name(book: Any) -> Any:
    assert book["人员"]["B2"].value == "张敏"
    book["人员"]["B2"] = "张敏敏"
    return book


def test_the_check_tells_each_field_that_would_change_and_the_import_does_just_that(
    hall: Hall,
) -> None:
    hall.rooms.register.save(Matter("M1", "结婚登记", "marriage", "at_once"), "9000")
    hall.rooms.register.set_photo("1001", b"a picture", "9000")
    hall.rooms.bookings.save_plan("marriage", weekday=1, slot_minutes=30, quota=4, by="9000")
    book = exported(hall)
    book["事项"]["E2"], book["事项"]["D2"] = 5, "承诺件"
    book["窗口"]["H3"] = "综合"
    book["文字"]["A2"], book["文字"]["C2"] = "号票末行", "请保管好号票"
    book["预约放号"]["B2"], book["预约放号"]["E2"] = "12", 6
    book.create_sheet("Sheet1")
    answer = check(hall, saved(book))
    page = html.unescape(answer.text)
    assert answer.status_code == 200
    flat = " ".join(page.split())
    for edit in (
        '<b>结婚登记</b> <span class="field-name">承诺工作日</span> <del>0</del>',
        '<del>即办件</del> <span aria-hidden="true">→</span> <ins>承诺件</ins>',
        '<b>2号</b> <span class="field-name">类别</span> <del>（空）</del>',
        "不认识工作表“Sheet1”",
        "婚姻登记（星期 12）",
    ):
        assert edit in flat, edit
    assert hall.rooms.register.catalogue().matter["M1"].promised_days == 0
    assert adopt(hall, page).status_code == 303
    after = hall.rooms.register.catalogue()
    assert (after.matter["M1"].kind, after.matter["M1"].promised_days) == ("promised", 5)
    assert (after.window[2].category, after.words("slip_foot")) == ("综合", "请保管好号票")
    assert [(each.weekday, each.quota) for each in hall.rooms.bookings.plans()] == [(1, 6), (2, 6)]
    assert hall.rooms.register.photos.picture("1001") == b"a picture"
    newest = hall.rooms.register.history.changes(most=5)
    assert {(each.who, each.way) for each in newest} == {("9000", "workbook")}
    assert [each.kind for each in newest] == ["plan", "plan", "text", "matter", "window"]


def test_an_export_taken_back_changes_nothing(hall: Hall) -> None:
    hall.rooms.bookings.save_plan("marriage", weekday=5, slot_minutes=30, quota=4)
    hall.rooms.register.save(HallText("slip_foot", text="请保管好号票"))
    assert "与大厅现在的数据相同" in check(hall, saved(exported(hall))).text


def test_slots_cut_after_the_check_are_not_overwritten(hall: Hall) -> None:
    book = exported(hall)
    book["窗口"]["H3"] = "综合"
    page = check(hall, saved(book)).text
    hall.rooms.bookings.save_plan("marriage", weekday=1, slot_minutes=30, quota=4, by="9000")
    answer = adopt(hall, page)
    assert answer.status_code == 409
    assert "放号计划又有改动" in answer.text
    assert hall.rooms.register.catalogue().window[2].category == "", "all of it, or nothing"
    assert len(hall.rooms.bookings.plans()) == 1


def test_a_file_of_twenty_megabytes_is_refused_in_place(hall: Hall) -> None:
    answer = too_heavy(hall, "/manager/catalogue/workbook/check")
    assert answer.status_code == 413
    assert "文件太大：最多 8 MB" in answer.text


def test_plans_come_back_from_their_rows(hall: Hall) -> None:
    bookings = hall.rooms.bookings
    for weekday in (1, 2, 3, 5):
        bookings.save_plan("marriage", weekday=weekday, slot_minutes=30, quota=weekday // 5)
    bookings.save_plan("marriage", day="2026-12-31", slot_minutes=60, quota=0)
    rows = rows_of(bookings.plans())
    assert [(each.weekdays, each.day) for each in rows] == [
        ("123", ""),
        ("5", ""),
        ("", "2026-12-31"),
    ]
    again = plans_of(rows)
    assert again == [replace(each, id=0) for each in bookings.plans()]
    bookings.adopt_plans(again[1:], "9000")
    assert [each.weekday for each in bookings.plans()] == [2, 3, 5, None]


# -- what was typed does nothing ----------------------------------------------------------------


def test_what_was_typed_is_text_on_every_page_and_in_every_file(hall: Hall) -> None:
    """One bad name in every field that takes text, read on every page that shows it."""
    register, short = hall.rooms.register, BAD[:40]
    bad = replace(
        SMALL_HALL,
        departments=tuple(replace(each, name=BAD[:60]) for each in SMALL_HALL.departments),
        zones=tuple(replace(each, name=short) for each in SMALL_HALL.zones),
        services=tuple(replace(each, name=BAD[:60], name_en=BAD) for each in SMALL_HALL.services),
        windows=tuple(replace(each, name=short, category=BAD[:20]) for each in SMALL_HALL.windows),
        people=tuple(replace(each, name=short, post=short) for each in SMALL_HALL.people),
        devices=(),
        matters=(Matter("M1", BAD, "marriage", "at_once"),),
        texts=(
            HallText("slip_foot", "", short, BAD),
            HallText("display_notice", "1F", short),
            HallText("closing_words", "", BAD[:30]),
        ),
    )
    register.adopt(bad, "9000")
    paths = [
        "catalogue", "catalogue/history", "catalogue/texts", "catalogue/workbook", "slots",
        *(f"catalogue/{kind}" for kind in ("departments", "zones", "services", "matters", "windows",
                                           "people")),
        "catalogue/matters/M1", "catalogue/windows/1", "catalogue/people/1001",
        f"catalogue/history?words={short}",
    ]  # fmt: skip
    for path in paths:
        body = hall.administrator.get(f"/manager/{path}", headers=HTML).text
        assert "<script>alert" not in body, path
    page = check(hall, write(replace(bad, matters=(replace(bad.matters[0], name="好"),)))).text
    assert "&lt;script&gt;alert" in page
    assert "<script>alert" not in page
    assert find(hall.administrator.get("/manager/catalogue/workbook.xlsx").data).catalogue.matters


# -- the command line ---------------------------------------------------------------------------


def dry_run(tmp_path: Path, content: bytes, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    file = tmp_path / "hall.xlsx"
    file.write_bytes(content)
    words = ["import", str(file), "--dry-run", "--database", str(tmp_path / "cli.db")]
    code = main(words, create_app, ticks_of)
    return code, capsys.readouterr().out


def test_a_dry_run_at_the_command_line_lists_every_problem_by_its_cell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(write(SMALL_HALL)))
    for line in range(2, 6):
        for column in "CD":
            book["窗口"][f"{column}{line}"] = "nowhere"
    for line in range(2, 8):
        book["人员"][f"B{line}"] = "=1+1"
    code, said = dry_run(tmp_path, saved(book), capsys)
    assert code == 1
    assert "有 14 处问题，没有导入：" in said
    assert [said.count(f"窗口!{column}") for column in "CD"] == [4, 4]
    assert said.count("是公式") == 6


def test_a_new_password_for_a_number_renames_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Found by a stranger: ``admin 王五 --staff-number 9001`` made 汤志远 into 王五."""
    database = ["--database", str(tmp_path / "cli.db"), "--password-file", str(tmp_path / "word")]
    (tmp_path / "word").write_text("correct horse battery", encoding="utf-8")
    chief = ["admin", "汤志远", "--staff-number", "9001", *database]
    assert main(chief, create_app, ticks_of) == 0
    assert "已重设" not in capsys.readouterr().out
    assert main(["admin", "王五", *chief[2:]], create_app, ticks_of) == 0
    said = capsys.readouterr().out
    assert "已重设系统管理员 汤志远（工号 9001）的密码" in said
    assert "姓名没有改成“王五”" in said
    register = Register(Store(tmp_path / "cli.db"), MovedClock())
    assert register.catalogue().person["9001"].name == "汤志远"
    register.store.close()


def test_a_dry_run_at_the_command_line_tells_what_would_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "first.xlsx"
    file.write_bytes(write(SMALL_HALL))
    database = ["--database", str(tmp_path / "cli.db")]
    assert main(["import", str(file), *database], create_app, ticks_of) == 0
    book = openpyxl.load_workbook(io.BytesIO(write(SMALL_HALL)))
    book["业务"]["B2"] = "结婚登记"
    code, said = dry_run(tmp_path, saved(book), capsys)
    assert code == 0
    assert "修改 结婚登记：名称 婚姻登记 → 结婚登记" in said
    assert "检查通过，没有导入。" in said
    code, said = dry_run(tmp_path, write(SMALL_HALL), capsys)
    assert "与大厅现在的数据相同" in said
