"""A window that is locked while its clerk looks away: the page without names, and the PIN.

The lock is the server's: every page, verb and socket of this browser's people and windows is
refused until the PIN or the password was given. The window itself goes on as it was.
"""

from typing import Any
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import jsonify, redirect, render_template, request, session

from admission import pins
from hall.refusals import NotAllowed
from web import access, auditing, passwords
from web.access import allow, signed_in
from web.current import admission, register, rooms
from web.errors import wants_json
from web.principals import NotForYou, NotSignedIn, Principal
from web.views import home_of, own_path

blueprint = APIBlueprint("lock", __name__, enable_openapi=False)

WRONG = "lock-wrong"
REFUSED = "sign-in-refused"
SIGNED_OUT = "PIN 连续输错，已退出登录。请重新登录，窗口的办理不受影响。"


@blueprint.post("/lock")
@allow("clerk")
def lock() -> Any:
    """Lock all of this browser that could act at the window; the window stays as it is."""
    here = [each for each in signed_in() if each.kind == "person" or each.acts_as("window")]
    owner = next(each for each in here if each.kind == "person")
    admission().lock({each.mark: str(owner.id) for each in here})
    rooms().sockets.cut_void()
    to = _locked_at(_next() or home_of(owner))
    return jsonify(to=to) if wants_json() else redirect(to, 303)


@blueprint.get("/locked")
def locked_page() -> Any:
    """Show the window's number and ask for the PIN, or go on where nothing is locked."""
    here = _locked()
    if not here:
        return redirect(_next() or "/", 303)
    if (owner := _owner(here)) is None:
        return _to_the_sign_in()
    return render_template(
        "admission/locked.html",
        window=owner.window,
        next=_next(),
        has_pin=admission().pin_hash(owner.id) is not None,
        left=admission().tries_left(owner.mark),
        most=pins.TRIES,
        wrong=session.pop(WRONG, ""),
    )


@blueprint.post("/locked")
def unlock() -> Any:
    """Take the PIN or the password; the fifth wrong one signs out."""
    here = _locked()
    if not here:
        return redirect(_next() or "/", 303)
    if (owner := _owner(here)) is None:
        return _to_the_sign_in()
    auditing.say(target=f"{owner.window}号窗口")
    try:
        _check(owner, request.form.get("pin", ""))
    except NotAllowed as refusal:
        auditing.refused(refusal.code)
        if wants_json():
            raise
        if isinstance(refusal, NotSignedIn):
            session[REFUSED] = {"message": refusal.message, "staff_number": owner.id}
            return redirect("/sign-in", 303)
        session[WRONG] = refusal.message
        return redirect(_locked_at(_next()), 303)
    admission().unlock_sign_ins(each.mark for each in here)
    return redirect(_next() or home_of(owner), 303)


def _check(owner: Principal, typed: str) -> None:
    """Compare a PIN or password; NotForYou for a wrong one, NotSignedIn for one too many."""
    if not admission().tries_left(owner.mark):
        _sign_out()
    left = admission().try_pin(owner.mark)
    kept = register().password_hash(owner.id)
    if pins.could_be(typed) and (pin := admission().pin_hash(owner.id)):
        kept = pin
    if passwords.is_right(kept, typed):
        return
    if not left:
        _sign_out()
    raise NotForYou("wrong_pin", f"不对，还可以试 {left} 次。")


def lift(who: Principal) -> None:
    """Unlock the machine of a window for whoever has just come in there, with all it takes."""
    mine = [each.mark for each in _locked() if each.kind == "device" and _is_at(who, each)]
    if mine:
        admission().unlock_sign_ins(mine)


def _is_at(who: Principal, machine: Principal) -> bool:
    return who.acts_as("window") and machine.window in (None, who.window)


def _sign_out() -> None:
    # a machine's own key stays, locked: nobody pairs it anew because somebody guessed
    for each in _locked():
        access.go_out(each.role, each.window, "person")
    rooms().sockets.cut_void()
    raise NotSignedIn("locked_out", SIGNED_OUT)


def _locked() -> list[Principal]:
    return [each for each in signed_in() if admission().is_locked(each.mark)]


def _owner(here: list[Principal]) -> Principal | None:
    """Return whose PIN it is; None where only a machine is left, which has none."""
    return next((each for each in here if each.kind == "person"), None)


def _to_the_sign_in() -> Any:
    return redirect(f"/sign-in?next={quote(_next(), safe='/')}", 303)


def _locked_at(after: str) -> str:
    return f"/sign-in/locked?next={quote(after, safe='/')}"


def _next() -> str:
    asked = request.form if request.method == "POST" else request.args
    wanted = own_path(asked.get("next")) or ""
    return "" if wanted.startswith("/sign-in") else wanted
