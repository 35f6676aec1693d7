"""Which accounts a browser has signed in to before: a signed cookie (OWASP, device cookies).

It opens nothing. It says which counter a failure is counted on, so that strangers who guess at an
account do not keep the person out who sits where they sat yesterday.
"""

import secrets
from hashlib import sha256

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from admission.lockout import STRANGER
from web.current import register

SECRET = "known browser"  # noqa: S105 - the name of a secret
# One desk is used in shifts; a browser keeps the last few who worked there.
KNOWN_MOST = 8
KNOWN_DAYS = 180
SECONDS = KNOWN_DAYS * 24 * 3600


def source_of(staff_number: str) -> str:
    """Return what the failures of an account are counted on in this browser."""
    return _known().get(staff_number, STRANGER)


def remember(answer: Response, staff_number: str) -> Response:
    """Let this browser be known to an account from now on."""
    known = _known()
    nonce = known.pop(staff_number, None) or secrets.token_hex(8)
    kept = dict([*known.items(), (staff_number, nonce)][-KNOWN_MOST:])
    answer.set_cookie(
        _name(),
        str(_serializer().dumps(kept)),
        max_age=SECONDS,
        secure=current_app.session_interface.get_cookie_secure(current_app),
        httponly=True,
        samesite="Lax",
    )
    return answer


def _known() -> dict[str, str]:
    try:
        found = _serializer().loads(request.cookies.get(_name(), ""), max_age=SECONDS)
    except BadSignature:
        return {}
    return dict(found)


def _name() -> str:
    return f"{current_app.session_interface.get_cookie_name(current_app)}_known"


def _serializer() -> URLSafeTimedSerializer:
    signed_by = {"digest_method": sha256}
    return URLSafeTimedSerializer(register().secret(SECRET), salt=SECRET, signer_kwargs=signed_by)
