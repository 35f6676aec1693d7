"""What the pages of a browser test complain about: script errors, a broken rule of the
Content-Security-Policy, a missing file, a request to another machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request

OpenContext = Callable[..., BrowserContext]  # the fixture `open_context`

# Chromium logs every answer ≥ 400 as an error. A refusal is an answer that a page handles and
# shows; a missing file of ours, or a server that stumbled, is not.
REFUSED = re.compile(r"responded with a status of 4(01|03|04|09|22)\b")
FILES_OF_OURS = "/static/"
# A hall that a test has ended or restarts: what the page makes of it is what the test looks at.
GONE = "ERR_CONNECTION_REFUSED"


class Complaints:
    """What the pages of one test complained about, less what the test says it expects."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.expected: list[re.Pattern[str]] = []

    def expect(self, pattern: str) -> None:
        """Let complaints pass that match, such as a WebSocket that breaks when a hall restarts."""
        self.expected.append(re.compile(pattern))

    def left(self) -> list[str]:
        """Return the complaints that nobody expected."""
        return [
            complaint
            for complaint in self.heard
            if not any(pattern.search(complaint) for pattern in self.expected)
        ]

    def listen(self, context: BrowserContext) -> None:
        """Hear every page of a context, those it opens later too."""
        context.on("console", self.hear_console)
        context.on("weberror", lambda error: self.heard.append(f"script error: {error.error}"))
        context.on("request", self.hear_request)

    def hear_console(self, message: ConsoleMessage) -> None:
        """Keep errors; a refusal of the hall is none."""
        if message.type != "error":
            return
        address = str(message.location.get("url", ""))
        if GONE in message.text:
            return
        if REFUSED.search(message.text) and FILES_OF_OURS not in address:
            return
        self.heard.append(f"{message.text} ({address})")

    def hear_request(self, request: Request) -> None:
        """Keep what a page wants from another machine: a hall may have no way out."""
        where = urlsplit(request.url)
        if where.scheme not in {"data", "blob"} and where.hostname not in {"127.0.0.1", None}:
            self.heard.append(f"asked another machine: {request.url}")
