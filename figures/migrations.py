"""What statistics need in the file: indexes alone; only ever added to at the end."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("figures")

# The condition of the index is also that of the queries: SQLite compares them word by word.
IS_A_CHANGE = "(event = 'window_open' or event = 'window_paused' or event = 'window_closed')"


@migrations()
def changes_of_windows(db: Database) -> None:
    """Find when windows opened, paused and closed without reading the journal."""
    db.conn.execute(f"create index journal_window on journal (window, at) where {IS_A_CHANGE}")
