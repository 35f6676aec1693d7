"""Makes an export's file: ``python -m reports.work``, a process of its own.

It reads a wish from its input, the hall's file through a connection that only reads, and says how
far it is: lines of ``{"all": n}``, ``{"done": n}`` and at last ``{"rows": {…}, "memory_mb": …}``.
Rows go straight from the database into the file: the hundred thousandth needs no more than the
first.
"""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from complaints.complaints import Complaints
from complaints.export import COLUMNS as TABLE10
from complaints.life import KINDS, SOURCES, STATES
from hall import config, days
from hall.days import Instant
from hall.desk import Desk
from hall.register import Register
from hall.store import Store
from monitor.export import COLUMNS as TABLE11
from monitor.export import table11
from monitor.store import Alarms, Wanted
from reports import anonymous, jobs, standard
from reports.anonymous import Anonymous, masked
from reports.files import Sheets, sheets
from reports.jobs import Wish
from reports.store import Records

# Saying so a hundred thousand times would take longer than the rows.
EVERY = 500
# The hall's calls go first: the export takes what they leave of the processors.
GIVES_WAY = 10
FREE_TEXT = {name: place for place, name in enumerate(TABLE10)}
MOST_ALARMS_A_DAY = 50_000

Say = Callable[..., None]


class Work:
    """One export."""

    def __init__(self, wish: dict[str, Any], say: Say) -> None:
        self.asked = Wish(**wish["wish"])
        self.told = wish
        self.say = say
        self.config = config.from_dict(wish["config"])
        self.zone = self.config.hall.zone
        self.made_at = datetime.fromisoformat(wish["made_at"])
        self.now = int(self.made_at.timestamp() * 1000)
        self.store = Store(wish["database"], readonly=True)
        self.records = Records(self.store)
        self.records.stand_still()
        self.register = Register(self.store, self._clock)
        self.catalogue = self.register.catalogue()
        when = self.asked.period
        self.bounds = tuple(days.first_instant(day, self.zone) for day in (when.first, when.past))
        self.rows: dict[str, int] = {}

    def _clock(self) -> Instant:
        return self.now

    def make(self) -> dict[str, int]:
        """Write the file; return how many rows each sheet has."""
        made_at = self.made_at.replace(tzinfo=None)
        title = f"{self.told['hall']}{jobs.KINDS[self.asked.kind]}"
        path = Path(self.told["path"])
        part = path.with_name(f"{path.name}.part")
        with sheets(self.asked.form, part, title, made_at) as file:
            file.notice("说明", self._notice(title))
            if self.asked.kind == "raw":
                self._raw(file)
            else:
                self._standard(file)
        part.replace(path)
        return self.rows

    def _notice(self, title: str) -> list[tuple[str, str]]:
        words = "含，其中数字已遮盖" if self.asked.words else "不含"
        about = {
            "raw": [
                ("范围", "办件按办理结束时间、评价按评价时间、投诉按投诉时间计入。"),
                (
                    "匿名",
                    "不含姓名、电话、证件号码和联系方式。代号由大厅密钥计算，同一对象在各表、"
                    "各次导出中代号相同，不能还原；时间精确到分钟。",
                ),
                ("文字", f"{words}。"),
                ("核算", "满意率＝有效评价中分值 3 分及以上的件数÷有效评价件数，只计第 1 次评价。"),
            ],
            "standard": [
                (
                    "依据",
                    "GB/T 39046-2020 表 9（绩效评价）、表 10（办事互动）、表 11（电子监察）。",
                ),
                ("范围", "表 9 为有效评价，不含作废评价和默认评价；大厅不采集评价人姓名。"),
                ("文字", "文字评价、投诉内容和反馈信息中的数字已遮盖。"),
            ],
        }
        return [
            ("名称", title),
            ("期间", f"{self.asked.first} 至 {self.asked.last}"),
            *about[self.asked.kind],
            ("制表人", self.told["made_by"]),
            ("审核人", ""),
            ("制表时间", f"{self.made_at:%Y-%m-%d %H:%M:%S}"),
        ]

    # -- raw data -------------------------------------------------------------------------------

    def _raw(self, file: Sheets) -> None:
        read = self.records
        self.say(
            all=sum(read.count(each, *self.bounds) for each in ("visits", "ratings", "complaints"))
        )
        make = Anonymous(
            bytes.fromhex(self.told["key"]),
            self.catalogue,
            self.zone,
            self.asked.words,
            {each.value: word for each, word in SOURCES.items()},
            {each.value: word for each, word in KINDS.items()},
            {each.value: word for each, word in STATES.items()},
        )
        visits = map(make.visit, read.visits(*self.bounds))
        ratings = (make.rating(fact) for fact, _ in read.ratings(*self.bounds))
        complaints = map(make.complaint, read.complaints(*self.bounds))
        self._sheet(file, "办件", anonymous.VISITS, visits)
        self._sheet(file, "评价", anonymous.RATINGS, ratings)
        self._sheet(file, "投诉", anonymous.COMPLAINTS, complaints)

    # -- GB/T 39046 -----------------------------------------------------------------------------

    def _standard(self, file: Sheets) -> None:
        self.say(
            all=sum(self.records.count(each, *self.bounds) for each in ("ratings", "complaints"))
        )
        self._sheet(file, "表9 绩效评价", standard.TABLE9, self._table9())
        self._sheet(file, "表10 办事互动", TABLE10, self._table10())
        self._sheet(file, "表11 电子监察", TABLE11, self._table11())

    def _table9(self) -> Iterator[list[Any]]:
        area_code = self.config.complaints.area_code
        for fact, number in self.records.ratings(*self.bounds):
            if not fact.voided and not fact.by_default:
                yield standard.row9(fact, number, area_code, self.zone)

    def _table10(self) -> Iterator[list[Any]]:
        desk = Desk(self.store, self.register, self.config, self._clock)
        complaints = Complaints(self.store, self.register, desk, self.config, self._clock)
        first, last = (day.replace("-", "") for day in (self.asked.first, self.asked.last))
        month = self.asked.first[:7]
        while month <= self.asked.last[:7]:
            for row in complaints.table10(month):
                if first <= row[FREE_TEXT["投诉时间"]][:8] <= last:
                    for name in ("投诉标题", "投诉内容", "反馈信息", "延期原因"):
                        row[FREE_TEXT[name]] = masked(row[FREE_TEXT[name]])
                    yield row
            month = days.month_before(month, -1)

    def _table11(self) -> Iterator[list[Any]]:
        alarms, day = Alarms(self.store), self.asked.first
        while day <= self.asked.last:
            found = alarms.find(Wanted(day, day), MOST_ALARMS_A_DAY)
            yield from table11(reversed(found), self.catalogue, self.told["hall"], self.zone)
            day = days.next_day(day)

    def _sheet(
        self, file: Sheets, name: str, headings: dict[str, int], rows: Iterable[list[Any]]
    ) -> None:
        file.sheet(name, headings)
        before = sum(self.rows.values())
        self.rows[name] = 0
        for row in rows:
            file.row(row)
            self.rows[name] += 1
            if (before + self.rows[name]) % EVERY == 0:
                self.say(done=before + self.rows[name])


def memory_mb() -> float:
    """Return the most memory this process has held, in MB; 0 where the system does not say.

    ``getrusage`` would tell of the server as well: what it held when it began this process.
    """
    status = Path("/proc/self/status")
    told = status.read_text() if status.is_file() else ""
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Make what the wish on the standard input asks for."""
    if hasattr(os, "nice"):
        os.nice(GIVES_WAY)

    def say(**told: Any) -> None:
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    rows = Work(json.load(sys.stdin.buffer), say).make()
    say(rows=rows, memory_mb=round(memory_mb(), 1))


if __name__ == "__main__":
    main()
