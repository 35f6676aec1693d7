"""What everybody may read without signing in: published rankings, and answers to bad ratings.

Nothing here depends on who asks: no cookie is read or set, and a cache may keep a page for a
minute.
"""

from functools import lru_cache

from apiflask import APIBlueprint
from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from hall import days
from hall.days import MINUTE
from ranking import frozen, life
from ranking.life import Ranking
from ranking.rules import MARKS, Mark
from web.current import rankings, rooms
from web.limits import address

# APIFlask looks into every blueprint that does something before a request, also for no document.
blueprint = APIBlueprint(
    "public", __name__, url_prefix="/public", template_folder="templates", enable_openapi=False
)

# A mobile network shows thousands of phones as one address; a page costs the hall 2 ms.
LOOKS, WITHIN = 600, 10 * MINUTE
# A correction is seen within a minute, and a whole town that looks at once asks once a minute.
KEPT_SECONDS = 60
MONTHS_SHOWN = 36


@blueprint.before_request
def not_too_often() -> None:
    """Refuse who reads faster than people do."""
    limits, who = rooms().limits, address()
    limits.check("public", who, LOOKS, WITHIN)
    limits.count("public", who, WITHIN)


@blueprint.get("")
def listing() -> ResponseReturnValue:
    """List the months that are published, and the newest answers."""
    room = rankings()
    months = room.answer_months()
    return _page(
        "ranking/public.html",
        place="ranking",
        months=[_in_list(each) for each in room.newest(MONTHS_SHOWN)],
        answers=room.answers(months[0]) if months else None,
        answers_month=life.month_words(months[0]) if months else "",
    )


def _in_list(ranking: Ranking) -> dict[str, object]:
    return {
        "words": life.month_words(ranking.month),
        "address": f"/public/ranking/{ranking.month}",
        "version": ranking.version,
        "published": _day(ranking),
        "classes": _marked(ranking.snapshot),
    }


@lru_cache(maxsize=MONTHS_SHOWN)
def _marked(snapshot: str) -> list[dict[str, object]]:
    """Return the first and the last of each class; what is published never changes."""
    return [
        {
            "name": each["name"],
            "best": [row["name"] for row in each["ranked"] if row["mark"] == MARKS[Mark.BEST]],
            "worst": [row["name"] for row in each["ranked"] if row["mark"] == MARKS[Mark.WORST]],
        }
        for each in frozen.read(snapshot)["classes"]
        if each["ranked"]
    ]


@blueprint.get("/ranking/<month>")
def newest(month: str) -> ResponseReturnValue:
    """Show the newest version of a month."""
    return _version(rankings().published(month))


@blueprint.get("/ranking/<month>/v<int:version>")
def version(month: str, version: int) -> ResponseReturnValue:
    """Show a version of a month; an older one says by what it was corrected."""
    return _version(rankings().published(month, version))


def _version(ranking: Ranking) -> Response:
    versions = rankings().versions(ranking.month)
    return _page(
        "ranking/public_month.html",
        place="ranking",
        ranking=ranking,
        month_words=life.month_words(ranking.month),
        published=_day(ranking),
        content=frozen.read(ranking.snapshot),
        older=[each for each in versions if each.version < ranking.version],
        newer=[each for each in versions if each.version > ranking.version],
    )


@blueprint.get("/answers")
def answers() -> ResponseReturnValue:
    """Show the answers to bad ratings that were published in a month."""
    room = rankings()
    months = room.answer_months()
    asked = request.args.get("month", "")
    name = life.check_month(asked) if asked else months[0] if months else ""
    return _page(
        "ranking/public_answers.html",
        place="answers",
        month=name,
        month_words=life.month_words(name) if name else "",
        months=[(each, life.month_words(each)) for each in months],
        answers=room.answers(name) if name else None,
        said=life.month_words,
    )


def _page(template: str, **shown: object) -> Response:
    answer: Response = make_response(render_template(template, **shown))
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return answer


def _day(ranking: Ranking) -> str:
    assert ranking.published_at is not None
    return days.day_of(ranking.published_at, rankings().zone)
