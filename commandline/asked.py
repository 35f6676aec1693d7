"""What was asked for at the command line: words, settings, and the hall's file they stand for."""

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import schema
from hall import config as settings
from hall import days
from hall.refusals import NotAllowed
from hall.register import Register
from hall.store import Store

if TYPE_CHECKING:
    from flask import Flask

    from hall.desk import Desk
    from rating.book import Book

HOUSE = Path(__file__).resolve().parents[1]
# What an installed hall's unit and its `hall` command say (tools/installer/installed.py).
CONFIG_NAMED_BY = "HALL_CONFIG"
CreateApp = Callable[..., "Flask"]
TicksOf = Callable[["Flask"], list[Callable[[], object]]]


class Asked:
    """What was asked for: the settings and the file they stand for, and the words themselves."""

    def __init__(self, words: argparse.Namespace) -> None:
        self.words = words
        named = os.environ.get(CONFIG_NAMED_BY, "")
        given: Path | None = words.config or (Path(named) if named else None)
        usual = HOUSE / "config.toml"
        self.config_file = given or (usual if usual.exists() else None)
        self.config = settings.load(self.config_file)
        base = self.config_file.absolute().parent if self.config_file else HOUSE
        self.database: Path = words.database or base / self.config.server.database

    @property
    def host(self) -> str:
        """Where to listen: as told, else as set."""
        return str(self.words.host or self.config.server.host)

    @property
    def port(self) -> int:
        """The port to listen on: as told, else as set."""
        port = self.words.port
        return int(self.config.server.port if port is None else port)

    def register(self) -> Register:
        """Open the hall's file, made if it is not there yet, and return its data.

        NotAllowed for one that is damaged or has vanished: no command begins an empty hall in its
        place, which the next start would then serve.
        """
        from commandline.guarding import guard

        guard(self)
        known = self.database.exists()
        register = Register(Store(self.database, rooms=schema.OF_ROOMS), days.now)
        if not known:
            register.make_hall(self.config.hall.name, demo=False)
        return register

    def known_register(self) -> Register:
        """Open the hall's file for a command that makes none; NotAllowed ``no_database``."""
        from safety.traces import traces_of

        if not self.database.exists() and not traces_of(self.database).exists():
            told = f"这里还没有大厅：没有数据文件 {self.database}。没有新建任何文件。"
            raise NotAllowed("no_database", told)
        return self.register()

    def desk(self, register: Register) -> "Desk":
        """Return the desk of a hall's file."""
        from hall.desk import Desk

        return Desk(register.store, register, self.config, days.now)

    def book(self, register: Register) -> "Book":
        """Return the book of a hall's file."""
        from rating.book import Book

        return Book(register.store, register, self.desk(register), self.config, days.now)


def say(text: str = "") -> None:
    """Tell the person at the command line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def read_file(path: Path) -> bytes:
    """Return what is in a file somebody named; NotAllowed when it cannot be opened."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotAllowed("no_file", f"打不开 {path}（{error.strerror}）。") from error
