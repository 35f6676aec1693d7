"""The pages of the monitor: the whole hall at one look, the ledger of alarms, the rules."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.cells import TYPES
from hall.refusals import NotAllowed, NotFound
from monitor import board, rules
from monitor.course import Alarm
from monitor.export import TABLE, inspection_number, outcome
from monitor.monitor import Wanted
from monitor.rules import KINDS, Kind, Level, Rule, RuleSet
from monitor.sight import minutes_of
from monitor.sightings import Sighting, level_of, sightings
from web.access import allow, signed_in, with_role
from web.aside import in_process
from web.current import config, monitor, register, rooms
from web.errors import status_of
from web.files import attachment
from web.office import by, frame, say, see_other

blueprint = Blueprint("monitor", __name__, url_prefix="/monitor", template_folder="templates")

WATCHERS = ("inspector", "leader", "manager")
NUMBERS = ("yellow", "red", "least", "escalate_minutes")


# -- the whole hall ----------------------------------------------------------------------------


@blueprint.get("")
@allow(*WATCHERS)
def page() -> ResponseReturnValue:
    """Show the whole hall at one look."""
    return _page()


def _page(refusal: NotAllowed | None = None) -> str:
    return render_template(
        "monitor/monitor.html",
        board=monitor().board(),
        states=board.STATES,
        refusal=refusal,
        **frame("monitor", WATCHERS),
    )


@blueprint.get("/board.json")
@allow(*WATCHERS)
def board_now() -> ResponseReturnValue:
    """Tell all that the page shows; it asks every four seconds."""
    answer = jsonify(monitor().board())
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/alarms/<int:number>/acknowledge")
@allow(*WATCHERS)
def acknowledge(number: int) -> ResponseReturnValue:
    """Note who knows of an alarm and what is done."""
    try:
        alarm = monitor().acknowledge(number, request.form.get("words", ""), by(*WATCHERS))
    except NotAllowed as refusal:
        return _page(refusal), status_of(refusal)
    say(f"已确认：{alarm.said}")
    return see_other("/monitor")


# -- the ledger --------------------------------------------------------------------------------


@blueprint.get("/alarms")
@allow(*WATCHERS)
def ledger() -> ResponseReturnValue:
    """Show the alarms of some days."""
    wanted = _wanted()
    found = monitor().find(wanted)
    return render_template(
        "monitor/alarms.html",
        wanted=wanted,
        rows=[_row(each) for each in found],
        red=sum(each.level is Level.RED for each in found),
        kinds={each.value: KINDS[each].name for each in Kind},
        windows=[each.no for each in register().catalogue().windows],
        query=request.query_string.decode(),
        **frame("monitor", WATCHERS),
    )


@blueprint.get("/alarms.<kind>")
@allow(*WATCHERS)
def ledger_file(kind: str) -> ResponseReturnValue:
    """Hand the same alarms out as a file."""
    if kind not in TYPES:
        raise NotFound("unknown_kind", "文件只有 csv 和 xlsx 两种。")
    wanted, hall = _wanted(), register().hall()
    made_at = days.iso(rooms().clock(), config().hall.zone)
    asked = TABLE.asked(monitor().table11(wanted), f"{hall.name}电子监察", made_at)
    content = in_process("hall.standard_table", kind, given=asked)
    span = f"{wanted.first}-{wanted.last}"
    name = f"电子监察-{span}{'（演示）' if hall.demo else ''}.{kind}"
    plain = f"alarms-{span}{'-demo' if hall.demo else ''}.{kind}"
    return attachment(content, TYPES[kind], name, plain)


def _wanted() -> Wanted:
    today = days.day_of(rooms().clock(), config().hall.zone)
    first = _day(request.args.get("first", ""), today)
    last = max(first, _day(request.args.get("last", ""), today))
    kind = request.args.get("kind", "")
    window = request.args.get("window", "", type=str)
    return Wanted(
        first,
        last,
        kind if kind in {each.value for each in Kind} else "",
        int(window) if window.isascii() and window.isdigit() and len(window) < 6 else None,
    )


def _day(text: str, otherwise: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return otherwise


def _row(alarm: Alarm) -> dict[str, Any]:
    zone, catalogue = config().hall.zone, register().catalogue()
    ended = alarm.cleared_at
    lasted = minutes_of((ended or rooms().clock()) - alarm.began_at)
    return {
        "id": alarm.id,
        "number": inspection_number(alarm),
        "at": f"{days.local(alarm.began_at, zone):%m-%d %H:%M}",
        "kind": KINDS[alarm.kind].name,
        "level": alarm.level.value,
        "level_word": alarm.level.chinese,
        "said": alarm.said,
        "window": alarm.window,
        "outcome": outcome(alarm, catalogue, zone),
        "stands": ended is None,
        "minutes": lasted,
        "version": alarm.rule_version,
        "camera": monitor().camera.link(alarm.window, alarm.began_at, zone),
    }


# -- the rules ---------------------------------------------------------------------------------


@blueprint.get("/rules")
@allow(*WATCHERS)
def rules_page() -> ResponseReturnValue:
    """Show the rules in force, or those of a version."""
    version = request.args.get("version", type=int)
    return _rules_page(monitor().rules(version))


def _rules_page(
    shown: RuleSet,
    refusal: NotAllowed | None = None,
    typed: dict[str, str] | None = None,
    preview: dict[str, Any] | None = None,
) -> str:
    in_force = monitor().rules()
    people, zone = register().catalogue().person, config().hall.zone
    shell = frame("monitor", WATCHERS)
    return render_template(
        "monitor/rules.html",
        shown=shown,
        in_force=in_force,
        rows=[_rule_row(shown.of(each), typed) for each in Kind],
        may_edit=_may_edit() and shown.version == in_force.version,
        note=typed.get("note", "") if typed else "",
        note_length=rules.NOTE_LENGTH,
        versions=[
            {
                "version": version,
                "at": f"{days.local(at, zone):%Y-%m-%d %H:%M}",
                "by": people[who].name if who in people else who or "系统",
                "note": note,
            }
            for version, at, who, note in monitor().versions()
        ],
        refusal=refusal,
        preview=preview,
        **shell,
    )


def _may_edit() -> bool:
    return bool(with_role(signed_in(), ("manager",)))


def _rule_row(rule: Rule, typed: dict[str, str] | None) -> dict[str, Any]:
    kind = rule.kind
    return {
        "kind": kind.value,
        "told": KINDS[kind],
        "active": f"{kind.value}.active" in typed if typed else rule.active,
        **{
            name: typed.get(f"{kind.value}.{name}", "") if typed else getattr(rule, name)
            for name in NUMBERS
        },
    }


@blueprint.post("/rules/preview")
@allow("manager")
def preview_rules() -> ResponseReturnValue:
    """Show what a new version changes, and which alarms would stand by it now."""
    typed = request.form.to_dict()
    current = monitor().rules()
    try:
        new, _ = rules.check(_read(current, typed), typed.get("note", ""))
        rules.check_changed(current.rules, new)
    except NotAllowed as refusal:
        return _rules_page(current, refusal, typed), status_of(refusal)
    draft = replace(current, rules=new)
    seen = monitor().look()
    told = {
        "changes": rules.differences(current.rules, new),
        "now": _counts(sightings(seen, current), current),
        "then": _counts(sightings(seen, draft), draft),
    }
    return _rules_page(current, typed=typed, preview=told)


@blueprint.post("/rules/save")
@allow("manager")
def save_rules() -> ResponseReturnValue:
    """Put a new version of the rules in force."""
    typed, current = request.form.to_dict(), monitor().rules()
    based_on = request.form.get("version", type=int) or 0
    try:
        saved = monitor().change_rules(
            _read(current, typed), typed.get("note", ""), based_on, by("manager")
        )
    except NotAllowed as refusal:
        return _rules_page(current, refusal, typed), status_of(refusal)
    say(f"第 {saved.version} 版规则已生效。已经发生的告警仍按当时的规则记录。")
    return see_other("/monitor/rules")


def _counts(seen: list[Sighting], by_rules: RuleSet) -> dict[str, int]:
    levels = [level_of(each, by_rules) for each in seen]
    return {each.value: levels.count(each) for each in Level}


def _read(current: RuleSet, typed: dict[str, str]) -> list[Rule]:
    """Return the rules of a form; what has no field keeps its value."""
    return [_rule(current.of(kind), typed) for kind in Kind]


def _rule(was: Rule, typed: dict[str, str]) -> Rule:
    def number(name: str) -> int:
        text = typed.get(f"{was.kind.value}.{name}")
        return int(getattr(was, name)) if text is None else rules.number(text, was.kind, name)

    return Rule(
        was.kind,
        number("yellow"),
        number("red"),
        number("least"),
        number("escalate_minutes"),
        active=f"{was.kind.value}.active" in typed,
    )
