"""Files that a spreadsheet opens: their types, and texts in their cells; pure."""

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
STARTS_A_FORMULA = "=+-@＝＋－＠\t\r\n"


def quoted(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when it opens the CSV."""
    harmless = text.replace("\r", " ").replace("\n", " ").replace("\0", "")
    starts = harmless.lstrip()[:1] or harmless[:1]
    return f"'{harmless}" if starts and starts in STARTS_A_FORMULA else harmless
