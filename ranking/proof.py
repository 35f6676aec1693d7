"""Whether published rankings are what was published: what ``server.py verify`` asks of them.

A promise that is broken is a problem. Records that tell otherwise today are none: late ratings,
voided ones, cases answered since; ``other_today`` tells them as notes.
"""

from hall.days import Clock
from hall.proof import broken
from hall.store import Store
from ranking import counting, frozen
from ranking.life import Ranking
from ranking.store import RankingStore
from rating.book import Book

PROMISES = {
    "每份发布的评比都由拟稿人以外的人签发过": """
        select month || ' 第' || version || '版' from ranking
        where state = 'published' and (
            signed_by = '' or signed_by = drafted_by or not exists (
                select 1 from ranking_step
                where ranking_step.ranking = ranking.id and verb = 'sign'
                    and who = ranking.signed_by
            )
        )
    """,
    "发布的版本从第1版起连续": """
        select month from ranking where state = 'published'
        group by month having max(version) != count(*)
    """,
    "每份评比都有拟稿流水": """
        select ranking.id from ranking where not exists (
            select 1 from journal
            where event = 'ranking_draft'
                and detail like '{"ranking": ' || ranking.id || ',%'
        )
    """,
}


def problems(store: Store) -> list[str]:
    """Return what is wrong with the rankings of a file, a sentence each."""
    if not store.database["ranking"].exists():
        return []
    found = [
        broken(promise, [str(row[0]) for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]
    return found + [told for each in RankingStore(store).every_version() if (told := _wrong(each))]


def _wrong(ranking: Ranking) -> str:
    if frozen.seal_of(ranking.snapshot) != ranking.seal:
        return f"{ranking.words}评比的内容与它的校验值不符"
    content = frozen.read(ranking.snapshot)
    if (content["month"], content["version"]) != (ranking.month, ranking.version):
        return f"{ranking.words}评比的内容属于另一个月或另一版"
    if not frozen.is_worked_out(content):
        return f"{ranking.words}评比的名次不能由它自己的数据重新算出"
    return ""


def other_today(book: Book, clock: Clock) -> list[str]:
    """Return which months' records tell otherwise than their newest published version."""
    if not book.store.database["ranking"].exists():
        return []
    found = []
    for each in RankingStore(book.store).newest():
        facts = counting.facts_of(book, each.month, clock())
        if differ := frozen.differences(frozen.read(each.snapshot), facts):
            windows = len({one.window for one in differ})
            found.append(
                f"{each.words}评比发布后，{windows} 个窗口的记录有变化，如{differ[0].words}；"
                "已发布的数据不变"
            )
    return found
