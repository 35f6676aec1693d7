"""The help desk's pages: find a ticket, act on it, take one for somebody, see the hall."""

import unicodedata
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial

from apiflask import APIBlueprint
from flask import Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from hall import days
from hall.catalogue import Service
from hall.priorities import CLASSES
from hall.refusals import NotAllowed, NotFound, NotValid
from hall.tickets import Assisted
from helpdesk import paper, told
from helpdesk.pages import dossier_of, glance_now, in_short, page, services_to_choose, ticket_now
from helpdesk.who import ROLES, acting, by, done_before, remember, say
from web.access import allow
from web.current import config, desk, register, rooms
from web.errors import status_of, wants_json
from web.views import own_path

blueprint = APIBlueprint(
    "helpdesk",
    __name__,
    url_prefix="/helpdesk",
    template_folder="templates",
    enable_openapi=False,
)

MISSED_SHOWN = 8
FOUND_MOST = 20  # as many as the desk finds
LATER_IS_A_COPY = 10 * days.MINUTE
# Staff may go on with a reason; what else is refused stays so (queue-rules 4).
MAY_BE_OVERRIDDEN = ("taking_stopped", "wait_too_long", "quota_used")
FIELD_OF = {
    "unknown_service": "service",
    "hall_closed": "service",
    "service_closed": "service",
    "day_ended": "service",
    "no_window": "service",
    "no_open_window": "service",
    "unknown_priority": "priority",
    "basis_missing": "basis",
    "basis_too_long": "basis",
    "helper_missing": "helper",
    "name_too_long": "holder",
    "bad_phone": "phone",
    "bad_id_number": "id_number",
    **dict.fromkeys(MAY_BE_OVERRIDDEN, "override"),
}
FIELDS = ("service", "priority", "basis", "helper", "holder", "phone", "id_number", "override")


# -- what is shown -----------------------------------------------------------------------------


@blueprint.get("")
@allow(*ROLES)
def home() -> ResponseReturnValue:
    """Show the search, and what it found; one ticket is shown whole at once."""
    text = unicodedata.normalize("NFKC", request.args.get("q", "")).strip()
    found = desk().find(text) if text else []
    exact = [each for each in found if each.number == text.upper()] or found
    if len(exact) == 1:
        return redirect(f"/helpdesk/tickets/{exact[0].id}", 303)
    return page(
        "helpdesk/home.html",
        text=text,
        found=[in_short(each) for each in found],
        most=FOUND_MOST,
        missed=[] if text else [in_short(each) for each in desk().missed_lately(MISSED_SHOWN)],
    )


@blueprint.get("/now.json")
@allow(*ROLES)
def now() -> Response:
    """Say what the page's figures are now, and whether the ticket on it has changed."""
    number = request.args.get("ticket", type=int)
    return jsonify(
        now=told.clock(rooms().clock(), config().hall.zone),
        glance=glance_now(),
        day_ended=desk().is_day_ended(),
        ticket=ticket_now(number) if number is not None else None,
    )


@blueprint.get("/tickets/<int:ticket>")
@allow(*ROLES)
def dossier(ticket: int) -> ResponseReturnValue:
    """Show a ticket: where it is, what happened to it, and what may be done."""
    return dossier_of(ticket)


@blueprint.get("/tickets/<int:ticket>/slip.png")
@allow(*ROLES)
def slip_picture(ticket: int) -> Response:
    """Show the slip as it would be printed; marked, unless the ticket was just taken."""
    found = desk().ticket(ticket)
    late = rooms().clock() - found.taken_at > LATER_IS_A_COPY
    copy = late or request.args.get("copy") == "1"
    return Response(paper.picture(found, copy=copy), mimetype="image/png")


# -- a ticket for somebody ---------------------------------------------------------------------


@blueprint.get("/issue")
@allow(*ROLES)
def issue_form() -> ResponseReturnValue:
    """Show the form of a ticket for somebody."""
    return _issue_form({"service": request.args.get("service", "")})


def _issue_form(typed: dict[str, str], refused: NotAllowed | None = None) -> str:
    tap = request.form.get("tap", "")
    return page(
        "helpdesk/issue.html",
        **({"tap": tap} if tap else {}),
        typed=typed,
        refused=refused,
        wrong=FIELD_OF.get(refused.code, "") if refused else "",
        may_override=bool(refused and refused.code in MAY_BE_OVERRIDDEN)
        or bool(typed.get("override")),
        services=services_to_choose(),
        classes=[(code, CLASSES[code]) for code in config().queue.priority_classes],
        once=config().queue.once_per_service,
    )


@blueprint.post("/tickets")
@allow(*ROLES)
def issue() -> ResponseReturnValue:
    """Take a ticket for somebody and print it; the same tap is the same ticket."""
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    try:
        issued = desk().issue(
            _service(typed["service"]).code,
            request.form.get("tap", ""),
            phone=typed["phone"] or None,
            id_number=typed["id_number"] or None,
            assisted=_assisted(typed),
            source="help_desk",
            device=int(acting().id) if acting().kind == "device" else None,
        )
    except NotAllowed as refusal:
        return _refused(refusal, partial(_issue_form, typed))
    ticket = issued.ticket
    paper.print_first(ticket, issued.notice)
    if issued.fresh:
        say(f"已取号 {ticket.number}，{_ahead(issued.people_ahead)}{issued.notice}")
    return redirect(f"/helpdesk/tickets/{ticket.id}?slip=first", 303)


def _service(code: str) -> Service:
    if not code:
        raise NotValid("unknown_service", "请选择要办的业务。")
    found = register().catalogue().service.get(code)
    if found is None:
        raise NotFound("unknown_service", f"没有业务“{code[:40]}”，请从列表中选择。")
    return found


def _assisted(typed: dict[str, str]) -> Assisted:
    if typed["priority"] == "proxy" and not typed["helper"]:
        raise NotValid("helper_missing", "代办请写明代办人的姓名。")
    if typed["basis"] and not typed["priority"]:
        raise NotValid("unknown_priority", "写了优先凭证，请同时选择优先类别；不优先则把凭证清空。")
    return Assisted(
        priority=typed["priority"],
        basis=typed["basis"],
        helper=typed["helper"],
        holder=typed["holder"],
        override=typed["override"],
        by=by(),
    )


def _ahead(people: int) -> str:
    return f"前面 {people} 人。" if people else "前面没有人。"


# -- acts on a ticket --------------------------------------------------------------------------


@blueprint.post("/tickets/<int:ticket>/return")
@allow(*ROLES)
def bring_back(ticket: int) -> ResponseReturnValue:
    """Let somebody wait again who was missed or held."""

    def verb() -> str:
        issued = desk().bring_back(ticket, request.form.get("reason", ""), by=by())
        return f"{issued.ticket.number} 号已返回队列，{_ahead(issued.people_ahead)}"

    return _act(ticket, "return", verb)


@blueprint.post("/tickets/<int:ticket>/line")
@allow(*ROLES)
def change_line(ticket: int) -> ResponseReturnValue:
    """Move a ticket to the line of another service."""

    def verb() -> str:
        service = _service(request.form.get("service", ""))
        if service.code == desk().ticket(ticket).service:
            raise NotValid("same_service", "已经是这项业务，请另选。")
        reason = request.form.get("reason", "")
        issued = desk().change_line(ticket, service.code, reason, by=by())
        number = issued.ticket.number
        return f"{number} 号已改为“{service.name}”，{_ahead(issued.people_ahead)}号码不变。"

    return _act(ticket, "line", verb)


@blueprint.post("/tickets/<int:ticket>/priority")
@allow(*ROLES)
def prefer(ticket: int) -> ResponseReturnValue:
    """Give a ticket a priority class with the basis that was seen."""

    def verb() -> str:
        if not (chosen := request.form.get("priority", "")):
            raise NotValid("unknown_priority", "请选择优先类别。")
        basis = request.form.get("basis", "")
        favoured = desk().favour(ticket, priority=chosen, basis=basis, by=by())
        return f"{favoured.number} 号已列为优先（{CLASSES[chosen]}）。"

    return _act(ticket, "priority", verb)


@blueprint.post("/tickets/<int:ticket>/pin")
@allow(*ROLES)
def pin(ticket: int) -> ResponseReturnValue:
    """Put a ticket before the others, with a reason."""

    def verb() -> str:
        favoured = desk().favour(ticket, pin=request.form.get("reason", ""), by=by())
        return f"{favoured.number} 号已置顶。"

    return _act(ticket, "pin", verb)


@blueprint.post("/tickets/<int:ticket>/unfavour")
@allow(*ROLES)
def unfavour(ticket: int) -> ResponseReturnValue:
    """Take back a priority or a pin, with a reason."""

    def verb() -> str:
        plain = desk().unfavour(ticket, request.form.get("reason", ""), by=by())
        return f"{plain.number} 号已取消优先，按取号先后排队。"

    return _act(ticket, "unfavour", verb)


@blueprint.post("/tickets/<int:ticket>/cancel")
@allow(*ROLES)
def cancel(ticket: int) -> ResponseReturnValue:
    """Give a waiting ticket back."""
    return _act(ticket, "cancel", lambda: f"{desk().cancel(ticket, by=by()).number} 号已取消。")


@blueprint.post("/tickets/<int:ticket>/reprint")
@allow(*ROLES)
def reprint(ticket: int) -> ResponseReturnValue:
    """Print a slip once more, marked 补打, or show it."""
    device = paper.chosen()

    def verb() -> str:
        found = desk().ticket(ticket)
        if "reprint" not in told.acts_of(found, desk().newest_day()):
            raise NotAllowed("no_reprint", f"{found.number} 号已经作废，不能补打小票。")
        desk().note_slip(ticket, "reprinted", device.name if device else "屏幕", by=by())
        return f"{found.number} 号的小票已送到“{device.name}”补打。" if device else ""

    answer = _act(ticket, "reprint", verb, leads_to="" if device else "?slip=copy", looks=False)
    if done_before(_tap(ticket, "reprint")) is not None:
        paper.print_again(desk().ticket(ticket), request.form.get("tap", ""))
    return answer


def _tap(ticket: int, act: str) -> str:
    tap = request.form.get("tap", "")
    return f"{ticket} {act} {tap}" if tap else ""


def _act(
    ticket: int, act: str, verb: Callable[[], str], leads_to: str = "", *, looks: bool = True
) -> ResponseReturnValue:
    """Do an act once, if the ticket is still what was seen; say what came of it beside the act.

    Paper alone does not care (``looks``): it is printed whatever the ticket has become.
    """
    tap = _tap(ticket, act)
    if not tap:
        raise NotValid("bad_tap", "这个表单不完整，请重新打开页面。")
    if (sentence := done_before(tap)) is None:
        try:
            seen = request.form.get("seen", 0, type=int)
            with desk().unless_changed(ticket, seen) if looks else nullcontext():
                sentence = verb()
        except NotAllowed as refusal:
            return _refused(refusal, lambda refused: dossier_of(ticket, refused, act))
        remember(tap, sentence)
    if sentence:
        say(sentence)
    return redirect(f"/helpdesk/tickets/{ticket}{leads_to}", 303)


def _refused(refusal: NotAllowed, shown: Callable[[NotAllowed], str]) -> ResponseReturnValue:
    """Answer a refusal: to a program as such, to a person on the page it concerns."""
    if wants_json() or refusal.code == "unknown_ticket":
        raise refusal
    return shown(refusal), status_of(refusal)


# -- the desk itself ---------------------------------------------------------------------------


@blueprint.post("/printer")
@allow(*ROLES)
def choose_printer() -> ResponseReturnValue:
    """Print this browser's slips at another device, or show them."""
    device = paper.choose(request.form.get("device", type=int))
    say(f"小票将打印到“{device.name}”。" if device else "小票将显示在屏幕上，不打印。")
    return redirect(own_path(request.form.get("next")) or "/helpdesk", 303)


@blueprint.get("/end-day")
@allow("manager")
def end_day_page() -> ResponseReturnValue:
    """Ask whether the business day is to end, with what that means."""
    return page("helpdesk/end_day.html")


@blueprint.post("/end-day")
@allow("manager")
def end_day() -> ResponseReturnValue:
    """End the business day."""
    try:
        if request.form.get("confirm") != "是":
            raise NotValid("not_confirmed", "请先勾选确认，再结束当日业务。")
        ended = desk().end_day(by=by())
    except NotAllowed as refusal:
        return _refused(refusal, lambda refused: page("helpdesk/end_day.html", refused=refused))
    lost = f"，{ended} 张没有办理的号票已失效" if ended else ""
    say(f"今天的业务已经结束{lost}。")
    return redirect("/helpdesk", 303)
