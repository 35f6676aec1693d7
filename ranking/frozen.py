"""A month as it is published: a text that never changes, its hash, and what differs today; pure.

The text holds the facts and the terms beside the places, so that the places can be worked out again
from it alone. It names windows and departments, never a person.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from hall.shares import hundredths
from ranking import rules
from ranking.rules import Apart, Class, Facts, Part, Scored, Terms
from rating.months import tenths_of_a_minute

FORM = 1
# What is compared with today's records, and how it is called.
COMPARED = {
    "category": "类别",
    "served": "办件",
    "rated": "有效评价",
    "bad": "差评",
    "called": "呼叫",
    "waited_long": "等候超时",
    "waited": "等候时长",
    "due": "应整改",
    "in_time": "按期整改",
    "complaints": "投诉",
    "given": "巡查与考勤",
}
TIMES, TENTHS = {"waited"}, {"given"}


@dataclass(frozen=True, slots=True)
class Difference:
    """Something of a window that the records tell otherwise today."""

    window: int
    name: str
    what: str
    frozen: str
    today: str

    @property
    def words(self) -> str:
        """The difference as people read it."""
        return f"{self.name}：{self.what} {self.frozen} → {self.today}"


def text_of(
    month: str,
    version: int,
    facts: Iterable[Facts],
    terms: Terms,
    *,
    hall: str = "",
    reason: str = "",
    replaces: str = "",
) -> str:
    """Return the text of a version; ``replaces`` is the hash of the version before."""
    known = sorted(facts, key=lambda each: each.window)
    return json.dumps(
        {
            "form": FORM,
            "hall": hall,
            "month": month,
            "version": version,
            "reason": reason,
            "replaces": replaces,
            "terms": asdict(terms),
            "windows": [asdict(each) for each in known],
            "classes": tables(rules.classes(known, terms), terms),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def seal_of(text: str) -> str:
    """Return the hash (SHA-256, hex) of a version's text."""
    return sha256(text.encode()).hexdigest()


def read(text: str) -> dict[str, Any]:
    """Return what a version's text holds."""
    found: dict[str, Any] = json.loads(text)
    return found


def terms_in(content: dict[str, Any]) -> Terms:
    """Return by what a version was ranked."""
    return Terms(**content["terms"])


def facts_in(content: dict[str, Any]) -> list[Facts]:
    """Return of what a version was made."""
    return [Facts(**each) for each in content["windows"]]


def is_worked_out(content: dict[str, Any]) -> bool:
    """Return whether the places of a version follow from its own facts and terms."""
    terms = terms_in(content)
    return bool(content["classes"] == tables(rules.classes(facts_in(content), terms), terms))


def differences(content: dict[str, Any], today: Iterable[Facts]) -> list[Difference]:
    """Return where today's records tell otherwise than a version, by window."""
    frozen = {each.window: each for each in facts_in(content)}
    found = []
    for each in sorted(today, key=lambda each: each.window):
        before = frozen.pop(each.window, Facts(each.window, each.name, each.department))
        found += [
            Difference(each.window, each.name, word, _said(name, before), _said(name, each))
            for name, word in COMPARED.items()
            if getattr(before, name) != getattr(each, name)
        ]
    return found + [
        Difference(each.window, each.name, "窗口", "有", "无") for each in frozen.values()
    ]


def _said(name: str, facts: Facts) -> str:
    value = getattr(facts, name)
    if value is None or value == "":
        return "无"
    if name in TIMES:
        return f"{value / 60_000:,.1f} 分钟"
    return f"{value / 10:.1f}" if name in TENTHS else str(value)


# -- the tables --------------------------------------------------------------------------------


def tables(classes: Sequence[Class], terms: Terms) -> list[dict[str, Any]]:
    """Return the classes as pages and the text have them."""
    return [
        {
            "name": each.name,
            "ranked": [_row(one, terms) for one in each.ranked],
            "apart": [_apart(one) for one in each.apart],
        }
        for each in classes
    ]


def _row(each: Scored, terms: Terms) -> dict[str, Any]:
    return {
        "rank": each.rank,
        "mark": rules.MARKS[each.mark],
        **_window(each.facts),
        "score": points_said(each.score),
        "parts": [_part(part, each, terms) for part in Part],
    }


def _apart(each: Apart) -> dict[str, Any]:
    return {**_window(each.facts), "reason": each.reason}


def _window(facts: Facts) -> dict[str, Any]:
    return {
        "window": facts.window,
        "name": facts.name,
        "department": facts.department,
        "served": facts.served,
        "rated": facts.rated,
        "bad": facts.bad,
        "average_wait_minutes": tenths_of_a_minute(facts.waited, facts.called),
    }


def _part(part: Part, each: Scored, terms: Terms) -> dict[str, Any]:
    numerator, denominator = rules.share_of(part, each.facts, terms)
    return {
        "part": part.value,
        "name": rules.IN_CHINESE[part],
        "weight": terms.weight(part),
        "points": points_said(each.points[part]),
        "numerator": numerator,
        "denominator": denominator,
        "said": _how(part, each.facts, terms, numerator, denominator),
    }


def _how(part: Part, facts: Facts, terms: Terms, numerator: int, denominator: int) -> str:
    """Return in words where points come from: 96.00 % (192/200), 2 件，扣 10 分."""
    if part is Part.COMPLAINTS:
        if not facts.complaints:
            return "无投诉"
        cost = min(terms.complaints, terms.complaint_costs * facts.complaints)
        return f"{facts.complaints} 件，扣 {cost} 分"
    if part is Part.INSPECTION:
        if facts.given is None:
            return "无扣分记录"
        return f"{facts.given / 10:g} / {facts.given_of}"
    share = hundredths(numerator, denominator)
    if share is None:
        return "无到期差评" if part is Part.RECTIFICATION else "无数据"
    return f"{share // 100}.{share % 100:02d} % ({numerator}/{denominator})"


def points_said(points: int) -> str:
    """Return hundredths of a point as they are printed: 92.35."""
    return f"{points // 100}.{points % 100:02d}"
