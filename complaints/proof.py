"""Whether the complaints are whole: what ``server.py verify`` asks of them.

Each question is a query that finds the rows which break a promise; none may be found.
"""

from hall.proof import broken
from hall.store import Store

PROMISES = {
    "每件投诉都有登记流水": """
        select complaint.id from complaint where not exists (
            select 1 from journal
            where event = 'complaint_registered'
                and detail like '{"complaint": ' || complaint.id || ',%'
        )
    """,
    "每件投诉的办理记录从登记开始": """
        select complaint.id from complaint where 'registered' is not (
            select what from complaint_step
            where complaint_step.complaint = complaint.id order by id limit 1
        )
    """,
    "回复过的投诉只有一条回复记录": """
        select complaint.id from complaint where (replied_at is not null) != (
            select count(*) from complaint_step
            where complaint_step.complaint = complaint.id and what = 'replied'
        )
    """,
    "延期过的投诉只有一条延期记录": """
        select complaint.id from complaint where (extended_to is not null) != (
            select count(*) from complaint_step
            where complaint_step.complaint = complaint.id and what = 'extended'
        )
    """,
    "投诉的状态与最后一条办理记录一致": """
        select complaint.id from complaint
        where case state when 'received' then 'registered' else state end is not (
            select what from complaint_step
            where complaint_step.complaint = complaint.id
                and what != 'extended' and what != 'revealed'
            order by id desc limit 1
        )
    """,
    "回复不早于投诉": """
        select id from complaint where replied_at < at or accepted_at < at
    """,
}


def problems(store: Store) -> list[str]:
    """Return what is wrong with the complaints of a file, a sentence each."""
    return [
        broken(promise, [f"TS{row[0]:06d}" for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]
