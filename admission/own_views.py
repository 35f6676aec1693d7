"""One's own account: the password, the second factor, the window's PIN, one's sign-ins."""

from typing import Any

from apiflask import APIBlueprint
from flask import make_response, render_template, request, session

from admission import enrolling, pins
from admission.present_store import SignIn
from admission.trying import attempt, new_hash, rule_for
from hall import days
from hall.catalogue import PERSON_ROLES, Person
from hall.refusals import NotAllowed, NotValid
from web import access, auditing, passwords
from web.access import allow, signed_in
from web.aside import in_thread
from web.current import admission, config, register, rooms
from web.office import frame, say, see_other
from web.principals import NotForYou, Principal, with_role
from web.views import home_of

blueprint = APIBlueprint("account", __name__, enable_openapi=False, url_prefix="/account")

NOT_IT = "现在的密码不对，请重新输入。"
REFUSED = "account-refused"


def _me() -> tuple[Principal, Person]:
    """Return the person at this page; a device's key has no account."""
    people = [each for each in with_role(signed_in(), PERSON_ROLES) if each.kind == "person"]
    if not people:
        raise NotForYou("person_needed", "这里是个人账号，请以工号登录。")
    me = people[-1]
    rooms().door.check_unlocked(me)
    person = register().person(me.id)
    assert person is not None
    return me, person


@blueprint.get("")
@allow(*PERSON_ROLES)
def page() -> Any:
    """Show what there is to sign in with."""
    me, person = _me()
    number = person.staff_number
    return render_template(
        "admission/account.html",
        person=person,
        home=home_of(me),
        has_factor=admission().has_factor(number),
        must_have=admission().must_have_factor(person),
        codes_left=admission().recovery_codes_left(number),
        has_pin=admission().pin_hash(number) is not None,
        sign_ins=[_told(each, me) for each, _ in _open(me)],
        refused=session.pop(REFUSED, {}),
        **rule_for(person),
        **frame("account", PERSON_ROLES),
    )


@blueprint.post("/password")
@allow(*PERSON_ROLES)
def change_password() -> Any:
    """Change one's own password; one's other sign-ins end, this one goes on."""
    me, person = _me()
    try:
        _check_password(person)
        made = new_hash(person, request.form.get("new", ""), request.form.get("again", ""))
    except NotAllowed as refusal:
        return _refuse("password", refusal)
    admission().set_password(person.staff_number, made, person.staff_number)
    _stay(me)
    say("密码已更改。您在别处的登录都已退出。")
    return see_other("/account")


@blueprint.post("/pin")
@allow(*PERSON_ROLES)
def set_pin() -> Any:
    """Set the PIN that unlocks one's window."""
    _, person = _me()
    pin = request.form.get("pin", "")
    try:
        _check_password(person)
        if pin != request.form.get("again", ""):
            raise NotValid("pins_differ", "两次输入的 PIN 不一样，请重新输入。")
        if wrong := pins.problem(pin, person.staff_number, person.phone):
            raise NotValid("bad_pin", wrong)
    except NotAllowed as refusal:
        return _refuse("pin", refusal)
    admission().set_pin(person.staff_number, in_thread(passwords.hash_of_pin, pin))
    say("PIN 已设好。锁定窗口后用它解锁。")
    return see_other("/account")


@blueprint.post("/sign-ins")
@allow(*PERSON_ROLES)
def end_sign_ins() -> Any:
    """End one of one's sign-ins, or all but this one; one that has ended stays so."""
    me, person = _me()
    chosen = request.form.get("sign_in", "")
    try:
        _check_password(person)
        ending = [who for each, who in _open(me) if _is_meant(each, chosen, me)]
    except NotAllowed as refusal:
        return _refuse("sign-ins", refusal)
    for who in ending:
        rooms().door.sign_out(who)
    rooms().sockets.cut_void()
    auditing.say(detail=f"结束 {len(ending)} 次登录")
    say(f"已结束 {len(ending)} 次登录。" if ending else "没有别的登录，可能已经结束。")
    return see_other("/account#sign-ins")


def _open(me: Principal) -> list[tuple[SignIn, Principal]]:
    """Return one's sign-ins that still hold, each with whom it lets in."""
    door, mine = rooms().door, admission().present.of(me.id)
    found = ((each, ("person", me.id, each.mark, each.at, each.window)) for each in mine)
    return [(each, who) for each, entry in found if (who := door.of_entry(entry))]


def _is_meant(each: SignIn, chosen: str, me: Principal) -> bool:
    return each.mark != me.mark if chosen == "others" else str(each.id) == chosen


def _told(each: SignIn, me: Principal) -> dict[str, Any]:
    at = days.local(each.at, config().hall.zone)
    return {
        "id": each.id,
        "at": f"{at:%m-%d %H:%M}",
        "window": each.window,
        "address": each.address,
        "browser": each.browser,
        "here": each.mark == me.mark,
    }


@blueprint.get("/second-factor")
@allow(*PERSON_ROLES)
def enrol_page() -> Any:
    """Show the QR code for the authenticator."""
    _, person = _me()
    if admission().has_factor(person.staff_number):
        return see_other("/account")
    return _enrol_page(person)


@blueprint.post("/second-factor")
@allow(*PERSON_ROLES)
def enrol() -> Any:
    """Take the first code; the recovery codes are shown this once."""
    me, person = _me()
    try:
        _check_password(person)
        recovery = enrolling.confirm(person, request.form.get("code", ""))
    except NotAllowed as refusal:
        auditing.refused(refusal.code)
        return _enrol_page(person, refusal.message), 422
    _stay(me)
    page = render_template(
        "admission/recovery.html", codes=recovery, onward="/account", person=person
    )
    return make_response(page)


def _enrol_page(person: Person, refused: str = "") -> str:
    return render_template(
        "admission/enrol.html",
        person=person,
        action="/account/second-factor",
        refused=refused,
        back="/account",
        asks_password=True,
        **enrolling.shown(person),
    )


def _check_password(person: Person) -> None:
    """Compare today's password: whoever sits down at an open page must know it."""
    typed, number = request.form.get("now", ""), person.staff_number

    def right() -> bool:
        return passwords.is_right(register().password_hash(number), typed)

    attempt(number, right, "wrong_password", NOT_IT)


def _refuse(part: str, refusal: NotAllowed) -> Any:
    auditing.refused(refusal.code)
    session[REFUSED] = {"part": part, "message": refusal.message}
    return see_other(f"/account#{part}")


def _stay(me: Principal) -> None:
    """Come in again as the same: what the old sign-in hung on has changed."""
    found = rooms().door.person(me.id, me.window)
    assert found is not None
    access.come_in(found)
    rooms().sockets.cut_void()
