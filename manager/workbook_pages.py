"""The hall as one workbook: export, a check that changes nothing, and the import after it."""

import json
from dataclasses import asdict

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hall.cells import TYPES
from hall.refusals import NotValid
from manager.adopting import Whole, standing
from manager.adopting import adopt as make_it_so
from manager.differences import PEOPLE, not_yours
from manager.found import Found
from manager.kinds import kinds
from manager.reading import MOST_BYTES
from manager.who import by, frame, imports_hall, keeps_hall, keeps_people, say, see_other
from manager.workbook import (
    CellProblem,
    WorkbookProblems,
    catalogue_to_json,
    result_from_json,
)
from web.access import NotForYou, allow
from web.aside import WorkFailed, in_process
from web.checked import Checked, checked
from web.current import bookings, register
from web.files import attachment

blueprint = Blueprint("workbook", __name__, url_prefix="/catalogue")

# Checked workbooks that wait for a yes. Four are enough: a hall has one administrator at work.
_MOST_KEPT = 4


def _only() -> str:
    """Return which part of a workbook who is signed in may import, empty for all of it."""
    if imports_hall():
        return "" if keeps_people() else "人员和角色的改动由安全管理员导入。"
    return "您可以导入人员的改动，其余的改动由系统管理员导入。"


def _place() -> str:
    return "catalogue" if keeps_hall() else "people"


@blueprint.get("/workbook")
@allow("manager", "security")
def page() -> ResponseReturnValue:
    """Show how to export and import."""
    return _page()


def _page(**more: object) -> str:
    return render_template(
        "manager/workbook.html",
        **{
            "kinds": kinds(),
            "may_import": imports_hall() or keeps_people(),
            "only": _only(),
            "problems": [],
            "changes": [],
            "remarks": (),
            "token": "",
            "wrong": "",
            **frame(_place()),
            **more,
        },
    )


@blueprint.get("/workbook.xlsx")
@allow("manager", "security")
def export() -> ResponseReturnValue:
    """Send the hall as a workbook."""
    hall = register().hall()
    whole = standing(register(), bookings())
    wish = {
        "catalogue": catalogue_to_json(whole.catalogue),
        "plans": [asdict(each) for each in whole.plans],
        "title": hall.name,
    }
    content = in_process(
        "manager.workbook", "write", given=json.dumps(wish, ensure_ascii=False).encode()
    )
    name = f"{hall.name}大厅数据{'（演示）' if hall.demo else ''}.xlsx"
    return attachment(content, TYPES["xlsx"], name, f"hall-data{'-demo' if hall.demo else ''}.xlsx")


@blueprint.post("/workbook/check")
@allow("administrator", "security")
def check() -> ResponseReturnValue:
    """Read a workbook and say what is wrong or what would change; nothing changes yet."""
    try:
        file = request.files.get("workbook")
    except RequestEntityTooLarge:
        most = MOST_BYTES // 1_000_000
        return _page(wrong=f"文件太大：最多 {most} MB。请只保留需要的工作表。"), 413
    content = file.read() if file else b""
    name = (file.filename if file else None) or "工作簿"
    if not content:
        return _page(wrong="没有收到文件。请选择一个 XLSX 工作簿。"), 422
    old = standing(register(), bookings())
    try:
        found = read_beside(content)
    except WorkbookProblems as trouble:
        return _page(problems=[_shown(each) for each in trouble.problems], file_name=name), 422
    new = old.after(found)
    people = new.catalogue.people
    if not any(each.active and each.role == "administrator" for each in people):
        wrong = (
            "工作簿的“人员”表里没有启用的系统管理员。导入后将没有人能管理大厅，请补上后重新选择。"
        )
        return _page(wrong=wrong), 422
    changes = old.changes(new)
    if wrong := not_yours(changes, hall=imports_hall(), people=keeps_people()):
        return _page(wrong=wrong), 403
    return _page(
        token=_kept().keep((old, new)),
        changes=changes,
        remarks=found.remarks,
        changed=any(each.any for each in changes),
        file_name=name,
    )


@blueprint.get("/workbook/check")
@allow("manager", "security")
def check_again() -> ResponseReturnValue:
    """Lead whoever comes back to the result of a check to where a file is chosen."""
    return see_other("/manager/catalogue/workbook")


def read_beside(content: bytes) -> Found:
    """Read a workbook in a child process; WorkbookProblems has every mistake by its cell."""
    try:
        answer = in_process("manager.workbook", "read", given=content)
    except WorkFailed as trouble:
        raise NotValid(
            "bad_workbook", "这个文件读不出来，可能不是 XLSX 工作簿。请用 Excel 或 WPS 另存后重试。"
        ) from trouble
    return result_from_json(json.loads(answer))


def _shown(problem: CellProblem) -> dict[str, str]:
    return {
        "sheet": problem.sheet or "整个文件",
        "cell": problem.cell or "—",
        "message": problem.message,
    }


def _kept() -> Checked[tuple[Whole, Whole]]:
    return checked("workbook", _MOST_KEPT)


@blueprint.post("/workbook/adopt")
@allow("administrator", "security")
def adopt() -> ResponseReturnValue:
    """Make the hall what the checked workbook says; a second click is told what the first did."""
    token = request.form.get("token", "")
    if not _kept().done(token):
        with _kept().adopting(token) as (old, new):
            said = _adopt(old, new)
        home = "/manager/catalogue" if keeps_hall() else "/manager/catalogue/people"
        _kept().finish(token, said, home)
    said, home = _kept().done(token) or ("", "")
    say(said)
    return see_other(home)


def _adopt(old: Whole, new: Whole) -> str:
    changes = old.changes(new)
    if wrong := not_yours(changes, hall=imports_hall(), people=keeps_people()):
        raise NotForYou("not_allowed", wrong)
    # what changes people is the security administrator's doing, whoever else is signed in here
    titles = [each.title for each in changes if each.any]
    make_it_so(register(), bookings(), old, new, by("security" if PEOPLE in titles else "manager"))
    return f"已导入：{'、'.join(titles) or '没有变化'}。"
