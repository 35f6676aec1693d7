"""All SQL of one person's wish: the record is erased where it stands, the receipt is kept."""

import json
from typing import Any

from hall.days import Instant
from hall.store import Store
from privacy.migrations import migrations
from privacy.receipts import Receipt, Stays
from rating.store import Ratings


class Erasures:
    """The table of receipts, and the erasing itself in those of the other rooms."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        self.ratings = Ratings(store)
        store.take_steps(migrations)

    def erase(self, table: str, number: int, now: Instant) -> bool:
        """Erase the person from one record; False when nobody was in it any more.

        Whether it may be erased has been asked before. A missed appointment keeps its keyed hash
        while the no-show rule counts it.
        """
        if table == "rating":
            return self._erase_rating(number, now)
        return bool(self.run(ERASE[table], (number,)).rowcount)

    def _erase_rating(self, number: int, now: Instant) -> bool:
        contact = self.ratings.erase_contact(number)
        text = self.ratings.erase_text(number, now)
        self.run("update rating_case set text = '' where rating = ? and text != ''", (number,))
        return contact or text

    # -- privacy_erasure ------------------------------------------------------------------------

    def receipt(self, number: str) -> Receipt | None:
        """Return a receipt by its number."""
        return self._receipt("number = ?", number)

    def receipt_of_tap(self, tap: str) -> Receipt | None:
        """Return the receipt that a form has already made."""
        return self._receipt("tap = ?", tap)

    def _receipt(self, where: str, value: str) -> Receipt | None:
        found = self.store.row(f"{RECEIPTS} where {where}", (value,))
        return _as_receipt(found) if found else None

    def receipts(self, most: int = -1) -> list[Receipt]:
        """Return the newest receipts; all of them without a limit."""
        found = self.store.rows(f"{RECEIPTS} order by id desc limit ?", (most,))
        return [_as_receipt(each) for each in found]

    def count_receipts(self, month: str) -> int:
        """Return how many receipts have numbers of a month (202611)."""
        found = self.store.row(
            "select count(*) from privacy_erasure where number like ?", (f"SC{month}-%",)
        )
        return int(found[0])

    def add_receipt(self, receipt: Receipt) -> None:
        """Store a receipt."""
        self.run(
            """
            insert into privacy_erasure (number, at, who, reason, asked, people, erased, kept, tap)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                *(receipt.number, receipt.at, receipt.who, receipt.reason, receipt.asked),
                json.dumps(receipt.people),
                json.dumps(receipt.erased),
                json.dumps([[each.what, each.why, each.until] for each in receipt.kept]),
                receipt.tap,
            ),
        )


def _as_receipt(row: Any) -> Receipt:
    number, at, who, reason, asked, people, erased, kept, tap = row
    return Receipt(
        *(number, at, who, reason, asked, tuple(json.loads(people))),
        tuple((table, int(record)) for table, record in json.loads(erased)),
        tuple(Stays(*each) for each in json.loads(kept)),
        tap,
    )


RECEIPTS = """select number, at, who, reason, asked, people, erased, kept, tap
    from privacy_erasure"""
ERASE = {
    "ticket": """
        update ticket set phone = null, person = null, holder = '', helper = ''
        where id = ? and (phone is not null or person is not null or holder != '' or helper != '')
    """,
    "appointment": """
        update appointment set phone = null, foreign_id = null,
            person = case when state = 'no_show' then person end,
            day_person = case when state = 'no_show' then day_person end,
            holder = case when state = 'no_show' then holder else '' end
        where id = ? and (phone is not null or person is not null or holder != '')
    """,
    "paper_form": """
        update paper_form set contact = '', text = ''
        where id = ? and (contact != '' or text != '')
    """,
    "complaint": """
        update complaint set complainant = '', phone = ''
        where id = ? and (complainant != '' or phone != '')
    """,
}
