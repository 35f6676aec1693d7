"""Notices through Apprise: to the citizen whose turn is near, to groups of the staff.

Apprise and what it needs take most of a second to import, so only a hall that uses it does.
"""

import hashlib
import logging
import re
import threading
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from hall.config import BadConfig
from hall.outside_settings import NotifySection
from outbox.webhooks import FINISHED, NEARLY, TYPES, Outcome

CITIZEN = "citizen"
# A complaint has a unit and no window; neither who complained nor of what leaves the hall.
COMPLAINT_TEXT = "【{hall}】{what}：{number}，{unit_name}，应于 {limit} 前{limit_name}。"
# An alarm may be of a window, a line, a machine or the whole hall: its sentence says which.
ALARM_TEXT = "【{hall}】{what}（{kind_name}）：{said}"
PHONE_TO_TRY = "13800000000"
LONG_NUMBER = re.compile(r"\d{5,}")


@dataclass(frozen=True, slots=True)
class Notifier:
    """Where notices of some types go; ``key`` names it without telling its address."""

    key: str
    url: str
    types: tuple[str, ...]

    def url_for(self, phone: str) -> str:
        """Return the address with a citizen's phone in it."""
        return self.url.replace("{phone}", quote(phone, safe=""))


def notifiers(section: NotifySection) -> list[Notifier]:
    """Return the notifiers of the settings."""
    types = tuple(dict.fromkeys(section.staff_events))
    staff = [Notifier(_key(url), url, types) for url in dict.fromkeys(section.staff)]
    told = ((NEARLY,) if section.ahead else ()) + ((FINISHED,) if section.rate_text else ())
    if section.citizen and told:
        return [Notifier(CITIZEN, section.citizen, told), *staff]
    return staff


def _key(url: str) -> str:
    # The address is a secret and may move within the list: neither it nor its place is kept.
    return f"staff:{hashlib.sha256(url.encode()).hexdigest()[:12]}"


def check(section: NotifySection) -> None:
    """Raise BadConfig, a line each, for what Apprise cannot use or nobody ever tells."""
    named = [("citizen", section.citizen)] if section.citizen else []
    named += [(f"staff.{place}", url) for place, url in enumerate(section.staff)]
    mistakes = [
        f"[notify.staff_events] 没有“{name}”，可以写：{'、'.join(TYPES)}"
        for name in section.staff_events
        if name not in TYPES
    ]
    mistakes += [
        f"[notify.{place}] Apprise 用不了这个 {url.partition(':')[0]}:// 地址，请核对其写法"
        for place, url in named
        if _service(url.replace("{phone}", PHONE_TO_TRY)) is None
    ]
    if mistakes:
        raise BadConfig("\n".join(mistakes))


def fill(text: str, **words: object) -> str:
    """Return a text with its ``{words}`` filled in; what is not known stays as it is."""
    return re.sub(r"\{(\w+)\}", lambda found: str(words.get(found[1], found[0])), text)


def send(url: str, text: str) -> Outcome:
    """Send a text through Apprise and return how that ended."""
    service = _service(url)
    if service is None:
        return Outcome("Apprise 用不了这个地址", over=True)
    COMPLAINTS.heard.last = ""
    if service.notify(body=text):
        return Outcome()
    said = getattr(COMPLAINTS.heard, "last", "") or "没有送达"
    return Outcome(LONG_NUMBER.sub("…", said)[:200])


class _Complaints(logging.Handler):
    """What Apprise says of a failure, a thread each; it may name a phone and goes to no log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.last = record.getMessage()


COMPLAINTS = _Complaints()


@cache
def _apprise() -> Any:
    import apprise

    its_log = logging.getLogger("apprise")
    its_log.addHandler(COMPLAINTS)
    its_log.propagate = False
    return apprise.Apprise


def _service(url: str) -> Any:
    """Return Apprise's object for an address, None when it knows none such."""
    return _apprise().instantiate(url)
