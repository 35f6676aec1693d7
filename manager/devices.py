"""Devices: a key minted and shown once, revoked, when last seen, how its printer is."""

import re
import secrets
from collections import OrderedDict
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from hall import days
from hall.catalogue import Device
from hall.refusals import NotFound, NotValid
from hall.register import Paired
from kiosk.slip import SlipFacts, slip
from manager.cells import DEVICE_WORDS
from manager.forms import SHEET_OF, columns_on_form, empty, form, read, shown, window_word
from manager.items import others_changes, said_meanwhile
from manager.meanwhile import BASE, packed
from manager.who import by, frame, given, say, see_other
from web.access import allow
from web.browsers import browser_word
from web.current import config, printers, register, rooms
from web.qr import qr

blueprint = Blueprint("devices", __name__, url_prefix="/devices")

SHEET = SHEET_OF["devices"]
ROLES = {code: word for word, code in DEVICE_WORDS.items()}
PRINTER = re.compile(r"tcp://[^\s/?#@]+(\?\S*)?|fake:\S*")
# Hosts that name whatever machine they are opened on.
LOCAL = ("127.", "::1")
ONLINE_WITHIN = 2 * days.MINUTE
# What a printer says, as a badge: its meaning and its word.
CONDITIONS = {
    "ok": ("serving", "正常"),
    "near_end": ("called", "纸将用完"),
    "out_of_paper": ("alarm", "缺纸"),
    "off": ("alarm", "连不上"),
    "trouble": ("alarm", "有故障"),
    "unknown": ("", "未知"),
}
NOT_IN_USE = ("", "未启用")
# When a device was heard of is kept in memory alone.
NOT_SINCE_START = "启动后尚未连接"
# A form that minted a key and comes again (a reload) makes no second one.
_MOST_TAPS = 100


@blueprint.get("")
@allow("manager")
def listing() -> ResponseReturnValue:
    """Show all devices, those in use first."""
    devices = sorted(register().catalogue().devices, key=lambda each: not each.active)
    paired = register().paired()
    rows = [_row(each) | _origin(each.id or 0, paired.get(each.id or 0)) for each in devices]
    return render_template("manager/devices.html", rows=rows, **frame("devices"))


def _row(device: Device) -> dict[str, Any]:
    seen = rooms().door.seen.get(device.id or 0)
    state, word = _state(device, seen)
    has_key = register().device(device.id or 0) is not None
    return {
        "id": device.id,
        "name": device.name,
        "active": device.active,
        "role_word": ROLES[device.role],
        "place": place_of(device),
        "state": state,
        "has_key": has_key,
        "state_word": word,
        "seen_at": seen,
        "seen_words": NOT_SINCE_START if seen is None and has_key else _seen_words(seen),
        **_printer(device),
    }


def _origin(number: int, paired: Paired | None) -> dict[str, Any]:
    """Return where a device is, in what browser, and who paired it when."""
    address, agent = rooms().door.seen_from.get(number, ("", ""))
    browser = browser_word(agent) if agent else paired.browser if paired else ""
    person = register().catalogue().person.get(paired.who) if paired else None
    return {
        "address": address or (paired.address if paired else ""),
        "browser": browser,
        "paired_at": paired.at if paired else None,
        "paired_words": _seen_words(paired.at) if paired else "",
        "paired_by": (person.name if person else paired.who) if paired else "",
    }


def place_of(device: Device) -> str:
    """Return where a device stands: its window or its zone."""
    catalogue = register().catalogue()
    if device.window is not None:
        window = catalogue.window.get(device.window)
        return window_word(window) if window else f"{device.window}号"
    zone = catalogue.zone.get(device.zone or "")
    return zone.name if zone else ""


def _state(device: Device, seen: int | None) -> tuple[str, str]:
    if not device.active:
        return "", "已停用"
    if register().awaits_key(device):
        return "", "待配对"
    if seen is not None and rooms().clock() - seen <= ONLINE_WITHIN:
        return "serving", "在线"
    return "", "未连接"


def _seen_words(seen: int | None) -> str:
    if seen is None:
        return "尚未连接"
    zone = config().hall.zone
    at, now = days.local(seen, zone), days.local(rooms().clock(), zone)
    same_day = at.date() == now.date()
    return f"{at:%H:%M}" if same_day else f"{at.month}月{at.day}日 {at:%H:%M}"


def printers_in_use() -> list[str]:
    """Return how the printers in use are, one a device: what the list shows and others count."""
    devices = register().catalogue().devices
    return [_condition(each.printer)[0] for each in devices if register().prints(each)]


def _condition(address: str) -> tuple[str, Any]:
    known = printers().states() if printers() is not None else {}
    found = known.get(address.strip())
    return (str(found.condition) if found else "unknown"), found


def _printer(device: Device) -> dict[str, Any]:
    if not device.printer:
        return {"printer": "", "printer_state": "", "printer_word": "", "printer_detail": ""}
    condition, found = _condition(device.printer)
    state, word = CONDITIONS[condition] if register().prints(device) else NOT_IN_USE
    detail = found.trouble if found else "还没有询问过这台打印机。"
    return {
        "printer": device.printer,
        "printer_state": state,
        "printer_word": word,
        "printer_detail": detail or device.printer,
    }


def _device(number: int) -> Device:
    for each in register().catalogue().devices:
        if each.id == number:
            return each
    raise NotFound("unknown_device", "没有这台设备。请返回设备列表查看。")


# -- add and change ----------------------------------------------------------------------------


@blueprint.route("/new", methods=["GET", "POST"])
@allow("manager")
def adding() -> ResponseReturnValue:
    """Show the empty form; mint the key of the filled one."""
    if request.method == "GET":
        role = request.args.get("role", "")
        return _page(None, {**empty(SHEET), "role": [role if role in ROLES else ""]}, {})
    typed = given()
    if known := _taps().get(request.form.get("tap", "")):
        say("这台设备已经添加。密钥只显示一次；没有记下时请换发密钥。")
        return see_other(f"/manager/devices/{known}")
    device, errors = _read(typed, None)
    if device is None:
        return _page(None, typed, errors), 422
    made, key = register().mint_key(
        device.role, device.name, device.window, device.zone, device.printer, by()
    )
    _remember_tap(request.form.get("tap", ""), made)
    return _key_page(made, key)


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@allow("manager")
def editing(number: int) -> ResponseReturnValue:
    """Show a device; take its changed form."""
    old = _device(number)
    if request.method == "GET":
        return _page(old, shown(SHEET, old), {})
    typed = given()
    device, errors = _read(typed, old)
    if device is None:
        return _page(old, typed, errors, opened_with="".join(typed.get(BASE, ()))), 422
    if found := others_changes(SHEET, typed, old):
        texts, *_, meanwhile = said_meanwhile(SHEET, old, typed, found)
        return _page(old, texts, {}, meanwhile=meanwhile), 409
    register().save(device, by())
    say(f"设备“{device.name}”已保存。")
    return see_other("/manager/devices")


def _read(typed: dict[str, list[str]], old: Device | None) -> tuple[Any, dict[str, str]]:
    device, errors = read(SHEET, register().catalogue(), typed, old)
    if device and device.printer and not PRINTER.fullmatch(device.printer):
        errors = {
            "printer": f"“{device.printer}”不是打印机地址。写成 tcp://地址:9100?paper=80 的样子。"
        }
    return (None if errors else device), errors


def _taps() -> "OrderedDict[str, int]":
    taps: OrderedDict[str, int] = current_app.extensions.setdefault("manager-taps", OrderedDict())
    return taps


def _remember_tap(tap: str, device: Device) -> None:
    if tap and device.id is not None:
        _taps()[tap] = device.id
        while len(_taps()) > _MOST_TAPS:
            _taps().popitem(last=False)


def _page(
    device: Device | None,
    texts: dict[str, list[str]],
    errors: dict[str, str],
    *,
    meanwhile: dict[str, Any] | None = None,
    opened_with: str = "",
) -> str:
    return render_template(
        "manager/device.html",
        device=device,
        shown=_row(device) | _origin(device.id or 0, register().paired().get(device.id or 0))
        if device
        else {},
        heading=device.name if device else "添加设备",
        fields=form(SHEET, register().catalogue(), texts, new=device is None),
        labels={each.field: each.heading for each in columns_on_form(SHEET)},
        errors=errors,
        meanwhile=meanwhile,
        opened_with=opened_with or (packed(shown(SHEET, device)) if device else ""),
        tap=secrets.token_urlsafe(12),
        **frame("devices"),
    )


# -- keys --------------------------------------------------------------------------------------


@blueprint.post("/<int:number>/key")
@allow("manager")
def new_key(number: int) -> ResponseReturnValue:
    """Give a device a new key, in place of the old one; a revoked device comes back with it."""
    device, tap = _device(number), request.form.get("tap", "")
    if tap in _taps():
        say("密钥已经换发，只显示一次；没有记下时请再换发一次。")
        return see_other(f"/manager/devices/{number}")
    if not device.active:
        register().save(replace(device, active=True), by())
    key = register().new_key(number, by())
    _remember_tap(tap, device)
    rooms().sockets.cut_void()
    return _key_page(device, key)


@blueprint.get("/<int:number>/key")
@allow("manager")
def no_key_again(number: int) -> ResponseReturnValue:
    """Lead whoever comes back to a key's page to the device: a key is shown once."""
    return see_other(f"/manager/devices/{number}")


@blueprint.post("/<int:number>/revoke")
@allow("manager")
def revoke(number: int) -> ResponseReturnValue:
    """Take a device's key away, once that is confirmed; its open pages are cut off."""
    device = _device(number)
    if request.form.get("confirm") != "是":
        raise NotValid("not_confirmed", "请先勾选确认，再停用设备。")
    register().revoke(number, by())
    rooms().sockets.cut_void()
    say(f"设备“{device.name}”已停用，密钥失效。")
    return see_other("/manager/devices")


def _key_page(device: Device, key: str) -> ResponseReturnValue:
    base = config().hall.public_url or request.host_url.rstrip("/")
    link = f"{base}/enter#{key}"
    host = urlsplit(base).hostname or ""
    page = render_template(
        "manager/key.html",
        device=device,
        role_word=ROLES[device.role],
        stands=place_of(device),
        key=key,
        link=link,
        qr=qr(link),
        only_here=host == "localhost" or host.startswith(LOCAL),
        **frame("devices"),
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


# -- printers ----------------------------------------------------------------------------------


@blueprint.post("/<int:number>/test-slip")
@allow("manager")
def test_slip(number: int) -> ResponseReturnValue:
    """Print a slip that is no ticket, and say what became of it."""
    device = _device(number)
    if not device.printer or printers() is None:
        raise NotFound("no_printer", "这台设备没有登记打印机。请先填写打印机地址并保存。")
    hall = register().hall()
    facts = SlipFacts(
        hall=hall.name,
        number="测试",
        service="打印测试，不是号票",
        windows=device.name,
        people_ahead=0,
        expected_wait=None,
        taken_at=days.iso(rooms().clock(), config().hall.zone)[:16].replace("T", " "),
        demo=hall.demo,
    )
    job = printers().submit(device.printer, partial(slip, facts))
    outcome = job.wait(config().paper.wait_seconds)
    said = {
        "printed": "测试小票已打印，请到打印机旁查看。",
        "printing": "测试小票已送出，打印机还没有回话。请稍候查看打印机状态。",
        "failed": f"测试小票没有打出：{job.detail}",
    }
    say(said[outcome])
    return see_other(f"/manager/devices/{number}")
