"""The second person: gives staff number and password on the first one's page, and stays nobody."""

from flask import request

from admission.lockout import BESIDE, in_words
from hall.refusals import NotAllowed, NotValid
from web import passwords
from web.current import admission, register
from web.limits import address
from web.office import acting

TYPIST_ROLES = ("guide", "manager")


def typist() -> str:
    """Return the staff number of who is signed in; a device's key has none."""
    who = acting(*TYPIST_ROLES)
    if who.kind != "person":
        raise NotAllowed("person_needed", "这里要留下经手人，请以个人工号登录后再操作。")
    return str(who.id)


def is_person() -> bool:
    """Return whether a person acts, not a device's key."""
    return bool(acting(*TYPIST_ROLES).kind == "person")


def second_person() -> str:
    """Return the staff number of whoever gave it with its password.

    NotValid ``wrong_password``; MustWait after too many, as at the sign-in.
    """
    number = request.form.get("staff_number", "").strip()
    failures = admission().begin_try(number, BESIDE, address())
    kept = register().password_hash(number) if number else None
    right = passwords.is_right(kept, request.form.get("password", ""))
    if right and register().person(number) is not None:
        admission().clear(number, BESIDE)
        return number
    wait = admission().wait_after(failures)
    told = f"请{in_words(wait)}后再试。" if wait else "请重新输入。"
    raise NotValid("wrong_password", f"确认人的工号或密码不对，{told}")
