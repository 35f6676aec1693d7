"""The manager's pages, joined: the month, the hall as data, its people, its devices."""

from flask import Blueprint

from manager import (
    devices,
    history,
    items,
    month,
    pairing,
    people,
    slots,
    texts,
    workbook_pages,
)

devices.blueprint.register_blueprint(pairing.blueprint)
blueprint = Blueprint("manager", __name__, url_prefix="/manager", template_folder="templates")
for part in (month, workbook_pages, texts, history, people, items, devices, slots):
    blueprint.register_blueprint(part.blueprint)
