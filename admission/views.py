"""Signing in, page by page: password, code, new password, setting up the second factor.

Nobody has come in before the last step. What was done so far is kept here, not in the browser:
its cookie holds a token that is used up at the end.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, make_response, redirect, render_template, request, session

from admission import enrolling, known, lock_views, lockout, steps
from admission.halfway import Half
from admission.steps import Step
from admission.trying import attempt, new_hash, password_is_right, rule_for, seconds_of
from hall.catalogue import Person
from hall.refusals import NotAllowed, NotValid
from web import access, auditing
from web.current import admission, register, rooms
from web.errors import wants_json
from web.limits import TooOften
from web.principals import NotSignedIn
from web.views import home_of, own_path

blueprint = APIBlueprint(
    "admission", __name__, template_folder="templates", enable_openapi=False, url_prefix="/sign-in"
)
blueprint.register_blueprint(lock_views.blueprint)

REFUSED = "sign-in-refused"
HALF = "half"
LONGEST_TYPED = 40
WRONG_CODE = "验证码不对，或已经用过，请输入手机上现在显示的 6 位数字。"
TOO_LATE = "登录没有在 10 分钟内完成，请重新输入密码。"


# -- the password ------------------------------------------------------------------------------


@blueprint.get("")
def sign_in_page() -> str:
    """Show the form a person signs in with; after a refusal, why, and what was typed."""
    windows = [each for each in register().catalogue().windows if each.active]
    return render_template(
        "sign_in.html",
        refused=session.pop(REFUSED, {}),
        ended=access.let_go(),
        windows=sorted(windows, key=lambda each: each.no),
        next=own_path(request.args.get("next")) or "",
    )


@blueprint.post("")
def sign_in() -> Any:
    """Take staff number and password, and lead to what is still to be done, or in."""
    number = request.form.get("staff_number", "").strip()
    auditing.say(target=f"工号 {number[:LONGEST_TYPED]}")
    try:
        person = password_is_right(number, request.form.get("password", ""))
        window = _window_of(person, request.form.get("window", "").strip())
    except NotAllowed as refusal:
        return _ask_again(refusal, number)
    half = Half(
        person.staff_number,
        register().password_hash(person.staff_number) or "",
        known.source_of(person.staff_number),
        window,
        _next(request.form.get("next")),
        rooms().clock(),
    )
    return _go_on(half)


def _next(asked: str | None) -> str:
    """Return where to go after all, empty for a page of the sign-in itself."""
    wanted = own_path(asked) or ""
    return "" if wanted.startswith("/sign-in") else wanted


def _window_of(person: Person, wanted: str) -> int | None:
    """Return the window a clerk sits at: the one chosen, else their own; None for others."""
    if person.role != "clerk":
        return None
    if not wanted and person.window is not None:
        return person.window
    windows = register().catalogue().window
    if not wanted.isdecimal() or int(wanted) not in windows or not windows[int(wanted)].active:
        raise NotValid("window_missing", "请选择今天所在的窗口。")
    return int(wanted)


def _ask_again(refusal: NotAllowed, number: str) -> Any:
    """Lead back to the form: a page that answers a POST is in the way of the Back button."""
    seconds = seconds_of(refusal, number)
    auditing.refused(refusal.code)
    if wants_json():
        return _refused_program(refusal, seconds)
    kept = {"staff_number": number, "window": request.form.get("window", "")}
    typed = {name: text[:LONGEST_TYPED] for name, text in kept.items()}
    session[REFUSED] = {"message": refusal.message, "wait": seconds, **typed}
    wanted = own_path(request.form.get("next"))
    return redirect("/sign-in" + (f"?{urlencode({'next': wanted})}" if wanted else ""), 303)


def _refused_program(refusal: NotAllowed, seconds: int) -> Any:
    """Answer a program: 429 with the seconds to wait, else as any refusal."""
    if not isinstance(refusal, lockout.MustWait):
        raise refusal
    answer = make_response({"code": refusal.code, "message": refusal.message}, 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


# -- between the password and the hall ---------------------------------------------------------


def _go_on(half: Half, token: str = "") -> Response:
    """Lead to the next page of a sign-in, or let its person in."""
    step = _step_of(half)
    if step is None:
        return _let_in(half, token, redirect(half.next or home_of(_principal(half)), 303))
    if not token:
        session[HALF] = admission().halfway.begin(half)
    return make_response(redirect(step.value, 303))


def _step_of(half: Half) -> Step | None:
    person = _person(half)
    return steps.next_step(
        enrolled=admission().has_factor(half.staff_number),
        must_enrol=admission().must_have_factor(person),
        code_given=half.code_given,
        must_change=admission().must_change(half.staff_number),
    )


Shown = Callable[[Half, str], Any]


def at(step: Step) -> Callable[[Shown], Callable[[], Any]]:
    """Let a page see the half sign-in of this browser; lead elsewhere when it is not there."""

    def decorate(view: Shown) -> Callable[[], Any]:
        @wraps(view)
        def shown() -> Any:
            token = str(session.get(HALF, ""))
            half = admission().halfway.of(token)
            if half is None or register().password_hash(half.staff_number) != half.mark:
                return _from_the_start()
            # somebody went back, or did this step in another tab
            return view(half, token) if _step_of(half) is step else _go_on(half, token)

        return shown

    return decorate


def _overtaken(now: Half | None, token: str) -> Any:
    """Go on from where the same step, sent a moment before this one, has led."""
    return _go_on(now, token) if now else _from_the_start()


def _from_the_start() -> Any:
    session.pop(HALF, None)
    if here := [each for each in access.signed_in() if each.kind == "person"]:
        return redirect(home_of(here[-1]), 303)  # the last step, sent twice
    auditing.refused("too_late")
    if wants_json():
        raise NotSignedIn("too_late", TOO_LATE)
    session[REFUSED] = {"message": TOO_LATE}
    return redirect("/sign-in", 303)


def _person(half: Half) -> Person:
    person = register().person(half.staff_number)
    if person is None:
        raise NotSignedIn("too_late", TOO_LATE)
    return person


def _principal(half: Half) -> access.Principal:
    found = rooms().door.person(half.staff_number, half.window)
    if found is None:
        raise NotSignedIn("too_late", TOO_LATE)
    return found


def _let_in(half: Half, token: str, answer: Any) -> Response:
    """Let a person in: their failures are forgotten, and this browser is known from now on."""
    admission().halfway.end(token)
    session.pop(HALF, None)
    admission().clear(half.staff_number, half.source)
    who = _principal(half)
    access.come_in(who)
    lock_views.lift(who)
    return known.remember(make_response(answer), half.staff_number)


def _page(step: Step, half: Half, **more: Any) -> Response:
    auditing.say(target=f"工号 {half.staff_number}")
    template = f"admission/{step.name.lower()}.html"
    page = render_template(
        template, person=_person(half), action=step.value, **{"refused": "", "wait": 0, **more}
    )
    return make_response(page)


# -- the code ----------------------------------------------------------------------------------


@blueprint.get("/code")
@at(Step.CODE)
def code_page(half: Half, _token: str) -> Response:
    """Ask for the code of the authenticator."""
    return _page(Step.CODE, half)


@blueprint.post("/code")
@at(Step.CODE)
def give_code(half: Half, token: str) -> Any:
    """Take a code, or a recovery code in its place."""
    auditing.say(target=f"工号 {half.staff_number}")
    typed = request.form.get("code", "")[:LONGEST_TYPED]
    try:
        attempt(
            half.staff_number,
            lambda: enrolling.opens(half.staff_number, typed),
            "wrong_code",
            WRONG_CODE,
        )
    except NotAllowed as refusal:
        seconds = seconds_of(refusal, half.staff_number)
        auditing.refused(refusal.code)
        if wants_json():
            return _refused_program(refusal, seconds)
        return _page(Step.CODE, half, refused=refusal.message, wait=seconds), _status(refusal)
    if (now := admission().halfway.of(token)) != half:
        return _overtaken(now, token)
    return _go_on(admission().halfway.code_was_given(token), token)


def _status(refusal: NotAllowed) -> int:
    return 429 if isinstance(refusal, lockout.MustWait | TooOften) else 401


# -- a new password ----------------------------------------------------------------------------


@blueprint.get("/password")
@at(Step.PASSWORD)
def password_page(half: Half, _token: str) -> Response:
    """Ask for a new password: the old one was made up by somebody else, or is too old."""
    return _page(Step.PASSWORD, half, **rule_for(_person(half)))


@blueprint.post("/password")
@at(Step.PASSWORD)
def change_password(half: Half, token: str) -> Any:
    """Take the new password and go on."""
    try:
        made = new_hash(_person(half), request.form.get("new", ""), request.form.get("again", ""))
    except NotValid as refusal:
        if wants_json():
            raise
        return _page(Step.PASSWORD, half, refused=refusal.message, **rule_for(_person(half))), 422
    if (now := admission().halfway.of(token)) != half:
        return _overtaken(now, token)
    admission().set_password(half.staff_number, made, half.staff_number)
    return _go_on(admission().halfway.password_was_changed(token, made), token)


# -- setting up the second factor --------------------------------------------------------------


@blueprint.get("/enrol")
@at(Step.ENROL)
def enrol_page(half: Half, _token: str) -> Response:
    """Show the QR code for the authenticator."""
    return _page(Step.ENROL, half, **enrolling.shown(_person(half)))


@blueprint.post("/enrol")
@at(Step.ENROL)
def enrol(half: Half, token: str) -> Any:
    """Take the first code; the recovery codes are shown this once, and the person is in."""
    person = _person(half)
    try:
        recovery = enrolling.confirm(person, request.form.get("code", ""))
    except NotAllowed as refusal:
        if wants_json():
            raise
        return _page(Step.ENROL, half, refused=refusal.message, **enrolling.shown(person)), 422
    onward = half.next or home_of(_principal(half))
    page = render_template("admission/recovery.html", codes=recovery, onward=onward, person=person)
    return _let_in(half, token, page)
