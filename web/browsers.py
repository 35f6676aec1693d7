"""What a browser calls itself, in words a manager knows."""

import re

KINDS = (
    ("Edg", "Edge"),
    ("MicroMessenger", "微信"),
    ("QQBrowser", "QQ 浏览器"),
    ("UOSBrowser", "统信浏览器"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Version", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPad", "iPad"),
    ("iPhone", "iPhone"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
LONGEST = 40


def browser_word(agent: str) -> str:
    """Return “Chrome 120 · Windows” for a User-Agent, “未知浏览器” for what says nothing."""
    system = next((word for sign, word in SYSTEMS if sign in agent), "")
    for sign, word in KINDS:
        if found := re.search(rf"{sign}/(\d{{1,4}})", agent):
            return " · ".join(each for each in (f"{word} {found[1]}", system) if each)
    return system or "未知浏览器"
