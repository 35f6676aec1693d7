"""Pairing: a manager types the code a screen shows, compares its number, and says what it is."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from hall.catalogue import Device
from hall.days import MINUTE
from hall.refusals import NotAllowed, NotFound
from manager.devices import PRINTER, ROLES, SHEET, place_of
from manager.forms import columns_on_form, empty, form, read
from manager.who import by, frame, given, say, see_other
from web.access import allow
from web.current import register, rooms
from web.pairing import Waiting, plain

blueprint = Blueprint("pairing", __name__, url_prefix="/pair")

# Codes nobody shows, typed by one person and by all: 40 bits are not found by trying.
WRONG_MOST, WRONG_OF_ALL, WRONG_WITHIN = 10, 60, 10 * MINUTE
# Programs hold a key of their own; whoever manages signs in with a name.
NOT_PAIRED = ("program",)


@blueprint.get("")
@allow("manager")
def page() -> ResponseReturnValue:
    """Ask for the code; show whoever shows it, to be compared and named."""
    code = plain(request.args.get("code", ""))
    if not code:
        return _ask("")
    try:
        waiting = _of_code(code)
    except NotAllowed as refusal:
        return _ask(refusal.message, code), 404 if isinstance(refusal, NotFound) else 429
    if waiting.device is not None:
        return _done(waiting)
    wanted = request.args.get("device", "")
    return _form(waiting, {**empty(SHEET), "role": [""], "device": [wanted]}, {})


@blueprint.post("")
@allow("manager")
def pair() -> ResponseReturnValue:
    """Let the browser that shows a code be a device."""
    typed = given()
    waiting = _of_code(plain(request.form.get("code", "")))
    if waiting.device is not None:
        return _done(waiting)  # the form came twice
    device, errors = _chosen(typed)
    if device is None:
        return _form(waiting, typed, errors), 422
    saved = register().pair(device, by(), waiting.address, waiting.browser)
    rooms().pairings.join(waiting, saved.id or 0)
    rooms().sockets.cut_void()
    return _done(waiting)


def _of_code(code: str) -> Waiting:
    limits, who = rooms().limits, by()
    limits.check("pairing code", who, WRONG_MOST, WRONG_WITHIN)
    limits.check("pairing code", "*", WRONG_OF_ALL, WRONG_WITHIN)
    try:
        return rooms().pairings.of_code(code)
    except NotFound:
        limits.count("pairing code", who, WRONG_WITHIN)
        limits.count("pairing code", "*", WRONG_WITHIN)
        raise


def _done(waiting: Waiting) -> ResponseReturnValue:
    found = next((each for each in _devices() if each.id == waiting.device), None)
    name = found.name if found else ""
    say(f"“{name}”已配对，屏幕几秒内打开它的页面。没有打开时，请看那块屏幕上的提示。")
    return see_other("/manager/devices")


def _devices() -> list[Device]:
    return [each for each in register().catalogue().devices if each.role not in NOT_PAIRED]


def _chosen(typed: dict[str, list[str]]) -> tuple[Device | None, dict[str, str]]:
    """Return the device that is chosen from the list, or the new one that is described."""
    number = (typed.get("device") or [""])[0]
    if number:
        known = next((each for each in _devices() if str(each.id) == number), None)
        return known, {} if known else {"device": "没有这台设备，请重新选择。"}
    device, errors = read(SHEET, register().catalogue(), typed, None)
    if device and device.role in NOT_PAIRED:
        errors = {"role": "接口程序用密钥，不用配对：请用“添加设备”。"}
    elif device and device.printer and not PRINTER.fullmatch(device.printer):
        errors = {"printer": "打印机地址写成 tcp://地址:9100?paper=80 的样子。"}
    return (None if errors or device is None else replace(device, id=None)), errors


def _ask(refused: str, code: str = "") -> str:
    return render_template(
        "manager/pair_code.html",
        refused=refused,
        code=code,
        device=request.args.get("device", ""),
        **frame("devices"),
    )


def _form(waiting: Waiting, typed: dict[str, list[str]], errors: dict[str, str]) -> str:
    catalogue = register().catalogue()
    fields = form(SHEET, catalogue, typed, new=True)
    return render_template(
        "manager/pair.html",
        waiting=waiting,
        minutes=max(1, rooms().pairings.seconds_left(waiting) // 60),
        chosen=(typed.get("device") or [""])[0],
        groups=_groups(),
        fields=[_without_programs(each) for each in fields],
        labels={"device": "登记为"} | {each.field: each.heading for each in columns_on_form(SHEET)},
        errors=errors,
        **frame("devices"),
    )


def _without_programs(field: Any) -> Any:
    if field.name != "role":
        return field
    offered = [each for each in field.options if each[0] not in NOT_PAIRED]
    return replace(field, options=tuple(offered))


def _groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the devices to choose from: those that wait first, then those to be replaced."""
    free: list[tuple[str, str]] = []
    taken: list[tuple[str, str]] = []
    for each in _devices():
        if not each.active:
            continue
        place = place_of(each)
        words = f"{each.name}（{ROLES[each.role]}{f' · {place}' if place else ''}）"
        held = register().device(each.id or 0) is not None
        (taken if held else free).append((str(each.id), words))
    told = [("已登记、还没有配对的", free), ("换机：原来的屏幕随即退出", taken)]
    return [(word, those) for word, those in told if those]
