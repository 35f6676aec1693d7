"""What hundreds of tests do over and over, done once for all tests of a process.

Nothing here changes what a test sees: a new file has the schema that the migrations made, a page
the code that Jinja made of its template, a route the address that Werkzeug builds. Before this,
one test of a page spent 0.4 of its 0.5 s there. Only a password's hash is a cheaper one than a
hall's; that is compared with what is recommended in tests/test_passwords.py.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlite_utils import Migrations
from werkzeug.routing import Rule

from hall.file import HallFile
from hall.store import Store
from web import passwords

HASHER_OF_A_HALL = passwords._hasher


@contextmanager
def thrifty() -> Iterator[None]:
    """Do these things once, for the length of a with block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HallFile, "__init__", _on_a_copy(HallFile.__init__))
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": Kept()})
        cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr(passwords, "_hasher", lambda: cheap)
        patch.setattr(Rule, "_compile_builder", _when_asked(Rule._compile_builder))
        yield


@cache
def migrated(rooms: tuple[Migrations, ...]) -> bytes:
    """Return a file with the newest schema and nothing in it: its migrations take 100 ms."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "new.db"
        Store(path, rooms=rooms).close()
        return path.read_bytes()


def _on_a_copy(opened: Callable[..., None]) -> Callable[..., None]:
    making = False  # the file that is copied is made the long way

    def opened_on_a_copy(
        self: HallFile,
        path: Path | str,
        *,
        readonly: bool = False,
        rooms: Sequence[Migrations] = (),
    ) -> None:
        nonlocal making
        if not (making or readonly or Path(path).exists()):
            making = True
            template = migrated(tuple(rooms))
            making = False
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            Path(path).write_bytes(template)
        opened(self, path, readonly=readonly, rooms=rooms)

    return opened_on_a_copy


class Kept(BytecodeCache):
    """The code of templates, kept by their name and source: each app would make it anew."""

    def __init__(self) -> None:
        self.codes: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template the code it was turned into before."""
        if code := self.codes.get((bucket.key, bucket.checksum)):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template."""
        self.codes[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


def _when_asked(compiled: Callable[..., Callable[..., Any]]) -> Callable[..., Any]:
    """Let a route learn to build its address when somebody asks for it: 0.1 s for all of an app."""

    def later(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        built: Callable[..., Any] | None = None

        def build(of: Rule, **values: Any) -> Any:
            nonlocal built
            built = built or compiled(rule, append_unknown)
            return built(of, **values)

        return build

    return later
