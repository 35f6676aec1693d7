"""An export from its asking to the hour when its file is removed; pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hall import cells
from hall.days import HOUR, Instant
from hall.refusals import NotAllowed, NotFound, NotValid
from rating.periods import Period, period

# A finished file waits an hour for whoever asked for it.
KEPT = HOUR
KINDS = {"raw": "匿名原始数据", "standard": "国标数据表"}
FORMS = {"xlsx": "XLSX 工作簿", "csv": "CSV（ZIP 压缩）"}
EXTENSIONS = {"xlsx": "xlsx", "csv": "zip"}
TYPES = {"xlsx": cells.TYPES["xlsx"], "csv": "application/zip"}
A_TAP = re.compile(r"[A-Za-z0-9-]{8,64}")


class Broken(Exception):
    """The process that makes a file ended without it; its own words are for the log."""


class State(StrEnum):
    """Where an export stands."""

    RUNNING = "running"
    DONE = "done"
    BROKEN = "broken"
    REMOVED = "removed"


MAY_BECOME: dict[State, frozenset[State]] = {
    State.RUNNING: frozenset({State.DONE, State.BROKEN}),
    State.DONE: frozenset({State.REMOVED}),
    State.BROKEN: frozenset(),
    State.REMOVED: frozenset(),
}
STATES = {
    State.RUNNING: "正在导出",
    State.DONE: "已完成",
    State.BROKEN: "未完成",
    State.REMOVED: "文件已删除",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants exported: the kind, the form, days (both included), free text too."""

    kind: str
    form: str
    first: str
    last: str
    words: bool = False

    @property
    def period(self) -> Period:
        """The days, as a period."""
        return period("range", f"{self.first}..{self.last}")


@dataclass(frozen=True, slots=True)
class Job:
    """An export; ``rows`` and ``size`` (bytes) are known when it is done."""

    id: int
    wish: Wish
    who: str
    asked_at: Instant
    state: State
    ended_at: Instant | None = None
    rows: int = 0
    size: int = 0
    file: str = ""
    stopped_by: str = ""

    @property
    def said(self) -> str:
        """Where it stands, in a word."""
        return "已停止" if self.stopped_by else STATES[self.state]

    @property
    def kept_until(self) -> Instant | None:
        """Until when its file is there; None when there is none."""
        if self.state is not State.DONE or self.ended_at is None:
            return None
        return self.ended_at + KEPT


def wish_of(typed: Mapping[str, str]) -> Wish:
    """Return what a form asks for; NotValid with a sentence for whatever is wrong."""
    kind, form = typed.get("kind", ""), typed.get("form", "")
    if kind not in KINDS:
        raise NotValid("unknown_kind", f"请选择导出内容：{'、'.join(KINDS.values())}。")
    if form not in FORMS:
        raise NotValid("unknown_form", f"请选择文件格式：{'、'.join(FORMS.values())}。")
    wish = Wish(kind, form, typed.get("first", ""), typed.get("last", ""), "words" in typed)
    _ = wish.period  # refuses what are no days
    return Wish(kind, form, wish.first, wish.last, wish.words and kind == "raw")


def check_tap(tap: str) -> str:
    """Return the tap of a form, or refuse one that is none."""
    if not A_TAP.fullmatch(tap):
        raise NotValid("bad_tap", "表单不完整，请刷新页面后重试。")
    return tap


def check_stop(job: Job | None, who: str, *, in_charge: bool) -> Job:
    """Return an export that somebody may stop: their own, or any for who is in charge."""
    if job is None:
        raise NotFound("unknown_export", "没有这次导出。")
    if job.who != who and not in_charge:
        raise NotAllowed("not_yours", "只能停止自己发起的导出。")
    if job.state is not State.RUNNING and not job.stopped_by:
        raise NotAllowed("not_running", "这次导出已经结束，无需停止。")
    return job


def check_fetch(job: Job | None, who: str, now: Instant) -> Job:
    """Return an export whose file somebody may have now, or refuse."""
    if job is None:
        raise NotFound("unknown_export", "没有这次导出。")
    if job.who != who:
        raise NotAllowed("not_yours", "导出的文件只能由发起导出的人下载。")
    if job.state is State.RUNNING:
        raise NotAllowed("still_running", "还在导出，请稍候。")
    if job.kept_until is None or now >= job.kept_until:
        raise NotFound("file_gone", "文件已经删除，请重新导出。")
    return job


def file_name(wish: Wish, hall: str, *, demo: bool) -> str:
    """Return the name under which the file is saved."""
    mark = "（演示）" if demo else ""
    days = wish.first if wish.first == wish.last else f"{wish.first}至{wish.last}"
    safe = re.sub(r'[\\/:*?"<>|\x00-\x1f]', "", hall)
    return f"{safe}-{KINDS[wish.kind]}-{days}{mark}.{EXTENSIONS[wish.form]}"


def plain_name(wish: Wish, *, demo: bool) -> str:
    """Return its name in latin letters, for programs that know no others."""
    mark = "-demo" if demo else ""
    return f"{wish.kind}-{wish.first}-{wish.last}{mark}.{EXTENSIONS[wish.form]}"
