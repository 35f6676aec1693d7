"""The one way of seeing personal data in full: a reason, one record, one person, some minutes.

A page asks ``is_open`` and shows what is masked otherwise; the reason is kept beforehand, in the
record's own history as well (docs/privacy.md).
"""

from collections.abc import Callable, Iterable

from web.current import privacy, rooms


def reveal(kind: str, record: int, reason: str, by: str, keep: Callable[[], object]) -> None:
    """Open a record to somebody; ``keep`` writes the look into the record's own history.

    Both stand in one commit. Raises NotValid without a reason, and whatever ``keep`` refuses.
    """

    def do() -> None:
        keep()
        privacy().look(kind, record, reason, by)

    rooms().together.run(do)


def is_open(kind: str, record: int, by: str) -> bool:
    """Return whether somebody may see a record in full now."""
    return privacy().is_open(kind, record, by)


def open_to(kind: str, record: int, people: Iterable[str]) -> str:
    """Return who of some people may see a record in full now, empty for nobody."""
    return next((each for each in people if is_open(kind, record, each)), "")
