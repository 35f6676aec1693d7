"""A page of another site cannot act in the name of who is signed in here."""

from urllib.parse import urlsplit

from flask import Flask, request

from hall.refusals import NotAllowed
from web.current import config

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class NotYours(NotAllowed):
    """The page that asks is not one of the hall's (403)."""


def comes_from_here(
    host: str, site: str | None, origin: str | None, public_url: str = ""
) -> bool | None:
    """Return whether a browser says that the hall's own page asks; None when it says nothing.

    ``site`` is Sec-Fetch-Site, which browsers send over https and to this machine only; ``origin``
    is Origin, which all of them send with an unsafe method.
    """
    if site is not None:
        return site in ("same-origin", "none")
    if origin is None:
        return None
    return urlsplit(origin).netloc in {host, urlsplit(public_url).netloc} - {""}


def check() -> None:
    """Refuse an unsafe request from elsewhere; a key in the header is proof enough."""
    if request.method in SAFE or request.headers.get("Authorization"):
        return
    here = comes_from_here(
        request.host,
        request.headers.get("Sec-Fetch-Site"),
        request.headers.get("Origin"),
        config().hall.public_url,
    )
    if here is False or (here is None and request.cookies):
        raise NotYours("not_same_origin", "请从本大厅的页面操作，请求已被拒绝。")


def register(app: Flask) -> None:
    """Let an app check every request before its route sees it."""
    app.before_request(check)
