"""Make ``demo/hall.xlsx`` from ``demo/county.py``: ``python -m demo.make_workbook``."""

from demo import HALL_NAME, WORKBOOK, county
from manager.workbook import write


def made() -> bytes:
    """Return the workbook as the tables say it should be."""
    return write(county.catalogue(), HALL_NAME)


if __name__ == "__main__":
    WORKBOOK.write_bytes(made())
    print(f"{WORKBOOK.name}: {WORKBOOK.stat().st_size // 1024} KB")
