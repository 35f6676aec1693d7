"""The kinds of things a hall consists of, as the tabs above the catalogue's pages show them."""

from typing import Any

from manager.forms import ABOUT, SHEET_OF
from manager.who import keeps_hall
from web.current import register


def kinds() -> list[dict[str, Any]]:
    """Return the kinds of things a hall consists of, each with how many are in use.

    Who keeps nothing but the people sees nothing else.
    """
    catalogue = register().catalogue()
    return [
        {
            "field": name,
            "title": SHEET_OF[name].title,
            "about": ABOUT[name],
            "count": sum(getattr(each, "active", True) for each in getattr(catalogue, name)),
        }
        for name in (ABOUT if keeps_hall() else ("people",))
    ]
