"""The readiness report: a live page for whoever keeps the hall, and a sheet for the folder."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from hall import days
from hall.refusals import NotAllowed
from hall.version import VERSION
from readiness import sheet
from reports import paper
from web.access import allow
from web.aside import HOUSE, WorkFailed
from web.current import config, register, rooms
from web.files import attachment
from web.office import acting, frame, say, see_other
from web.printing import printed

blueprint = Blueprint("readiness", __name__, template_folder="templates")


def _words() -> dict[str, Any]:
    hall = register().hall()
    at = days.local(rooms().clock(), config().hall.zone)
    return sheet.words(
        rooms().readiness.look(),
        hall.name,
        f"{at:%Y年%m月%d日 %H:%M:%S}",
        acting("manager").name,
        demo=hall.demo,
        version=VERSION,
    )


@blueprint.get("/readiness")
@allow("manager")
def page() -> str:
    """Show how ready everything is; the page asks again by itself."""
    return render_template(
        "readiness/page.html",
        missing="" if paper.engine() else paper.MISSING,
        **_words(),
        **frame("readiness", ("manager",)),
    )


@blueprint.get("/readiness/report")
@allow("manager")
def report() -> str:
    """Return what the open page puts in the place of its findings."""
    return render_template("readiness/findings.html", **_words())


@blueprint.get("/readiness.pdf")
@allow("manager")
def pdf() -> ResponseReturnValue:
    """Send the sheet; without a Chromium on the server go back and say what is missing."""
    if paper.engine() is None:
        say(paper.MISSING)
        return see_other("/readiness")
    try:
        made = printed(render_template(sheet.TEMPLATE, base=HOUSE.as_uri(), **_words()))
    except WorkFailed as trouble:
        raise NotAllowed("pdf_failed", "PDF 没有生成，请重试，或打印本页。") from trouble
    hall, day = register().hall(), days.day_of(rooms().clock(), config().hall.zone)
    name = sheet.file_name(hall.name, day, demo=hall.demo)
    plain = f"readiness-{day}{'-demo' if hall.demo else ''}.pdf"
    return attachment(made, "application/pdf", name, plain)
