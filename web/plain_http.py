"""The second, unencrypted listener: what devices without TLS need, from their networks, no more."""

import re
from collections.abc import Sequence
from ipaddress import ip_address, ip_network

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from hall.hall_settings import ServerSection
from hall.refusals import NotAllowed

PLAIN = "hall.plain"
PORT = re.compile(r":[0-9]+$")
# What a machine at which nobody signs in asks for; everything else is staff's, and needs TLS.
FOR_DEVICES = (
    *("/pair", "/enter", "/kiosk", "/display", "/evaluator", "/static/", "/socket.io/", "/alive"),
    *("/api/v1/ratings", "/province/qr.svg", "/favicon.ico"),
)
FOR_PROGRAMS = "/api/"


class TlsNeeded(NotAllowed):
    """A page of the staff was asked for over plain HTTP (403)."""


def is_of(address: str, networks: Sequence[str]) -> bool:
    """Return whether an address belongs to one of some networks, such as 10.20.8.0/24."""
    try:
        found = ip_address(address.removeprefix("::ffff:"))
    except ValueError:
        return False
    return any(found in ip_network(each, strict=False) for each in networks)


def for_devices(path: str) -> bool:
    """Return whether a path is for machines at which nobody signs in."""
    return any(
        path == each or path.startswith(each if each.endswith("/") else f"{each}/")
        for each in FOR_DEVICES
    )


def register(app: Flask, section: ServerSection) -> None:
    """Let an app answer over plain HTTP only what old devices need, and lead people to TLS."""

    @app.before_request
    def over_plain_http() -> Response | None:
        if PLAIN not in request.environ:
            return None
        known = is_of(request.remote_addr or "", section.plain_networks)
        if known and for_devices(request.path):
            return None
        # a program that sends its key in the clear is told so, not led on (ASVS 4.1.2)
        page = not request.path.startswith(FOR_PROGRAMS) and not for_devices(request.path)
        if request.method in ("GET", "HEAD") and page:
            host = PORT.sub("", request.host)
            wanted = request.full_path.removesuffix("?")
            return redirect(f"https://{host}:{request.environ[PLAIN]}{wanted}", 307)
        raise TlsNeeded(
            "tls_needed",
            "这个地址没有加密，只供登记网段里的取号机、大屏和评价器。"
            "工作人员请用 https:// 地址登录。",
        )
