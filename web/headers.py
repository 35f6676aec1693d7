"""What every answer says to the browser about itself."""

from flask import Flask, Response, g, request

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
        # what only programs read needs no word about scripts and frames
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer
    own = f"ws://{request.host} wss://{request.host}"
    framed = f"; frame-src {g.frames}" if "frames" in g else ""
    answer.headers["Content-Security-Policy"] = f"{POLICY}; connect-src 'self' {own}{framed}"
    for name, value in HEADERS:
        answer.headers.setdefault(name, value)
    if request.endpoint != "static":
        answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def register(app: Flask) -> None:
    """Let every answer of an app carry the headers."""
    app.after_request(add_headers)
