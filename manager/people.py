"""Passwords of people: made here, shown once, kept as a hash."""

import secrets

from flask import Blueprint, make_response, render_template
from flask.typing import ResponseReturnValue

from manager.items import item_of, sheet_for
from manager.sheets import PERSON_WORDS
from manager.who import by, frame
from web.access import allow
from web.aside import in_thread
from web.current import register
from web.passwords import hash_of

blueprint = Blueprint("people", __name__, url_prefix="/catalogue/people")

# Read out and typed by hand: without letters and digits that look like one another (0O, 1lI …).
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ROLES = {code: word for word, code in PERSON_WORDS.items()}


def new_password() -> str:
    """Return three groups of four characters: 59 random bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@blueprint.post("/<path:key>/password")
@allow("administrator")
def reset(key: str) -> ResponseReturnValue:
    """Give a person a new password and show it this once."""
    person = item_of(sheet_for("people", to_edit=True), key)
    password = new_password()
    register().set_password_hash(person.staff_number, in_thread(hash_of, password), by())
    page = render_template(
        "manager/password.html",
        person=person,
        role_word=_ROLES[person.role],
        password=password,
        **frame("catalogue"),
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer
