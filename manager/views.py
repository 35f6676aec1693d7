"""The manager's pages, joined: the month, the hall as data, its people, its devices."""

from flask import Blueprint

from manager import devices, items, month, people, slots, workbook_pages

blueprint = Blueprint("manager", __name__, url_prefix="/manager", template_folder="templates")
for part in (month, workbook_pages, people, items, devices, slots):
    blueprint.register_blueprint(part.blueprint)
