"""The audit log as a file that proves itself: each row with its hash and the one before; pure.

The last line holds a keyed hash over the rows' hashes, so that no row can be taken out unseen.
"""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from audit import words
from audit.chain import Row, row_of, text_of
from hall import days
from hall.cells import quoted

# The headings, each with its width in a sheet.
COLUMNS = {
    "编号": 9,
    "时间": 22,
    "身份": 8,
    "工号或设备": 14,
    "角色": 12,
    "窗口": 7,
    "地址": 18,
    "类别": 14,
    "操作": 22,
    "对象": 30,
    "结果": 16,
    "说明": 40,
    "前一条校验值": 20,
    "校验值": 20,
    "原文": 60,
}
LAST_LINE = "校验行"
DONE = "成功"
PREVIOUS, KEPT, TEXT = (list(COLUMNS).index(name) for name in ("前一条校验值", "校验值", "原文"))


def line(previous: bytes, row: Row, zone: ZoneInfo) -> list[str]:
    """Return a row as a line of the file; ``previous`` is the hash it follows."""
    return [
        *_readable(row.number, text_of(row.number, row.entry), zone),
        previous.hex(),
        row.hash.hex(),
        text_of(row.number, row.entry),
    ]


def _readable(number: int, text: str, zone: ZoneInfo) -> list[str]:
    _, entry = row_of(text)
    told = [
        str(number),
        days.local(entry.at, zone).isoformat(" ", "milliseconds"),
        words.KINDS.get(entry.kind, entry.kind),
        entry.who,
        words.ROLES.get(entry.role, entry.role),
        "" if entry.window is None else str(entry.window),
        entry.address,
        words.SORTS[words.sort_of(entry.verb)],
        words.words_of(entry.verb),
        entry.target,
        entry.code or DONE,
        entry.detail,
    ]
    return [quoted(each) for each in told]


def last_line(hashes: Sequence[str], secret: bytes) -> list[str]:
    """Return the line that holds the rows before it together."""
    told = [LAST_LINE, f"共 {len(hashes)} 条", signature(hashes, secret)]
    return told + [""] * (len(COLUMNS) - len(told))


def signature(hashes: Iterable[str], secret: bytes) -> str:
    """Return the keyed hash over the hashes of a file's rows."""
    return hmac.new(secret, "\n".join(hashes).encode(), sha256).hexdigest()


def problems(lines: Sequence[Sequence[Any]], secret: bytes, zone: ZoneInfo) -> list[str]:
    """Return what is wrong with a file that was handed out once, a sentence each."""
    told = [[("" if each is None else str(each)) for each in line] for line in lines]
    told = [line for line in told if any(line)]
    if not told or told[0][: len(COLUMNS)] != list(COLUMNS):
        return ["不是审计日志导出的文件：第一行不是它的列名"]
    rows, found = told[1:], []
    if not rows or rows[-1][0] != LAST_LINE:
        return ["最后的校验行不在了：文件被截断过"]
    *rows, end = rows
    hashes = [line[KEPT] for line in rows]
    if not hmac.compare_digest(end[2], signature(hashes, secret)):
        found.append("校验行与各条记录不符：有记录被删去、增加或调换，或文件来自别的大厅")
    last: Mapping[int, str] = {}
    for at, line in enumerate(rows, start=2):
        if wrong := _wrong(line, last, zone):
            found.append(f"第 {at} 行{wrong}")
        last = {int(line[0]): line[KEPT]} if line[0].isdecimal() else {}
    return found


def _wrong(line: list[str], last: Mapping[int, str], zone: ZoneInfo) -> str:
    try:
        number, _ = row_of(line[TEXT])
        proved = sha256(bytes.fromhex(line[PREVIOUS]) + line[TEXT].encode()).hexdigest()
        readable = _readable(number, line[TEXT], zone)
    except (ValueError, TypeError, IndexError):
        return "读不出来"
    if proved != line[KEPT]:
        return "与它的校验值不符"
    if line[: len(readable)] != readable:
        return "显示的内容与原文不符"
    if last.get(number - 1, line[PREVIOUS]) != line[PREVIOUS]:
        return "接不上前一条"
    return ""
