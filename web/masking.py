"""What never stands in a log: phones, ID numbers, keys, passwords, tokens; pure."""

import re

MASK = "***"
NAMED = re.compile(
    r"""(["']?(?:password|passwd|secret|token|key|authorization|cookie|phone|mobile|id_number|pin)"""
    r"""["']?\s*[=:]\s*)(?:(["'])(.*?)\2|[^\s,;&})\]]+)""",
    re.IGNORECASE,
)
BEARER = re.compile(r"(?i)\b(bearer\s+)\S+")
# notifiers' addresses hold their secrets: wecombot://KEY, dingtalk://TOKEN
NOTIFIER = re.compile(
    r"\b(?!(?:https?|tcp|file|fake|wss?|lp|usb)://)([a-z][a-z0-9+.-]*://)[^\s\"']+"
)
ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
PHONE = re.compile(
    r"(?<![0-9A-Za-z.])(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]{4}){2}(?![0-9A-Za-z])"
)
# A random text of 24 bytes or more, as our keys and links are: both cases, no space, no slash.
RANDOM = re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{32,}(?:\.[\w-]+)*", re.ASCII)


def masked(line: str) -> str:
    """Return a line of the log without what belongs to a person or opens a door."""
    line = BEARER.sub(rf"\1{MASK}", line)
    line = NAMED.sub(lambda found: f"{found[1]}{found[2] or ''}{MASK}{found[2] or ''}", line)
    line = NOTIFIER.sub(rf"\1{MASK}", line)
    for secret in (ID_NUMBER, PHONE, RANDOM):
        line = secret.sub(MASK, line)
    return line
