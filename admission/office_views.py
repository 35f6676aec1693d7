"""The security administrator's page: who is locked or slowed, and who has a second factor."""

from typing import Any

from apiflask import APIBlueprint
from flask import render_template

from admission import steps
from admission.lockout import BESIDE, LOCKED_AT, STRANGER, in_words
from admission.policy import in_words as rule_in_words
from hall import days
from hall.catalogue import Person
from hall.refusals import NotFound
from web import auditing
from web.access import allow
from web.current import admission, config, register, rooms
from web.office import by, frame, say, see_other

SOURCES = {STRANGER: "没有登录过的浏览器", BESIDE: "在同事的页面上确认"}

blueprint = APIBlueprint("security", __name__, enable_openapi=False, url_prefix="/security")


@blueprint.get("")
@allow("security")
def page() -> Any:
    """Show who has to wait, and how everybody signs in."""
    people = [each for each in register().catalogue().people if each.active]
    must = steps.MUST[config().security.second_factor]
    with_factor = admission().with_factor()
    return render_template(
        "admission/security.html",
        slowed=[_slowed(each) for each in admission().slowed()],
        people=[
            {
                "person": each,
                "has_password": register().password_hash(each.staff_number) is not None,
                "has_factor": each.staff_number in with_factor,
                "must_have": each.role in must,
            }
            for each in people
            if each.role in must or each.staff_number in with_factor
        ],
        setting=config().security.second_factor,
        rule=rule_in_words(config().security.passwords, second_factor=False),
        locked_at=LOCKED_AT,
        **frame("security", ["security"]),
    )


def _slowed(each: Any) -> dict[str, Any]:
    zone = config().hall.zone
    return {
        "account": each.count.account,
        "name": each.person.name if each.person else "",
        "failures": each.count.failures,
        "locked": each.locked,
        "waits": in_words(each.seconds).strip() if each.seconds else "",
        "last": days.iso(each.count.last_at, zone)[:16].replace("T", " "),
        "address": each.count.address,
        "source": SOURCES.get(each.count.source, "本人常用的浏览器"),
    }


@blueprint.post("/people/<path:key>/unlock")
@allow("security")
def unlock(key: str) -> Any:
    """Let an account try again at once."""
    auditing.say(target=f"工号 {key}")
    admission().unlock(key, by("security"))
    say(f"工号 {key} 已解锁，现在可以登录。")
    return see_other("/security")


@blueprint.post("/people/<path:key>/second-factor")
@allow("security")
def reset_factor(key: str) -> Any:
    """Take somebody's second factor off."""
    person = _person(key)
    auditing.say(target=f"工号 {key}")
    admission().drop_factor(person.staff_number, by("security"))
    rooms().sockets.cut_void()
    say(f"“{person.name}”的二次验证已重置，下次登录时重新设置。")
    return see_other("/security")


def _person(key: str) -> Person:
    person = register().person(key)
    if person is None:
        raise NotFound("unknown_person", f"没有工号“{key}”。")
    return person
