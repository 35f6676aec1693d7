"""One log for the whole house: text for people or JSON for collectors, to a file that turns over.

Without a file it goes to the standard error, where systemd's journal keeps it. No line holds what
belongs to a person: ``web/masking.py`` is the last step of each.
"""

import logging
import re
import secrets
import sys
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Literal, cast

import structlog
from flask import g, has_request_context

from web.masking import masked

MEGABYTE = 1024 * 1024
SIZE_MEGABYTES = 10
KEPT_FILES = 50
# What ends a line or colours a terminal; JSON writes them as escapes by itself.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def request_id() -> str:
    """Return the number of the request at hand, made when it is first asked for; "" without one."""
    if not has_request_context():
        return ""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4)
    return cast(str, g.request_id)


def _on_one_line(_logger: Any, _name: str, said: Any) -> Any:
    """Let nothing that somebody sent begin a line of its own; a trace alone has several."""
    for key, value in said.items():
        if isinstance(value, str) and key not in ("exception", "stack"):
            said[key] = CONTROL.sub(lambda found: ascii(found[0])[1:-1], value)
    return said


def _with_request(_logger: Any, _name: str, said: Any) -> Any:
    if number := request_id():
        said["request"] = number
    return said


BEFORE: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    # the hall's time with its offset: lines of several machines are put in one order
    structlog.processors.TimeStamper(fmt="%Y-%m-%dT%H:%M:%S.%f%z", utc=False),
    _with_request,
    structlog.processors.StackInfoRenderer(),
)


class TurningFile(RotatingFileHandler):
    """A log that begins a new file each day and at so many bytes, and keeps the last days' files.

    Standard handlers number their files anew at each turn; on Windows one that a person has open
    cannot be renamed, and the line would be lost. Here the file is set aside under its time once,
    and where even that fails the log goes on in the same file.
    """

    def __init__(self, file: Path, keep_days: int, megabytes: float = SIZE_MEGABYTES) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(file, maxBytes=int(megabytes * MEGABYTE), encoding="utf-8", delay=True)
        self.file = file
        self.keep_days = keep_days
        self._day = self._today()

    @staticmethod
    def _today() -> str:
        return datetime.now(tz=UTC).astimezone().strftime("%Y%m%d")

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - the library's word
        """Return whether a new file begins: another day, or this one is full."""
        return self._today() != self._day or bool(super().shouldRollover(record))

    def doRollover(self) -> None:  # noqa: N802 - the library's word
        """Set the file aside, forget the oldest, and begin a new one."""
        if self.stream:
            self.stream.close()
            self.stream = None
        at = datetime.now(tz=UTC).astimezone()
        self._day = self._today()
        with suppress(OSError):
            self.file.rename(self.file.with_name(f"{self.file.name}.{at:%Y%m%d-%H%M%S-%f}"))
        self.forget(at)
        self.stream = self._open()

    def forget(self, now: datetime) -> None:
        """Remove files set aside longer ago than is kept, and more of them than are kept."""
        aside = sorted(self.file.parent.glob(f"{self.file.name}.*"), reverse=True)
        oldest = f"{self.file.name}.{now - timedelta(days=self.keep_days):%Y%m%d-%H%M%S}"
        for number, each in enumerate(aside):
            if number >= KEPT_FILES or each.name < oldest:
                with suppress(OSError):
                    each.unlink()


def configure(
    form: Literal["text", "json"] = "text", file: Path | None = None, keep_days: int = 30
) -> None:
    """Send what structlog and the standard library say through one handler."""
    structlog.configure(
        processors=[*BEFORE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler: logging.Handler = (
        TurningFile(file, keep_days) if file else logging.StreamHandler(sys.stderr)
    )
    handler.setFormatter(_formatter(form, colours=file is None and sys.stderr.isatty()))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)


def _formatter(form: Literal["text", "json"], *, colours: bool) -> logging.Formatter:
    write: structlog.typing.Processor
    last: list[structlog.typing.Processor]
    if form == "json":
        write = structlog.processors.JSONRenderer(ensure_ascii=False)
        last = [structlog.processors.format_exc_info, write]
    else:
        write = structlog.dev.ConsoleRenderer(
            colors=colours, exception_formatter=structlog.dev.plain_traceback
        )
        last = [_on_one_line, write]

    def mask(_logger: Any, _name: str, line: Any) -> str:
        return masked(str(line))

    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=BEFORE,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, mask],
    )
