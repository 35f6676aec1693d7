"""People beside their forms: passwords, shown once and kept as a hash, and photographs."""

import secrets
from urllib.parse import quote

from flask import Blueprint, Response, abort, make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from hall.refusals import NotValid
from manager.cells import PERSON_WORDS
from manager.items import edit_page, item_of, sheet_for
from manager.portraits import MOST_BYTES, TOO_LARGE, portrait
from manager.who import by, frame, say, see_other
from web.access import allow
from web.aside import in_thread
from web.current import admission, register
from web.passwords import hash_of

blueprint = Blueprint("people", __name__, url_prefix="/catalogue/people")

# Read out and typed by hand: without letters and digits that look like one another (0O, 1lI …).
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ROLES = {code: word for word, code in PERSON_WORDS.items()}


def new_password() -> str:
    """Return three groups of four characters: 59 random bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))


@blueprint.post("/<path:key>/password")
@allow("security")
def reset(key: str) -> ResponseReturnValue:
    """Give a person a new password and show it this once."""
    person = item_of(sheet_for("people", to_edit=True), key)
    password = new_password()
    kept = in_thread(hash_of, password)
    admission().set_password(person.staff_number, kept, by("security"), must_change=True)
    page = render_template(
        "manager/password.html",
        person=person,
        role_word=_ROLES[person.role],
        password=password,
        **frame("people"),
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/<path:key>/photo")
@allow("manager", "security")
def photo(key: str) -> Response:
    """Send a person's photograph."""
    picture = register().photos.picture(key)
    if picture is None:
        abort(404)
    answer = Response(picture, mimetype="image/jpeg")
    # its address says which photograph it is; yet nobody but this browser keeps it
    answer.headers["Cache-Control"] = "private, max-age=300"
    return answer


@blueprint.post("/<path:key>/photo")
@allow("security")
def set_photo(key: str) -> ResponseReturnValue:
    """Take a photograph, or forget the one there is."""
    sheet = sheet_for("people", to_edit=True)
    person = item_of(sheet, key)
    address = f"/manager/catalogue/people/{quote(person.staff_number)}"
    try:
        wishes, file = request.form, request.files.get("photo")
    except RequestEntityTooLarge:
        return edit_page(sheet, person, {"photo": TOO_LARGE}), 413
    if "remove" in wishes:
        register().set_photo(person.staff_number, None, by("security"))
        say(f"“{person.name}”的照片已删除。")
        return see_other(address)
    made = in_thread(_portrait_or_refusal, file.read(MOST_BYTES + 1) if file else b"")
    if isinstance(made, NotValid):
        return edit_page(sheet, person, {"photo": made.message}), 422
    register().set_photo(person.staff_number, made, by("security"))
    say(f"“{person.name}”的照片已保存。")
    return see_other(address)


def _portrait_or_refusal(content: bytes) -> bytes | NotValid:
    # what is raised in the pool's thread goes to the log with its trace, as if it were a fault
    try:
        return portrait(content)
    except NotValid as refusal:
        return refusal
