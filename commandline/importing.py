"""``import``, ``import-ratings`` and ``tags``: what comes into the hall from files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hall import days
from hall.administrators import THREE
from hall.register import Register

if TYPE_CHECKING:
    from booking.bookings import Bookings
    from manager.differences import Change
    from rating.entering import Entries
from commandline.asked import Asked, CreateApp, read_file, say


def import_hall(asked: Asked) -> int:
    """Make the hall what a workbook says."""
    if asked.words.file == "demo":
        import demo as made_up

        content = made_up.WORKBOOK.read_bytes()
    else:
        content = read_file(Path(asked.words.file))
    from manager.adopting import adopt, standing
    from manager.workbook import WorkbookProblems, find

    register = asked.register()
    bookings = _bookings(asked, register)
    try:
        found = find(content)
    except WorkbookProblems as trouble:
        if not asked.words.dry_run:
            raise
        say(f"有 {len(trouble.problems)} 处问题，没有导入：")
        say("\n".join(str(each) for each in trouble.problems))
        return 1
    old = standing(register, bookings)
    new = old.after(found)
    for each in found.remarks:
        say(each)
    if asked.words.dry_run:
        return _show_changes(old.changes(new))
    catalogue = new.catalogue
    before = {role: register.able(role) for role in THREE}
    adopt(register, bookings, old, new, "server.py import")
    for role, word in THREE.items():
        unnamed = [each for each in before[role] if each.staff_number not in catalogue.person]
        if staying := [each.name for each in unnamed if register.person(each.staff_number)]:
            say(f"表中没有能登录的{word}，{'、'.join(staying)} 仍是{word}。")
    say(
        f"已导入：{len(catalogue.departments)} 个部门、{len(catalogue.services)} 项业务、"
        f"{len(catalogue.windows)} 个窗口、{len(catalogue.people)} 名人员、"
        f"{len(catalogue.devices)} 台设备。"
    )
    return 0


def _bookings(asked: Asked, register: Register) -> "Bookings":
    from booking.bookings import Bookings

    desk = asked.desk(register)
    return Bookings(register.store, register, desk, asked.config, days.now)


def _show_changes(changes: Sequence["Change"]) -> int:
    """Say everything an import would change."""
    for change in (each for each in changes if each.any):
        say(f"{change.title}：")
        for word, names in (("新增", change.added), ("停用", change.retired)):
            if names:
                say(f"  {word} {'、'.join(names)}")
        for edit in change.edits:
            for heading, was, becomes in edit.fields:
                say(f"  修改 {edit.name}：{heading} {was} → {becomes}")
    any_change = any(each.any for each in changes)
    say("检查通过，没有导入。" if any_change else "检查通过，与大厅现在的数据相同。")
    return 0


def import_ratings(asked: Asked, create_app: CreateApp) -> int:
    """Take the ratings of another system over from a file; with ``--check`` only look it over.

    In a whole app: what follows bad ratings and what goes up hear of them as of any other.
    """
    from rating.importing import FileProblems
    from rating.tables import table_of

    file: Path = asked.words.file
    asked.register().store.close()  # made, if it is not there yet
    entries: Entries = create_app(asked.config, asked.database).extensions["hall"].entries
    looked = entries.look_over(table_of(file.name, read_file(file)))
    if looked.problems:
        raise FileProblems(looked.problems)
    found = f"{len(looked.news)} 条新的评价，{looked.known} 条以前导入过。"
    if asked.words.check:
        say(f"检查通过，没有导入：{found}")
        return 0
    loaded = entries.load(looked.news, file.name, by="server.py import-ratings")
    say(f"已导入 {loaded} 条；文件里有{found}")
    return 0


def tags(asked: Asked) -> int:
    """Add a version of the reasons that citizens may give."""
    from rating.tables import table_of

    file: Path = asked.words.file
    entries = _entries(asked)
    before = entries.tag_sets()[0]["version"]
    version = entries.load_tags(table_of(file.name, read_file(file)), by="server.py tags")
    same = "与现在的标签相同，没有新增版本。"
    say(same if version == before else f"已启用第 {version} 版评价标签。")
    return 0


def _entries(asked: Asked) -> "Entries":
    from rating.entering import Entries

    return Entries(asked.book(asked.register()))
