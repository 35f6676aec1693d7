"""The hall and its slot plans together: as they stand, as a workbook says, and made so."""

from dataclasses import dataclass

from booking.bookings import Bookings
from hall.catalogue import Catalogue
from hall.register import Register
from manager.differences import Change, differences
from manager.found import Found
from manager.plans import PlanRow, plans_of, rows_of


@dataclass(frozen=True, slots=True)
class Whole:
    """All that stands in the workbook."""

    catalogue: Catalogue
    plans: tuple[PlanRow, ...]

    def after(self, found: Found) -> "Whole":
        """Return what becomes of it by a workbook."""
        return Whole(found.beside(self.catalogue), found.plans_beside(self.plans))

    def changes(self, new: "Whole") -> list[Change]:
        """Return what making it ``new`` changes."""
        return differences(self.catalogue, new.catalogue, self.plans, new.plans)


def standing(register: Register, bookings: Bookings) -> Whole:
    """Return the hall as it stands."""
    return Whole(register.catalogue(), rows_of(bookings.plans()))


def adopt(register: Register, bookings: Bookings, old: Whole, new: Whole, by: str) -> None:
    """Make the hall ``new`` if it still is ``old``: all of it, or nothing.

    Raises BadCatalogue, or NotAllowed ``changed_meanwhile`` and ``nobody_in_charge``.
    """
    with register.store.transaction():
        register.adopt(new.catalogue, by, standing=old.catalogue)
        bookings.adopt_plans(plans_of(new.plans), by, standing=plans_of(old.plans))
