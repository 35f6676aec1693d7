"""Whether a hall's file may be served: what is wrong with it, and what to do; nothing is touched.

A damaged hall never starts empty. Whoever reads the sentence stands in front of a dark hall.
"""

from dataclasses import dataclass
from enum import StrEnum
from struct import Struct

MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
PAGES = Struct(">H")
COUNTS = Struct(">I")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is seen of a file from outside, and what it answers."""

    size: int | None  # bytes; None when it is not there
    head: bytes = b""  # its first 100 bytes
    log: int | None = None  # bytes of its -wal; None when it is not there
    traces: bool = False  # something says that a hall was here: backups, a copy, a mark
    left_open: bool = False  # the server before was cut off, and nobody has opened the file since
    error: str = ""  # what SQLite says when it is asked
    tables: int = 0
    is_hall: bool = False


class Condition(StrEnum):
    """How a file is."""

    SOUND = "sound"
    NEW = "new"
    MISSING = "missing"
    EMPTY = "empty"
    NO_DATABASE = "no_database"
    SHORT = "short"
    LOG_MISSING = "log_missing"
    FOREIGN = "foreign"
    DAMAGED = "damaged"


SAID = {
    Condition.MISSING: "数据文件 {file} 不见了，但这里有过一个大厅",
    Condition.EMPTY: "数据文件 {file} 是空的（0 字节），但这里有过一个大厅",
    Condition.NO_DATABASE: "{file} 不是数据库文件，或文件开头已损坏",
    Condition.SHORT: "数据文件 {file} 不完整：后面的内容不见了",
    Condition.LOG_MISSING: "数据文件 {file} 旁边的 {file}-wal 不见了，里面有最后的取号和评价",
    Condition.FOREIGN: "{file} 是别的程序的数据库，不是大厅的数据文件",
    Condition.DAMAGED: "数据文件 {file} 已损坏（{error}）",
}


def page_size(head: bytes) -> int:
    """Return the page size a file's header names."""
    (size,) = PAGES.unpack_from(head, 16)
    return 65_536 if size == 1 else int(size)


def _is_short(seen: Seen) -> bool:
    """Return whether pages are missing at the end; with a log beside it they may stand there."""
    if seen.log or seen.size is None:
        return False
    (pages,) = COUNTS.unpack_from(seen.head, 28)
    changed, valid_for = seen.head[24:28], seen.head[92:96]
    # SQLite's own rule for when the header's count can be believed
    return changed == valid_for and seen.size < pages * page_size(seen.head)


def judge(seen: Seen) -> Condition:
    """Return how a file is; only a sound one and a new one are served."""
    if seen.size is None:
        return Condition.MISSING if seen.traces or seen.log else Condition.NEW
    if not seen.size:
        return Condition.EMPTY if seen.traces or seen.log else Condition.NEW
    if len(seen.head) < HEADER_BYTES or not seen.head.startswith(MAGIC):
        return Condition.NO_DATABASE
    if _is_short(seen):
        return Condition.SHORT
    if seen.log is None and seen.left_open:
        return Condition.LOG_MISSING
    if seen.error:
        return Condition.DAMAGED
    if not seen.is_hall:
        # a first start that was cut off leaves a database without a table
        return Condition.FOREIGN if seen.tables or seen.traces else Condition.NEW
    return Condition.SOUND


@dataclass(frozen=True, slots=True)
class Offer:
    """The newest good copy there is, in words: what it is, how old, and how it is brought back."""

    what: str
    command: str


def sentence(found: Condition, file: str, error: str, offer: Offer | None, accept: str) -> str:
    """Return what is wrong and what to do, a line each."""
    lines = [
        f"{SAID[found].format(file=file, error=error)}。大厅没有打开，也没有新建空的数据文件。"
    ]
    if found is Condition.LOG_MISSING:
        lines.append(f"找得到的话，把 {file}-wal 放回原处再启动。")
    elif found in (Condition.NO_DATABASE, Condition.FOREIGN):
        lines.append("请先看配置里的 [server] database 是否写对。")
    elif found in (Condition.MISSING, Condition.EMPTY):
        lines.append("请先看磁盘是否接好，配置里的 [server] database 是否写对。")
    if offer is not None:
        lines.append(f"最新的完好备份：{offer.what}。恢复：{offer.command}（原文件会保留）")
    else:
        lines.append("没有找到备份。请保留原文件，不要删除，联系维护人员。")
    if found is Condition.LOG_MISSING:
        lines.append(f"找不回日志、也不用备份，仍用现有文件：{accept}")
    elif found in (Condition.MISSING, Condition.EMPTY):
        lines.append(f"确实要从空的大厅开始：{accept}")
    return "\n".join(lines)
