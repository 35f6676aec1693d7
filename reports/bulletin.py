"""The month's bulletin (月度通报): figures in, an official text with tables and charts out; pure.

Every rate stands with its numerator and denominator, every chart above the table it is drawn from;
nothing in it names a person but those who sign.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rating.columns import period_words
from reports.annexes import annexes
from reports.facts import Facts, Part
from reports.parts import chapters
from reports.said import month_words
from reports.wording import default_issue

NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Bulletin:
    """The bulletin, ready to be set."""

    title: str
    issue: str
    period: str
    opening: str
    parts: Sequence[Part]
    facts: Facts


def bulletin(facts: Facts) -> Bulletin:
    """Return a month's bulletin."""
    month = month_words(facts.month)
    numbered = [_numbered(place, part) for place, part in enumerate(chapters(facts))]
    annexed = [_annexed(number, part) for number, part in enumerate(annexes(facts), start=1)]
    return Bulletin(
        f"关于{month}政务服务“好差评”情况的通报",
        facts.words.issue or default_issue(facts.month),
        period_words(facts.month, facts.today),
        f"现将{facts.hall}{month}“好差评”情况通报如下。",
        [*numbered, *annexed],
        facts,
    )


def _numbered(place: int, part: Part) -> Part:
    return Part(
        f"{NUMERALS[place]}、{part.title}",
        *(part.paragraphs, part.chart, part.chart_caption, part.grids, part.notes),
    )


def _annexed(number: int, part: Part) -> Part:
    title = f"附件{number}　{part.title}"
    return Part(
        title, part.paragraphs, part.chart, part.chart_caption, part.grids, part.notes, annex=True
    )
