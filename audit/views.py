"""The audit administrator's page: search the log, hand it out as a file, check the whole chain."""

import json
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from audit import words
from audit.chain import Row
from audit.log import Checked, Wanted
from hall import days
from hall.cells import TYPES
from hall.refusals import NotAllowed, NotFound
from web.access import allow
from web.aside import WorkFailed, in_process
from web.auditing import refused
from web.auditing import say as note
from web.current import audit, config, register, rooms
from web.errors import status_of
from web.files import attachment
from web.office import frame, say, see_other
from web.reading import ask_audit

blueprint = Blueprint("audit", __name__, url_prefix="/audit", template_folder="templates")

READER = "audit"
A_PAGE = 100
SHOWN_DAYS = 7
LONGEST_WORDS = 60
OUTCOMES = {"": "全部", "done": "成功", "refused": "失败或拒绝"}
# Half a million rows take a process some four seconds.
PATIENCE = 600.0


@blueprint.get("")
@allow(READER)
def listed() -> ResponseReturnValue:
    """Show the rows of some days, the newest first, page by page."""
    return _page()


def _page(refusal: NotAllowed | None = None) -> str:
    asked, before = _asked(), request.args.get("before", 0, type=int)
    wanted = _wanted(asked)
    found = ask_audit(lambda log: log.find(wanted, before, A_PAGE + 1))
    query = {name: text for name, text in asked.items() if text}
    return render_template(
        "audit/audit.html",
        rows=[_shown(each) for each in found[:A_PAGE]],
        asked=asked,
        query=urlencode(query),
        older=urlencode({**query, "before": found[A_PAGE - 1].number})
        if len(found) > A_PAGE
        else "",
        newest=not before,
        sorts=words.SORTS,
        outcomes=OUTCOMES,
        verbs=sorted(set(words.WORDS.values())),
        standing=_standing(),
        checked=_checked(audit().checked),
        refusal=refusal,
        **frame("audit", (READER,)),
    )


def _asked() -> dict[str, str]:
    today = days.day_of(rooms().clock(), config().hall.zone)
    last = _day(request.args.get("last", ""), today)
    first = _day(request.args.get("first", ""), days.day_before(last, SHOWN_DAYS - 1))
    told = {
        name: request.args.get(name, "").strip()[:LONGEST_WORDS]
        for name in ("who", "sort", "verb", "words", "outcome")
    }
    told["sort"] = told["sort"] if told["sort"] in words.SORTS else ""
    told["outcome"] = told["outcome"] if told["outcome"] in OUTCOMES else ""
    return {"first": min(first, last), "last": last, **told}


def _day(text: str, otherwise: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return otherwise


def _wanted(asked: dict[str, str]) -> Wanted:
    zone = config().hall.zone
    return Wanted(
        days.first_instant(asked["first"], zone),
        days.first_instant(days.next_day(asked["last"]), zone),
        _number_of(asked["who"]),
        words.verbs_that(asked["sort"], asked["verb"]),
        asked["words"],
        {"done": False, "refused": True}.get(asked["outcome"]),
    )


def _number_of(typed: str) -> str:
    """Return the staff number of whoever is named so, else what was typed."""
    named = [each.staff_number for each in register().catalogue().people if each.name == typed]
    return named[0] if len(named) == 1 else typed


# -- what is shown of a row --------------------------------------------------------------------


def _shown(row: Row) -> dict[str, Any]:
    entry = row.entry
    at = days.local(entry.at, config().hall.zone)
    sort = words.sort_of(entry.verb)
    return {
        "number": row.number,
        "day": f"{at:%m-%d}",
        "time": f"{at:%H:%M:%S}",
        "at": f"{at:%Y-%m-%d %H:%M:%S}",
        "who": _who(entry.kind, entry.who),
        "id": entry.who,
        "role": words.ROLES.get(entry.role, entry.role) or words.KINDS[entry.kind],
        "window": entry.window,
        "address": entry.address,
        "sort": sort,
        "sort_word": words.SORTS[sort],
        "verb": words.words_of(entry.verb),
        "target": entry.target,
        "detail": entry.detail,
        "code": entry.code,
        "code_words": words.CODES.get(entry.code, words.REFUSED),
        "hash": row.hash.hex(),
    }


def _who(kind: str, number: str) -> str:
    catalogue = register().catalogue()
    if kind == "person":
        return catalogue.person[number].name if number in catalogue.person else number
    if kind == "device":
        named = (each.name for each in catalogue.devices if str(each.id) == number)
        return next(named, f"设备 {number}")
    return number or words.KINDS[kind]


def _standing() -> dict[str, Any]:
    """Return how far the log goes: its first and last row, and how long it is kept."""
    log, zone = audit(), config().hall.zone
    oldest, head = log.rows.oldest(), log.rows.head()
    return {
        "first": oldest[0] if oldest else 0,
        "since": f"{days.local(oldest[1], zone):%Y-%m-%d}" if oldest else "",
        "last": head.number,
        "hash": head.hash.hex()[:16],
        "months": config().audit.keep_months,
        "lost": rooms().auditing.lost,
        "down": rooms().auditing.down,
    }


def _checked(checked: Checked | None) -> dict[str, Any] | None:
    if checked is None:
        return None
    at = days.local(checked.at, config().hall.zone)
    return {**checked._asdict(), "at": f"{at:%Y-%m-%d %H:%M:%S}"}


# -- check and export --------------------------------------------------------------------------


@blueprint.post("/verify")
@allow(READER)
def verify() -> ResponseReturnValue:
    """Go through the whole chain in a process of its own, and show what was found."""
    checked = Checked(**json.loads(_beside("verify", {})))
    audit().checked = checked
    if checked.faults:
        refused("chain_broken")
        note(detail=f"发现 {len(checked.faults)} 处问题：{checked.faults[0]}")
    else:
        note(detail=f"第 {checked.first} 至 {checked.last} 条完好")
        say(f"已核对 {checked.rows:,} 条，全部完好。")
    return see_other("/audit")


@blueprint.get("/export.<kind>")
@allow(READER)
def export(kind: str) -> ResponseReturnValue:
    """Send the rows asked for as a file that can be checked by itself."""
    if kind not in TYPES:
        raise NotFound("unknown_kind", "文件只有 csv 和 xlsx 两种。")
    asked, hall = _asked(), register().hall()
    wanted = _wanted(asked)
    wish = {
        "kind": kind,
        "wanted": {
            "since": wanted.since,
            "until": wanted.until,
            "who": wanted.who,
            "verbs": wanted.verbs,
            "words": wanted.words,
            "refused": wanted.refused,
        },
        "title": f"{hall.name}审计日志 {asked['first']} 至 {asked['last']}",
        "made_at": days.iso(rooms().clock(), config().hall.zone),
    }
    # the secret is made here: the process that writes the file only reads the hall's
    register().secret("audit")
    content = _beside("export", wish)
    if content.startswith(b"{"):
        told = json.loads(content)
        refusal = NotAllowed(told["code"], told["message"])
        return _page(refusal), status_of(refusal)
    span = f"{asked['first']}-{asked['last']}"
    name = f"审计日志-{span}{'（演示）' if hall.demo else ''}.{kind}"
    plain = f"audit-{span}{'-demo' if hall.demo else ''}.{kind}"
    return attachment(content, TYPES[kind], name, plain)


def _beside(what: str, wish: dict[str, Any]) -> bytes:
    """Let a process of its own read the file: a long log would hold up every screen."""
    told = {
        **wish,
        "database": str(rooms().database.absolute()),
        "zone": config().hall.timezone,
        "now": rooms().clock(),
    }
    given = json.dumps(told, ensure_ascii=False).encode()
    try:
        return in_process("audit.export", what, given=given, longest=PATIENCE)
    except WorkFailed as trouble:
        raise NotAllowed("check_failed", "读取审计日志没有完成，请重试。") from trouble
