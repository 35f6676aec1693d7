"""A hall to look at: its workbook, and a life of two months made through the hall's own verbs."""

from pathlib import Path

from demo.county import HALL_NAME, HALL_NAME_EN
from hall.catalogue import Catalogue
from manager.workbook import read

__all__ = ["DEMO_DATABASE", "HALL_NAME", "HALL_NAME_EN", "WORKBOOK", "catalogue"]

# A file of its own: what is made up must never stand among what happened.
DEMO_DATABASE = "demo.db"
WORKBOOK = Path(__file__).with_name("hall.xlsx")


def catalogue() -> Catalogue:
    """Return the hall of the shipped workbook."""
    return read(WORKBOOK.read_bytes())
