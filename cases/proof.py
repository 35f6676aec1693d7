"""Whether every bad rating was followed up: what ``server.py verify`` asks of the cases.

Each question is a query that finds the rows which break a promise; none may be found.
"""

from hall.proof import broken
from hall.store import Store

PROMISES = {
    "每条有效差评都有一件差评件": """
        select rating.id from rating
        where (level = 'dissatisfied' or level = 'very_dissatisfied')
            and voided_at is null and given_by_default = 0
            and not exists (select 1 from rating_case where rating_case.rating = rating.id)
    """,
    "差评件的状态就是最后一步的结果": """
        select rating_case.id from rating_case
        where state is not (
            select becomes from case_step where "case" = rating_case.id order by id desc limit 1
        )
    """,
    "差评件的每一步都接着上一步": """
        select "case" from (
            select "case", verb, was, lag(becomes) over (partition by "case" order by id) as before
            from case_step
        )
        where before is not null and was != before or before is null and verb != 'receive'
    """,
    "办结的实名差评都联系过评价人": """
        select id from rating_case
        where state = 'closed' and real_name = 1
            and not exists (select 1 from case_contact where "case" = rating_case.id)
            and not exists (
                select 1 from case_step where "case" = rating_case.id and verb = 'void'
            )
    """,
    "办结的差评都有答复或已作废": """
        select id from rating_case
        where state = 'closed' and answered_at is null and void_kind = ''
    """,
    "作废的差评件与作废的评价一致": """
        select rating_case.id from rating_case join rating on rating.id = rating_case.rating
        where (rating_case.void_kind != '') != (rating.voided_at is not null)
    """,
    "被评价人不承办对自己的差评": """
        select rating_case.id from rating_case
        where handler = clerk or exists (
            select 1 from case_step
            where "case" = rating_case.id and who != '' and who = rating_case.clerk
        )
    """,
    "每件差评最多批准一次延期": """
        select "case" from case_extension where approved = 1 group by "case" having count(*) > 1
    """,
}


def is_older(store: Store) -> bool:
    """Return whether a file has never had a case: its bad ratings may be from before cases."""
    return not store.row("select exists (select 1 from rating_case)")[0]


def problems(store: Store) -> list[str]:
    """Return what is wrong with the cases of a file, a sentence each; nothing before it has any."""
    if not store.database["rating_case"].exists():
        return []
    return [
        broken(promise, [str(row[0]) for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]
