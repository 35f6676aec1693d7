"""The contract's months: the table, and the files made of it."""

from collections.abc import Mapping
from typing import Any

from apiflask import APIBlueprint
from flask import Response, g, json

from api.answers import as_json
from api.models import MonthOut, MonthQuery
from hall import days
from hall.cells import TYPES
from web import reading
from web.access import allow
from web.aside import in_process
from web.current import config, register, rooms
from web.files import attachment

blueprint = APIBlueprint("api_months", __name__, url_prefix="/api/v1", tag="hall")


@blueprint.get("/months/<month>")
@blueprint.output(MonthOut)
@blueprint.doc(responses=[422])
@allow("manager", "program")
@blueprint.input(MonthQuery, location="query")
def month(month: str, query_data: MonthQuery) -> Response:
    """Show a month's table."""
    return as_json(reading.month(month, query_data.by))


@blueprint.get("/months/<month>/export.csv")
@blueprint.doc(responses={200: "CSV, UTF-8 with BOM", 422: "No month, or no such table"})
@allow("manager", "program")
@blueprint.input(MonthQuery, location="query")
def month_csv(month: str, query_data: MonthQuery) -> Response:
    """Export a month's table as CSV."""
    return _export(reading.month(month, query_data.by), "csv")


@blueprint.get("/months/<month>/export.xlsx")
@blueprint.doc(responses={200: "XLSX workbook", 422: "No month, or no such table"})
@allow("manager", "program")
@blueprint.input(MonthQuery, location="query")
def month_xlsx(month: str, query_data: MonthQuery) -> Response:
    """Export a month's table as an XLSX workbook."""
    return _export(reading.month(month, query_data.by), "xlsx")


def _export(table: Mapping[str, Any], kind: str) -> Response:
    asked = {"month": table, "heading": _heading()}
    made = in_process("rating.export", kind, given=json.dumps(asked).encode())
    mark = "-demo" if register().hall().demo else ""
    name = f"month-{table['month']}-{table['by']}{mark}.{kind}"
    return attachment(made, TYPES[kind], name, name)


def _heading() -> dict[str, Any]:
    hall = register().hall()
    return {
        "hall": hall.name,
        "made_at": days.iso(rooms().clock(), config().hall.zone),
        "made_by": g.principal.name,
        "demo": hall.demo,
    }
