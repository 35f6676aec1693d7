"""Whether the ledger of alarms is whole: what ``server.py verify`` asks of it.

Each question is a query that finds the rows which break a promise; none may be found.
"""

from hall.proof import broken
from hall.store import Store

PROMISES = {
    "每条告警都有产生流水": """
        select id from alarm where id not in (
            select json_extract(detail, '$.alarm') from journal where event = 'alarm_opened'
        )
    """,
    "每条告警所依据的规则版本都在": """
        select alarm.id from alarm where not exists (
            select 1 from alarm_rule
            where alarm_rule.version = alarm.rule_version and alarm_rule.kind = alarm.kind
        )
    """,
    "同一对象同时只有一条未解除的同类告警": """
        select max(id) from alarm where cleared_at is null
        group by kind, subject having count(*) > 1
    """,
    "告警上报前已转为红色": """
        select id from alarm where escalated_at is not null and red_at is null
    """,
    "告警的确认都有流水": """
        select id from alarm where acknowledged_at is not null and id not in (
            select json_extract(detail, '$.alarm') from journal where event = 'alarm_acknowledged'
        )
    """,
}


def problems(store: Store) -> list[str]:
    """Return what is wrong with the ledger of a file, a sentence each."""
    return [
        broken(promise, [f"告警 {row[0]}" for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]
