"""SQL of the limits of complaints: which have passed, and which somebody was told of."""

from hall.days import Instant
from hall.store import Store

# The limit a unit has to keep next, as limits.next_limit says it of an open complaint.
NEXT_LIMIT = """case when state = 'accepted' then coalesce(extended_to, due_at)
    else min(accept_due_at, coalesce(extended_to, due_at)) end"""


class RedLimits:
    """The limits of complaints that have passed, each told once."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def newly_red(self, now: Instant) -> list[tuple[int, Instant]]:
        """Return open complaints and the limit of each that has passed and nobody was told of."""
        return self.store.rows(
            f"""
            select id, {NEXT_LIMIT} from complaint
            where replied_at is null and ended_at is null and {NEXT_LIMIT} < ?
                and not exists (
                    select 1 from complaint_red
                    where complaint_red.complaint = complaint.id
                        and complaint_red.limit_at = {NEXT_LIMIT}
                )
            order by id
            """,
            (now,),
        )

    def told(self, complaint: int, limit: Instant) -> None:
        """Keep that somebody was told of a limit that has passed."""
        self.store.connection.execute(
            "insert into complaint_red (complaint, limit_at) values (?, ?)", (complaint, limit)
        )
