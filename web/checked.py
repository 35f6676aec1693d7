"""Files that were checked and wait for a yes; the yes may come twice and is done once."""

import secrets
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from flask import current_app

from hall.refusals import NotAllowed, NotFound

T = TypeVar("T")
# Sentences are short: a double click is told what the first one did, hours later too.
MOST_DONE = 50


class Checked(Generic[T]):
    """What was read of a file, by the token on the page that shows it; the oldest go first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._waiting: OrderedDict[str, T] = OrderedDict()
        self._begun: set[str] = set()
        self._done: OrderedDict[str, tuple[str, str]] = OrderedDict()

    def keep(self, thing: T) -> str:
        """Keep what a file says until somebody says yes; return its token."""
        token = secrets.token_urlsafe(12)
        self._waiting[token] = thing
        while len(self._waiting) > self.most:
            self._waiting.popitem(last=False)
        return token

    def done(self, token: str) -> tuple[str, str] | None:
        """Return what was said and where it led when this was adopted, None when it was not."""
        return self._done.get(token)

    @contextmanager
    def adopting(self, token: str) -> Iterator[T]:
        """Let one request adopt a file; what it is refused may be tried again.

        NotFound ``not_checked`` for what is not kept, NotAllowed ``being_imported`` for a second
        request while the first is at it.
        """
        if token in self._begun:
            raise NotAllowed("being_imported", "正在导入，请稍候，不要重复点击。")
        if token not in self._waiting:
            raise NotFound(
                "not_checked",
                "这次检查的结果已经不在了（放得太久，或服务器重新启动过），刚才这一次没有导入。"
                "请重新选择文件检查：检查会说明还有没有要导入的。",
            )
        self._begun.add(token)
        try:
            yield self._waiting[token]
        finally:
            self._begun.discard(token)

    def finish(self, token: str, said: str, address: str) -> None:
        """Remember what became of a file, in place of the file."""
        self._waiting.pop(token, None)
        self._done[token] = (said, address)
        while len(self._done) > MOST_DONE:
            self._done.popitem(last=False)


def checked(place: str, most: int) -> "Checked[T]":
    """Return what waits at one of the pages where files are imported."""
    found: Checked[T] = current_app.extensions.setdefault(f"checked-{place}", Checked(most))
    return found
