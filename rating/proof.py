"""Whether the ratings are whole and the figures are those of the records: ``server.py verify``.

Days and months of the tally are counted here once more; a month's table, the one that feeds screens
and files, is also added up from single rows by another way. All must agree.
"""

from collections import defaultdict
from zoneinfo import ZoneInfo

from hall import days, proof
from hall.store import Store
from rating import chain
from rating.book import Book
from rating.levels import LEVELS, Level
from rating.months import rate
from rating.store import Seal

PROMISES = {
    "只有办完的服务才有评价": """
        select rating.id from rating join visit on visit.id = rating.visit
        where visit.state != 'done' or rating.at < visit.ended_at
    """,
    "一次服务只评价一次": """
        select visit from rating group by visit, nth having count(*) > 1
    """,
    "评价的窗口、人员和业务就是办理时的": """
        select rating.id from rating join visit on visit.id = rating.visit
        where rating.window != visit.window or rating.clerk is not visit.clerk
            or rating.service != visit.service
    """,
    "每条评价都有评价流水": """
        select rating.id from rating join visit on visit.id = rating.visit where (
            select count(*) from journal
            where journal.ticket = visit.ticket and journal.visit = visit.id
                and event = 'service_rated'
        ) < 1
    """,
    "流水里的每条评价都在": """
        select json_extract(detail, '$.rating') from journal
        where event in ('service_rated', 'rating_voided') and not exists (
            select 1 from rating where rating.id = json_extract(journal.detail, '$.rating')
        )
    """,
    "每次作废都有流水、时间和理由": """
        select rating.id from rating left join rating_void on rating_void.rating = rating.id
        where rating.voided_at is not rating_void.at or (voided_at is not null and not exists (
            select 1 from journal where event = 'rating_voided'
                and json_extract(detail, '$.rating') = rating.id
        ))
    """,
    "流水里的每次作废都在": """
        select json_extract(detail, '$.rating') from journal
        where event = 'rating_voided' and not exists (
            select 1 from rating_void
            where rating_void.rating = json_extract(journal.detail, '$.rating')
        )
    """,
    "每条评价和作废都有封印": """
        select id from rating where not exists (
            select 1 from seal where kind = 'rating' and about = rating.id
        )
        union all
        select rating from rating_void where not exists (
            select 1 from seal where kind = 'void' and about = rating_void.rating
        )
    """,
    "追评只在差评整改之后": """
        select second.id from rating as second where second.nth = 2 and not exists (
            select 1 from rating as first join second_rating on second_rating.visit = first.visit
            where first.visit = second.visit and first.nth = 1
                and first.level in ('dissatisfied', 'very_dissatisfied')
        )
    """,
    "每条纸质评价都由两人录入和确认": """
        select rating.id from rating where channel = 'paper' and not exists (
            select 1 from paper_form
            where paper_form.rating = rating.id and confirmed_by != typed_by
        )
    """,
    "邀评记为“已评价”的确有评价": """
        select asking.visit from asking
        where ended_as = 'rated' and not exists (
            select 1 from rating where rating.visit = asking.visit
        )
    """,
}


def problems(book: Book) -> list[str]:
    """Return what is wrong with a hall's file, a sentence each; an empty list is a whole file."""
    store, zone = book.store, book.desk.zone
    found = [*proof.problems(store), *broken_promises(store)]
    found.extend(broken_seals(book))
    found.extend(
        f"{period} 的累计（{table}）与原始记录不一致。"
        for table, period in book.tallies.differences()
    )
    for month in months_with_records(store, zone):
        found.extend(_differences(book, month))
    return found


def broken_promises(store: Store) -> list[str]:
    """Return which promises of the ratings are broken, and by which rows."""
    return [
        proof.broken(promise, [str(row[0]) for row in rows])
        for promise, query in PROMISES.items()
        if (rows := store.rows(query))
    ]


def broken_seals(book: Book) -> list[str]:
    """Return where the chain of seals is broken: a row changed, gone, or in another's place."""
    found, before = [], chain.BEGINS
    for place, (link, values, contact) in enumerate(book.ratings.sealed(), start=1):
        what = f"第 {link.seq} 号封印（{'评价' if link.kind == 'rating' else '作废'} {link.about}）"
        if link.seq != place:
            found.append(f"{what}前缺少封印，或次序有变。")
            return found
        if values is None:
            found.append(f"{what}所封的记录不见了。")
        elif not _is_sealed(before, link, values):
            found.append(f"{what}与记录不符：内容或次序被改动过。")
        elif not chain.is_private_whole(link.salt, link.private, contact):
            found.append(f"{what}的联系方式被改动过。")
        elif not _is_text_whole(link, values):
            found.append(f"{what}的文字被改动过，或没有登记就被删去。")
        before = link.hash
    return found


def _is_sealed(before: str, link: Seal, values: tuple[object, ...]) -> bool:
    if link.erased is not None and chain.erased_seal(link.hash, values, link.private) != (
        link.erased
    ):
        return False
    if link.erased is not None and not link.text_private:
        return True  # its text stood in the seal itself, which nobody can work out any more
    told = chain.hidden(values, link.text_private)
    return chain.seal(before, link.kind, told, link.private) == link.hash


def _is_text_whole(link: Seal, values: tuple[object, ...]) -> bool:
    """Return whether a text is what was sealed, or was erased and its erasure kept."""
    if link.kind != "rating":
        return True
    text = str(values[chain.TEXT])
    if link.erased is not None:
        return not text and not link.text_salt
    return chain.private_seal(link.text_salt, text) == link.text_private or not link.text_private


def months_with_records(store: Store, zone: ZoneInfo) -> list[str]:
    """Return the months in which something ended or was rated."""
    instants = store.rows(
        """
        select min(ended_at), max(ended_at) from visit where ended_at is not null
        union all select min(at), max(at) from rating
        """
    )
    known = [each for row in instants for each in row if each is not None]
    if not known:
        return []
    names = [days.day_of(instant, zone)[:7] for instant in (min(known), max(known))]
    months = [names[1]]
    while months[-1] > names[0]:
        months.append(days.month_before(months[-1]))
    return months[::-1]


def _differences(book: Book, month: str) -> list[str]:
    """Compare a month's table by window with one added up from single rows."""
    levels, served, unrated = _from_single_rows(book.store, book.desk.zone, month)
    shown = book.month(month).to_json()
    found = []
    for row in shown["rows"]:
        mine, in_vain = levels.pop(row["key"], {}), unrated.pop(row["key"], 0)
        rated = sum(mine.values())
        good = sum(mine.get(level, 0) for level in LEVELS[:3])
        same = (
            row["served"] == served.pop(row["key"], 0)
            and row["rated"] == rated
            and row["timed_out"] == in_vain
            and row["levels"] == {level.value: mine.get(level, 0) for level in LEVELS}
            and row["satisfaction"] == rate(good, rated)
        )
        if not same:
            found.append(f"{month} {row['name']} 的报表与原始记录不一致。")
    if missing := sorted({*levels, *served, *unrated}):
        found.append(f"{month} 的报表缺少窗口：{'、'.join(missing)}。")
    totals = shown["totals"]
    return found + [
        f"{month} 的合计与各行之和不一致（{name}）。"
        for name in ("served", "rated", "bad", "missed", "called", "timed_out")
        if totals[name] != sum(row[name] for row in shown["rows"])
    ]


def _from_single_rows(
    store: Store, zone: ZoneInfo, month: str
) -> tuple[dict[str, dict[Level, int]], dict[str, int], dict[str, int]]:
    levels: dict[str, dict[Level, int]] = defaultdict(lambda: defaultdict(int))
    served: dict[str, int] = defaultdict(int)
    unrated: dict[str, int] = defaultdict(int)
    for at, window, level in store.rows(
        """
        select at, window, level from rating
        where voided_at is null and given_by_default = 0 and nth = 1
        """
    ):
        if days.day_of(at, zone).startswith(month):
            levels[str(window)][Level(level)] += 1
    for ended_at, window in store.rows(
        "select ended_at, window from visit where outcome is not null"
    ):
        if days.day_of(ended_at, zone).startswith(month):
            served[str(window)] += 1
    rated = {visit for (visit,) in store.rows("select visit from rating")}
    for visit, window, ended_at in store.rows(
        """
        select visit.id, visit.window, visit.ended_at from asking
        join visit on visit.id = asking.visit where asking.ended_as = 'timed_out'
        """
    ):
        if visit not in rated and days.day_of(ended_at, zone).startswith(month):
            unrated[str(window)] += 1
    return levels, served, unrated
