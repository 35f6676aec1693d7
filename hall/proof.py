"""Whether a hall's file is whole: what ``server.py verify`` asks of the queue.

Each question is a query that finds the rows which break a promise; none may be found.
"""

from hall.file import HallFile

PROMISES = {
    "号码在同一业务日内不重复": """
        select day || ' ' || number from ticket group by day, prefix, sequence having count(*) > 1
    """,
    "发出的号不超过当日计数": """
        select ticket.day || ' ' || ticket.number from ticket
        left join counter on counter.day = ticket.day and counter.prefix = ticket.prefix
        where counter.last is null or ticket.sequence > counter.last
    """,
    "打印的号码就是前缀加序号": """
        select ticket.id from ticket where number != prefix || printf('%03d', sequence)
    """,
    "每张号票都有取号流水": """
        select ticket.id from ticket where not exists (
            select 1 from journal where journal.ticket = ticket.id and event = 'ticket_taken'
        )
    """,
    "等候中和已结束的号不占用窗口": """
        select ticket.id from ticket join visit on visit.ticket = ticket.id
        where ticket.state not in ('called', 'serving', 'held') and visit.ended_at is null
    """,
    "等候中的号还没有办完": """
        select ticket.id from ticket
        where ticket.state = 'waiting' and 'done' = (
            select state from visit where visit.ticket = ticket.id order by visit.id desc limit 1
        )
    """,
    "呼叫中、办理中和挂起的号都在一个窗口": """
        select ticket.id from ticket
        left join visit on visit.ticket = ticket.id and visit.ended_at is null
        where ticket.state in ('called', 'serving', 'held')
            and (visit.id is null or visit.state != ticket.state)
    """,
    "过号次数与过号记录一致": """
        select ticket.id from ticket where misses != (
            select count(*) from visit where visit.ticket = ticket.id and state = 'missed'
        )
    """,
    "办完和过号的号与办理记录一致": """
        select ticket.id from ticket
        where ticket.state in ('done', 'missed') and ticket.state is not (
            select state from visit where visit.ticket = ticket.id order by visit.id desc limit 1
        )
    """,
    "每次呼叫都有呼叫流水": """
        select visit.id from visit where (
            select count(*) from journal
            where journal.ticket = visit.ticket and journal.visit = visit.id
                and event in ('ticket_called', 'service_added')
        ) != 1
    """,
    "每次办完都有办完流水": """
        select visit.id from visit where state = 'done' and (
            select count(*) from journal
            where journal.ticket = visit.ticket and journal.visit = visit.id
                and event = 'service_finished'
        ) != 1
    """,
    "流水没有缺行": """
        select max(seq) from journal having max(seq) != count(*)
    """,
}
SHOWN = 5


def problems(file: HallFile) -> list[str]:
    """Return what is wrong with a file, a sentence each; an empty list is a whole file."""
    found = damage(file)
    for promise, query in PROMISES.items():
        rows = file.rows(query)
        if rows:
            found.append(broken(promise, [str(row[0]) for row in rows]))
    return found


def damage(file: HallFile) -> list[str]:
    """Return what SQLite itself finds wrong."""
    checked = [str(text) for (text,) in file.rows("pragma integrity_check") if text != "ok"]
    strangers = file.rows("pragma foreign_key_check")
    found = [f"数据文件损坏：{text}" for text in checked]
    if strangers:
        found.append(f"有 {len(strangers)} 行指向不存在的记录。")
    return found


def broken(promise: str, rows: list[str]) -> str:
    """Return the sentence for a promise that rows break."""
    more = "…" if len(rows) > SHOWN else ""
    return f"“{promise}”不成立：{len(rows)} 处（{'、'.join(rows[:SHOWN])}{more}）。"
