"""The address of the province's page for one visit; pure."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote, urlsplit

SIGN = "sign"
WORD = re.compile(r"\{(\w+)\}")


def signed_text(template: str, values: Mapping[str, str]) -> str:
    """Return what ``{sign}`` is over: the values in the address, by name, ``a=1&b=2``."""
    used = sorted({word for word in WORD.findall(template) if word != SIGN})
    return "&".join(f"{word}={values[word]}" for word in used)


def page_address(
    template: str, values: Mapping[str, str], sign: Callable[[str], str] | None
) -> str:
    """Return the address with a visit's values in it, each percent-encoded."""
    known = dict(values)
    if sign is not None:
        known[SIGN] = sign(signed_text(template, values))
    return WORD.sub(lambda found: quote(known.get(found[1], ""), safe=""), template)


def on_slip(
    mode: str, code: tuple[str, str], link: str, *, english: bool = False
) -> tuple[str, str]:
    """Return the address of a slip's QR code and the words beside it, empty for the usual ones.

    ``code`` is the province's static address and its sentence; ``link`` the hall's own, by which a
    phone follows the ticket in the other modes.
    """
    address, sentence = code
    if mode == "qr":
        return address, "to rate us in the province's system" if english else sentence
    if mode == "page":
        return link, "Follow your number" if english else "查办理进度"
    return link, ""


def origin(address: str) -> str:
    """Return where a page comes from, as a Content-Security-Policy names it."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
