"""What every answer says to the browser about itself."""

from flask import Flask, Response, g, request

from hall.days import DAY, SECOND
from web.current import config

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "media-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
NOTHING = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
# 'self' covers ws: of the own host from Chrome 93 and Firefox 91 on; hall devices start at Chrome
# 80 and need the address in full.
HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
)


def add_headers(answer: Response) -> Response:
    """Set the policy of what a page may load, and keep answers out of caches."""
    if request.path.startswith("/api/"):
        # what only programs read is no page, should somebody open it as one
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Cache-Control", "no-store")
        answer.headers.setdefault("Content-Security-Policy", NOTHING)
        return answer
    own = f"ws://{request.host} wss://{request.host}"
    framed = f"; frame-src {g.frames}" if "frames" in g else ""
    answer.headers["Content-Security-Policy"] = f"{POLICY}; connect-src 'self' {own}{framed}"
    for name, value in HEADERS:
        answer.headers.setdefault(name, value)
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return _clean_up(answer)


def _clean_up(answer: Response) -> Response:
    if request.is_secure:
        seconds = config().server.hsts_days * DAY // SECOND
        answer.headers.setdefault("Strict-Transport-Security", f"max-age={seconds}")
        if request.endpoint == "web.sign_out":
            answer.headers.setdefault("Clear-Site-Data", '"cache"')
    return answer


def register(app: Flask) -> None:
    """Let every answer of an app carry the headers."""
    app.after_request(add_headers)
