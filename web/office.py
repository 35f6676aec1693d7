"""What the pages of the staff share: who acts, whose name the journal gets, the frame around."""

from collections.abc import Iterable
from typing import Any

from flask import g, redirect, request, session
from werkzeug.wrappers import Response

from web.access import Principal, signed_in, with_role

SAID = "office-said"
# The pages of the staff, each with the roles that may see it, by what they are for.
PLACES = {
    "大厅": (
        ("monitor", "/monitor", "实时监控", ("inspector", "leader", "manager")),
        ("helpdesk", "/helpdesk", "咨询台", ("guide",)),
    ),
    "统计": (
        ("month", "/manager", "月度统计", ("manager",)),
        ("statistics", "/statistics", "多维统计", ("inspector", "leader", "manager")),
        ("reports", "/reports", "报表", ("inspector", "manager")),
        ("ranking", "/ranking", "评比", ("inspector", "leader", "manager")),
    ),
    "评价": (
        ("cases", "/cases", "差评", ("handler", "inspector", "leader", "manager")),
        (
            "complaints",
            "/complaints",
            "投诉",
            ("guide", "handler", "inspector", "leader", "manager"),
        ),
        ("oddities", "/ratings/oddities", "异常评价", ("inspector", "leader", "manager")),
        ("ratings", "/ratings/entry", "评价录入", ("guide", "manager")),
    ),
    "设置": (
        ("catalogue", "/manager/catalogue", "大厅数据", ("manager",)),
        ("slots", "/manager/slots", "预约", ("manager",)),
        ("devices", "/manager/devices", "设备", ("manager",)),
        ("province", "/province", "省平台", ("manager",)),
        ("readiness", "/readiness", "开门检查", ("manager",)),
    ),
    "安全": (
        ("people", "/manager/catalogue/people", "人员", ("security",)),
        ("security", "/security", "登录安全", ("security",)),
        ("privacy", "/privacy", "个人信息", ("manager", "security", "audit")),
        ("audit", "/audit", "审计日志", ("audit",)),
    ),
}
# Whom the bar above every page tells of new bad ratings.
HEAR_OF_CASES = ("handler", "inspector", "leader", "manager")
# So many pages stand in the bar one by one; whoever has more sees what they are for, then them.
MOST_IN_THE_BAR = 6


def acting(*roles: str) -> Any:
    """Return the one of some roles whose name goes into the journal: a person before a key."""
    here = with_role(signed_in(), roles)
    return min(here, key=lambda each: each.kind != "person", default=g.get("principal"))


def by(*roles: str) -> str:
    """Return who of some roles acts, as the journal writes it."""
    who = acting(*roles)
    return str(who.id) if who.kind == "person" else f"device:{who.id}"


def say(sentence: str) -> None:
    """Keep a sentence for the next page: what was just done."""
    session[SAID] = sentence


def frame(place: str, roles: Iterable[str] = (), *, with_said: bool = True) -> dict[str, Any]:
    """Return what every page of the staff shows around its content."""
    bar, places = in_the_bar(signed_in(), place)
    return {
        "place": place,
        "bar": bar,
        "places": places,
        "hears_of_cases": bool(with_role(signed_in(), HEAR_OF_CASES)),
        "signed_in_name": acting(*roles).name,
        "said": session.pop(SAID, "") if with_said else "",
    }


def in_the_bar(
    here: Iterable[Principal], place: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what stands in the bar, and the pages beside the open one in a line of their own."""
    groups = {
        group: [
            {"name": name, "address": address, "word": word, "open": name == place}
            for name, address, word, roles in pages
            if with_role(here, roles)
        ]
        for group, pages in PLACES.items()
    }
    everything = [page for pages in groups.values() for page in pages]
    if len(everything) <= MOST_IN_THE_BAR:
        return everything, []
    beside = next((each for each in groups.values() if any(page["open"] for page in each)), [])
    bar = [
        {
            "name": group,
            "address": pages[0]["address"],
            "word": group if len(pages) > 1 else pages[0]["word"],
            "open": pages is beside,
        }
        for group, pages in groups.items()
        if pages
    ]
    return bar, beside if len(beside) > 1 else []


def see_other(address: str) -> Response:
    """Send the browser to another page after a POST, so that a reload repeats nothing."""
    return redirect(address, 303)


def given() -> dict[str, list[str]]:
    """Return the form as lists of texts."""
    return {name: request.form.getlist(name) for name in request.form}
