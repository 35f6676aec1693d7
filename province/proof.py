"""Whether nothing was forgotten on the way to the province: what ``server.py verify`` asks.

Each question is a query that finds the rows which break a promise; none may be found.
"""

from hall.proof import broken
from hall.store import Store

PROMISES = {
    "对接启用以来的评价都有上报记录": """
        select rating.id from rating
        join province_link on rating.id > after_rating
            and (last_rating is null or rating.id <= last_rating)
        where rating.given_by_default = 0 and rating.channel != 'import' and not exists (
            select 1 from province_row where rating = rating.id and kind = 'rating'
        )
    """,
    "已上报的评价都有省平台的编号和时间": """
        select id from province_row where state = 'sent' and (unid = '' or sent_at is null)
    """,
    "省平台的一个编号只对应一条上报": """
        select min(id) from province_row where unid != '' and state = 'sent'
        group by unid having count(*) > 1
    """,
    "上报的作废都是已作废的评价": """
        select province_row.id from province_row join rating on rating.id = province_row.rating
        where kind = 'void' and voided_at is null
    """,
}


def problems(store: Store) -> list[str]:
    """Return what is wrong with what went up from a file, a sentence each."""
    return [
        broken(promise, [str(row[0]) for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]
