"""The hall as one workbook: export, a check that changes nothing, and the import after it."""

import json
import secrets
from collections import OrderedDict
from dataclasses import asdict

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hall.cells import TYPES
from hall.refusals import NotFound, NotValid
from manager.adopting import Whole, standing
from manager.adopting import adopt as make_it_so
from manager.files import attachment
from manager.found import Found
from manager.kinds import kinds
from manager.reading import MOST_BYTES
from manager.who import by, frame, is_administrator, say, see_other
from manager.workbook import (
    CellProblem,
    WorkbookProblems,
    catalogue_to_json,
    result_from_json,
)
from web.access import allow
from web.aside import WorkFailed, in_process
from web.current import bookings, register

blueprint = Blueprint("workbook", __name__, url_prefix="/catalogue")

# Checked workbooks that wait for a yes. Four are enough: a hall has one administrator at work.
_MOST_KEPT = 4


Checked = OrderedDict[str, tuple[Whole, Whole]]


@blueprint.get("/workbook")
@allow("manager")
def page() -> ResponseReturnValue:
    """Show how to export and import."""
    return _page()


def _page(**more: object) -> str:
    return render_template(
        "manager/workbook.html",
        **{
            "kinds": kinds(),
            "may_import": is_administrator(),
            "problems": [],
            "changes": [],
            "remarks": (),
            "token": "",
            "wrong": "",
            **frame("catalogue"),
            **more,
        },
    )


@blueprint.get("/workbook.xlsx")
@allow("manager")
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
    mark = "（演示）" if hall.demo else ""
    return attachment(content, TYPES["xlsx"], f"{hall.name}大厅数据{mark}.xlsx")


@blueprint.post("/workbook/check")
@allow("administrator")
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
            "工作簿的“人员”表里没有启用的系统管理员。导入后将没有人能管理人员，请补上后重新选择。"
        )
        return _page(wrong=wrong), 422
    changes = old.changes(new)
    return _page(
        token=_keep(old, new),
        changes=changes,
        remarks=found.remarks,
        changed=any(each.any for each in changes),
        file_name=name,
    )


@blueprint.get("/workbook/check")
@allow("manager")
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


def _kept() -> Checked:
    kept: Checked = current_app.extensions.setdefault("manager-checked", OrderedDict())
    return kept


def _keep(old: Whole, new: Whole) -> str:
    token = secrets.token_urlsafe(12)
    _kept()[token] = (old, new)
    while len(_kept()) > _MOST_KEPT:
        _kept().popitem(last=False)
    return token


@blueprint.post("/workbook/adopt")
@allow("administrator")
def adopt() -> ResponseReturnValue:
    """Make the hall what the checked workbook says."""
    found = _kept().pop(request.form.get("token", ""), None)
    if found is None:
        raise NotFound(
            "not_checked", "这次检查的结果已经过期，什么都没有改变。请重新选择文件检查。"
        )
    old, new = found
    make_it_so(register(), bookings(), old, new, by())
    titles = "、".join(each.title for each in old.changes(new) if each.any)
    say(f"已导入：{titles or '没有变化'}。")
    return see_other("/manager/catalogue")
