"""The second person: gives staff number and password on the first one's page, and stays nobody."""

from flask import request

from hall.days import MINUTE
from hall.refusals import NotAllowed, NotValid
from web import passwords
from web.current import register, rooms
from web.office import acting

TYPIST_ROLES = ("guide", "manager")
WRONG_PASSWORDS, WITHIN = 5, 10 * MINUTE


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
    """Return the staff number of whoever gave it with its password; NotValid ``wrong_password``."""
    number = request.form.get("staff_number", "").strip()
    limits, kept = rooms().limits, register().password_hash(number) if number else None
    limits.check("second person", number[:40], WRONG_PASSWORDS, WITHIN)
    right = passwords.is_right(kept, request.form.get("password", ""))
    if not right or register().person(number) is None:
        limits.count("second person", number[:40], WITHIN)
        raise NotValid("wrong_password", "确认人的工号或密码不对，请重新输入。")
    return number
