"""``month``: a month's figures, as a table or CSV."""

import csv
import sys
from typing import TYPE_CHECKING

from hall.refusals import NotAllowed

if TYPE_CHECKING:
    pass
from commandline.asked import Asked, say


def month(asked: Asked) -> int:
    """Print a month's table."""
    from rating import export

    if not asked.database.exists():
        raise NotAllowed("no_database", f"没有数据文件 {asked.database}。")
    register = asked.register()
    table = asked.book(register).month(asked.words.month, asked.words.by).to_json()
    if asked.words.csv:
        heading = export.Heading(hall=register.hall().name)
        _write_bytes(export.render("csv", table, heading))
        return 0
    say(f"{table['month']}　按 {table['by']}")
    out = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    out.writerow(("编号", "名称", "办件", "评价", "满意率", "评价率"))
    for row in (*table["rows"], table["totals"]):
        rates = [f"{row[name]['text']}" for name in ("satisfaction", "rating_rate")]
        out.writerow((row["key"], row["name"], row["served"], row["rated"], *rates))
    return 0


def _write_bytes(content: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
