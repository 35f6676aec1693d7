"""The command line: ``server.py`` and what can be written behind it."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from commandline.access import admin, key, rotate_links
from commandline.asked import Asked, CreateApp, TicksOf
from commandline.auditing import audit, noted
from commandline.care import backup, verify
from commandline.certifying import certificate
from commandline.checking import check
from commandline.demonstration import demo
from commandline.importing import import_hall, import_ratings, tags
from commandline.month import month
from commandline.outside import province, webhook
from commandline.restoring import restore
from commandline.serving import serve
from commandline.words import parser
from hall import command
from hall import config as settings
from hall.file import FileTrouble, told_of
from hall.refusals import NotAllowed

WITH_AN_APP = ("serve", "demo", "import-ratings")
SHOWN_MOST = 50
NOT_FOR_OTHERS = 0o027
COMMANDS: dict[str, Callable[[Asked], int]] = {
    "import": import_hall,
    "tags": tags,
    "key": key,
    "rotate-links": rotate_links,
    "webhook": webhook,
    "province": province,
    "admin": admin,
    "certificate": certificate,
    "check": check,
    "backup": backup,
    "restore": restore,
    "verify": verify,
    "audit": audit,
    "month": month,
}


def _no_app(*_: object, **__: object) -> NoReturn:
    raise AssertionError("this command was started without the app")


def main(words: Sequence[str], create_app: CreateApp = _no_app, ticks_of: TicksOf = _no_app) -> int:
    """Do what the command line says; a refusal is a sentence on the standard error.

    Only the commands WITH_AN_APP need the two last arguments.
    """
    _speak_utf8()
    # the file, its backups and exports hold personal data: other accounts of the machine read none
    os.umask(os.umask(NOT_FOR_OTHERS) | NOT_FOR_OTHERS)
    whole = parser()
    named = bool(words) and words[0] in {"-h", "--help", *WITH_AN_APP, *COMMANDS}
    # a word that is no option was meant as a command: argparse says which there are
    meant = named or (bool(words) and not words[0].startswith("-"))
    read = whole.parse_args(words if meant else ["serve", *words])
    try:
        asked = Asked(read)
        if read.command in ("serve", "demo"):
            run = serve if read.command == "serve" else demo
            return run(asked, create_app, ticks_of)
        if read.command == "import-ratings":
            return noted(asked, lambda asked: import_ratings(asked, create_app))
        return noted(asked, COMMANDS[read.command])
    except settings.BadConfig as mistakes:
        _refuse(f"配置有误：\n{mistakes}")
    except NotAllowed as refusal:
        _refuse(refusal.message + _details(refusal))
    except BrokenPipeError:
        # whoever read along (a pager, head) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except FileTrouble as trouble:
        if (told := told_of(trouble)) is None:
            raise  # a mistake of ours: its trace is wanted
        _refuse(f"{told[1]}（{trouble}）")
    except OSError as trouble:
        if trouble.filename is None:
            raise
        _refuse(f"{trouble.filename} 不能读写（{trouble.strerror}）。")


def _details(refusal: NotAllowed) -> str:
    """Return all problems of a workbook or a catalogue, a line each."""
    found = getattr(refusal, "problems", ())
    return "".join(f"\n  {_place(each)}{each.message}" for each in list(found)[:SHOWN_MOST])


def _place(problem: Any) -> str:
    if line := getattr(problem, "line", 0):
        return f"第 {line} 行："
    cell = getattr(problem, "cell", "") or getattr(problem, "column", "")
    return f"{getattr(problem, 'sheet', '')} {cell}：".lstrip()


def _refuse(text: str) -> NoReturn:
    sys.stderr.write(f"{command.named(text)}\n")
    raise SystemExit(1)


def _speak_utf8() -> None:
    """Write Chinese on consoles whose own alphabet has none, as on some Windows."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
