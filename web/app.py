"""The Flask app of a hall: how it is set up, and what every request passes on its way."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from apiflask import APIFlask
from flask import g, request

from hall import days
from hall.config import Config
from hall.register import Register
from web import auditing, errors, headers, plain_http, same_origin
from web.access import Sessions
from web.current import Rooms
from web.numbers import Number

HOUSE = Path(__file__).resolve().parents[1]
# A device's page stays signed in until its key is revoked; browsers keep a cookie for 400 days.
COOKIE_DAYS = 400
LARGEST_UPLOAD = 8 * 1024 * 1024
LARGEST_BODY = 64 * 1024


class HallApp(APIFlask):
    """The app; its hot path leaves out what no route of the hall uses."""

    session_interface = Sessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view as it is: none is a coroutine, and Flask would look at each six times."""
        return func


def new_app(config: Config, register: Register) -> APIFlask:
    """Return an app without a page yet; its cookies are signed with the hall's own secret."""
    app = HallApp(
        "hall",
        title="政务大厅接口",
        version="1",
        root_path=str(HOUSE),
        static_folder="static",
        static_url_path="/static",
        spec_path="/api/openapi.json",
        docs_path=None,
        json_errors=False,
    )
    secret = register.secret("cookie")
    app.config.update(
        SECRET_KEY=secret,
        # cookies know no ports: two halls on one machine must not sign each other out
        SESSION_COOKIE_NAME=f"hall_{sha256(secret).hexdigest()[:8]}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=config.hall.public_url.startswith("https://"),
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=COOKIE_DAYS),
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD,
        AUTO_TAGS=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_404_RESPONSE=False,
        DESCRIPTION="取号、呼叫、评价与月报。拒绝时返回 4xx 与 {code, message}。",
        SECURITY_SCHEMES={"key": {"type": "http", "scheme": "bearer"}},
    )
    app.url_map.converters["int"] = Number
    # the provider that Flask sets up has both; the type it is declared with has neither
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.sort_keys = False  # type: ignore[attr-defined]
    return app


def guard(app: APIFlask, rooms: Rooms) -> None:
    """Let every request pass what looks at it: the audit log first, then the guards."""
    auditing.register(app, rooms.auditing)

    @app.before_request
    def small_bodies() -> None:
        if request.path.startswith("/api/"):
            request.max_content_length = LARGEST_BODY

    plain_http.register(app, rooms.config.server)
    same_origin.register(app)
    headers.register(app)
    errors.register(app)
    app.context_processor(lambda: _on_every_page(rooms))


def _on_every_page(rooms: Rooms) -> dict[str, Any]:
    hall = rooms.register.hall()
    return {
        "hall_name": hall.name,
        "hall_name_en": rooms.config.hall.name_en,
        "hall_demo": hall.demo,
        "rated_at_province": not rooms.config.province.rates_here,
        "hall_now": days.iso(rooms.clock(), rooms.config.hall.zone),
        "principal": g.get("principal"),
    }
