"""Files that managers bring: ratings of another system, looked over first, and sets of tags."""

import csv
import io
import json
from collections import Counter
from typing import Any

from apiflask import APIBlueprint
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from gevent import sleep

from hall import days
from hall.cells import TYPES
from hall.refusals import NotAllowed, NotValid
from rating.entering import Entries, Looked
from rating.importing import Cells, FileProblems, Row
from rating.levels import LEVELS
from rating.second import second_person, typist
from rating.views import levels
from web import reading
from web.access import allow
from web.aside import WorkFailed, in_process
from web.checked import Checked, checked
from web.current import book, config, entries, register, rooms
from web.errors import status_of
from web.files import attachment
from web.office import by, frame, say, see_other

blueprint = APIBlueprint(
    "rating_files", __name__, template_folder="templates", enable_openapi=False
)

PROBLEMS_SHOWN = 200
# Looked-over files that wait for a yes; a hall has one manager at this.
_MOST_KEPT = 4
# So many ratings a transaction, some 50 ms, then every screen of the hall has its turn.
AT_ONCE = 100


# -- ratings of another system -----------------------------------------------------------------


@blueprint.get("/manager/ratings/import")
@allow("manager")
def import_page() -> ResponseReturnValue:
    """Show what a file must hold, and where to choose one."""
    return _import_page()


def _import_page(**more: Any) -> str:
    return render_template(
        "rating/import.html",
        **{
            "problems": [],
            "problem_count": 0,
            "looked": None,
            "token": "",
            "refusal": None,
            "file_name": "",
            "link_days": config().rating.link_days,
            "tab": "import",
            **frame("ratings"),
            **more,
        },
    )


@blueprint.post("/manager/ratings/import")
@allow("manager")
def look_over() -> ResponseReturnValue:
    """Read a file and say what is wrong or what would come; nothing changes yet."""
    try:
        name, cells = _uploaded()
        looked = reading.ask_book(lambda book: Entries(book).look_over(cells))
    except FileProblems as trouble:
        return _problems(_import_page, trouble, request.files["file"].filename or "")
    except NotAllowed as refusal:
        return _import_page(refusal=refusal), status_of(refusal)
    if looked.problems:
        return _problems(_import_page, FileProblems(looked.problems), name)
    return _looked_page(name, looked, _kept().keep((name, looked)))


def _looked_page(
    name: str, looked: Looked, token: str, refusal: NotAllowed | None = None
) -> ResponseReturnValue:
    said = Counter(row.level for row in looked.news if not row.by_default)
    shown = {
        "news": len(looked.news),
        "known": looked.known,
        "defaults": sum(row.by_default for row in looked.news),
        "levels": [(level.chinese, said[level]) for level in LEVELS],
        "channels": sorted(Counter(row.channel.chinese for row in looked.news).items()),
    }
    answer = _import_page(looked=shown, token=token, file_name=name, refusal=refusal)
    return answer, status_of(refusal) if refusal else 200


@blueprint.post("/manager/ratings/import/adopt")
@allow("manager")
def adopt() -> ResponseReturnValue:
    """Take a looked-over file over, in the name of two people."""
    token = request.form.get("token", "")
    if not _kept().done(token):
        with _kept().adopting(token) as (name, looked):
            try:
                who, second = typist(), second_person()
                entries().check_second(second, but=who)
                loaded = _load(name, looked.news, f"{who}+{second}")
            except NotAllowed as refusal:
                return _looked_page(name, looked, token, refusal)
        said = f"“{name}”导入了 {loaded} 条评价。"
        _kept().finish(token, said, "/manager/ratings/import")
    said, home = _kept().done(token) or ("", "")
    say(said)
    return see_other(home)


def _load(name: str, rows: list[Row], who: str) -> int:
    loaded = 0
    for begin in range(0, len(rows), AT_ONCE):
        try:
            loaded += entries().load(rows[begin : begin + AT_ONCE], name, by=who)
        except FileProblems as trouble:
            told = (
                f"检查之后又有变化：{trouble.problems[0]}已导入 {loaded} 条，其余没有。请重新检查。"
            )
            raise NotAllowed("changed_meanwhile", told) from trouble
        sleep(0)
    return loaded


def _kept() -> Checked[tuple[str, Looked]]:
    return checked("ratings", _MOST_KEPT)


def _problems(shown: Any, trouble: FileProblems, name: str) -> ResponseReturnValue:
    found = trouble.problems
    return shown(
        problems=found[:PROBLEMS_SHOWN], problem_count=len(found), file_name=name
    ), status_of(trouble)


def _uploaded() -> tuple[str, Cells]:
    """Return name and rows of the file that was sent, read in a child process."""
    file = request.files.get("file")
    content = file.read() if file else b""
    if file is None or not content:
        raise NotValid("no_file", "没有收到文件，请选择一个 CSV 或 XLSX 文件。")
    # printable: a name with a NUL is no argument of a process
    name = "".join(each for each in file.filename or "" if each.isprintable())[-80:] or "文件"
    try:
        answer = json.loads(in_process("rating.tables", name, given=content))
    except WorkFailed as trouble:
        raise NotValid("bad_file", "这个文件读不出来，请另存为 CSV 或 XLSX 后重试。") from trouble
    if "refused" in answer:
        raise NotValid("bad_file", answer["refused"])
    return name, answer["rows"]


# -- tags --------------------------------------------------------------------------------------


@blueprint.get("/manager/tags")
@allow("manager")
def tags_page() -> ResponseReturnValue:
    """Show the tags in use, their versions, and how to load others."""
    return _tags_page()


def _tags_page(**more: Any) -> str:
    people, zone = register().catalogue().person, config().hall.zone
    return render_template(
        "rating/tags.html",
        **{
            "levels": levels(),
            "versions": [
                {
                    **each,
                    "by": people[each["by"]].name if each["by"] in people else each["by"],
                    "at": f"{days.local(each['at'], zone):%Y-%m-%d %H:%M}" if each["at"] else "",
                }
                for each in entries().tag_sets()
            ],
            "problems": [],
            "problem_count": 0,
            "refusal": None,
            "file_name": "",
            "tab": "tags",
            **frame("ratings"),
            **more,
        },
    )


@blueprint.post("/manager/tags")
@allow("manager")
def load_tags() -> ResponseReturnValue:
    """Add a version of the tags."""
    before = book().ratings.tag_version()
    try:
        name, cells = _uploaded()
        version = rooms().together.run(lambda: entries().load_tags(cells, by=by("manager")))
    except FileProblems as trouble:
        return _problems(_tags_page, trouble, request.files["file"].filename or "")
    except NotAllowed as refusal:
        return _tags_page(refusal=refusal), status_of(refusal)
    told = (
        f"已启用第 {version} 版评价标签。"
        if version > before
        else "与现在的标签相同，没有新增版本。"
    )
    say(f"“{name}”{told}")
    return see_other("/manager/tags")


@blueprint.get("/manager/tags.csv")
@allow("manager")
def tags_file() -> Response:
    """Send the tags in use as the file that can be changed and loaded again."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("等级", "代码", "直接显示", "标签"))
    for tag in book().tags():
        writer.writerow((tag.level.chinese, tag.code, "是" if tag.first else "否", tag.text))
    version, content = book().ratings.tag_version(), out.getvalue().encode("utf-8-sig")
    return attachment(content, TYPES["csv"], f"评价标签-第{version}版.csv", f"tags-{version}.csv")
