"""One log for the whole house, to the standard error: text for people, JSON for collectors."""

import logging
import sys
from typing import Literal

import structlog

BEFORE: tuple[structlog.typing.Processor, ...] = (
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=False),
    structlog.processors.StackInfoRenderer(),
)


def configure(form: Literal["text", "json"] = "text") -> None:
    """Send what structlog and the standard library say through one handler."""
    structlog.configure(
        processors=[*BEFORE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    write: structlog.typing.Processor
    last: list[structlog.typing.Processor]
    if form == "json":
        write = structlog.processors.JSONRenderer(ensure_ascii=False)
        last = [structlog.processors.format_exc_info, write]
    else:
        write = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
        last = [write]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=BEFORE,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
