"""GB/T 39046-2020 table 9 (绩效评价) as rows; pure. Tables 10 and 11 have rooms of their own."""

from typing import Any
from zoneinfo import ZoneInfo

from hall.days import local
from rating.levels import LEVELS, Channel, Level
from reports.anonymous import RatingFact, masked

# The headings in the standard's order, each with its width in a sheet.
TABLE9 = {
    "办件编号": 22,
    "评价渠道": 14,
    "评价人": 10,
    "评价时间": 17,
    "评价次数": 9,
    "满意度": 12,
    "满意度代码": 11,
    "文字评价": 44,
    "行政区划": 14,
}
NUMBERS9 = {"评价次数", "满意度代码"}
LONGEST_NUMBER, LONGEST_WORDS = 50, 1000
ANONYMOUS = "匿名"


def row9(fact: RatingFact, case_number: str, area_code: str, zone: ZoneInfo) -> list[Any]:
    """Return a rating under TABLE9; the hall never asks for names, so each rater is anonymous.

    The code is that of table A.8, which counts from 1 非常满意 to 5 非常不满意.
    """
    level = Level(fact.level)
    return [
        case_number[:LONGEST_NUMBER],
        Channel(fact.channel).chinese,
        ANONYMOUS,
        f"{local(fact.at, zone):%Y%m%dT%H%M%S}",
        fact.nth,
        level.chinese,
        LEVELS.index(level) + 1,
        masked(fact.text)[:LONGEST_WORDS],
        area_code,
    ]
