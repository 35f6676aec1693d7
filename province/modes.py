"""class Modes – who asks for the rating: the hall's own page, the province's page, or its QR code.

Where the province asks, the hall keeps what it may: the visit, that it was asked and when. It never
says "rated" of its own; how often it was asked there is counted apart.
"""

from hall import days
from hall.events import Event
from province.adapter import Signer
from province.pages import page_address
from province.record import department_code, project_no
from province.store import Rows
from rating.asking import Asking
from rating.book import Book
from rating.events import RatingAsked

QR_PICTURE = "/province/qr.svg"


class Modes:
    """The one place that knows where a hall's ratings are given."""

    def __init__(self, book: Book, signer: Signer | None) -> None:
        self.book = book
        self.config = book.config.province
        self.signer = signer
        self.rows = Rows(book.store)
        if not self.config.rates_here:
            book.ask_elsewhere(self.elsewhere)
            book.along(self._along)

    def _along(self, event: Event) -> None:
        """Keep that a visit is asked about there, in the transaction that asks."""
        if isinstance(event, RatingAsked):
            self.rows.add_asking(event.visit, self.config.mode, event.at)

    def elsewhere(self, asking: Asking) -> dict[str, str]:
        """Return what an evaluator shows of the province's: ``page``, or ``qr`` and ``qr_text``."""
        if self.config.mode == "page":
            return {"page": self.page_of(asking.visit)}
        return {"qr": QR_PICTURE, "qr_text": self.config.qr_text}

    def address_of(self, visit: int) -> str:
        """Return where a visit is rated on a phone; empty where the hall itself asks."""
        if self.config.mode == "page":
            return self.page_of(visit)
        return self.config.qr_url if self.config.mode == "qr" else ""

    def page_of(self, visit: int) -> str:
        """Return the address of the province's page for a visit, signed if it asks for that."""
        found = self.book.store.visit(visit)
        assert found is not None
        catalogue = self.book.register.catalogue()
        service, window = catalogue.service[found.service], catalogue.window[found.window]
        clerk = catalogue.person.get(found.clerk or "")
        values = {
            "project_no": project_no(found.case_number, found.day, found.id),
            "visit": str(found.id),
            "window": str(window.no),
            "window_name": window.shown_name,
            "clerk": clerk.staff_number if clerk else "",
            "clerk_name": clerk.name if clerk else "",
            "service": service.code,
            "service_name": service.name,
            "area_code": self.config.area_code,
            "dept_code": department_code(service.department, self.config.dept_codes),
            "time": str(found.ended_at or 0),
            "app_id": self.config.app_id,
        }
        return page_address(self.config.page_url, values, self.signer.sign if self.signer else None)

    def asked(self, month: str) -> dict[str, int]:
        """Return how many visits of a month (``YYYY-MM``) were asked about there, by mode."""
        return self.rows.askings_between(*days.month_bounds(month, self.book.desk.zone))
