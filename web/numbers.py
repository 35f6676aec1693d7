"""Numbers in addresses: what no row can have as its number is an address that does not exist."""

from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**63 - 1  # SQLite's


class Number(IntegerConverter):
    """``<int:ticket>``: at most 19 digits of 0 to 9, and at most what SQLite can hold."""

    regex = "[0-9]{1,19}"

    def __init__(self, map: Map) -> None:  # noqa: A002 - werkzeug's word
        super().__init__(map, max=LARGEST)
