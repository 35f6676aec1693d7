"""All SQL of the outbox, on the connection of the queue's store."""

from collections.abc import Sequence
from dataclasses import dataclass

from hall.days import Instant
from hall.store import Store
from outbox.migrations import migrations


@dataclass(frozen=True, slots=True)
class Webhook:
    """Another program's address; no ``events`` is all of them.

    ``former`` is the secret that was replaced, which signs beside the new one ``until`` then.
    """

    id: int
    url: str
    secret: str
    events: tuple[str, ...]
    active: bool
    former: str | None = None
    until: Instant = 0

    def secrets(self, now: Instant) -> tuple[str, ...]:
        """Return what signs now, the newest first."""
        return (self.secret, self.former) if self.former and now < self.until else (self.secret,)


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery whose time has come; ``tries`` counts those before."""

    id: int
    message: str
    type: str
    body: str
    tries: int


class Messages:
    """The tables of the outbox."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.run = store.connection.execute
        store.take_steps(migrations)

    # -- webhook --------------------------------------------------------------------------------

    def add_webhook(self, url: str, secret: str, events: Sequence[str], at: Instant) -> int:
        """Store a webhook and return its id."""
        cursor = self.run(
            "insert into webhook (url, secret, events, made_at) values (?, ?, ?, ?)",
            (url, secret, ",".join(events), at),
        )
        return int(cursor.lastrowid or 0)

    def webhooks(self) -> list[Webhook]:
        """Return all webhooks, switched off ones too."""
        found = self.store.rows(
            """
            select id, url, secret, events, active, former_secret, coalesce(former_until, 0)
            from webhook order by id
            """
        )
        return [
            Webhook(
                number,
                url,
                secret,
                tuple(events.split(",")) if events else (),
                bool(active),
                *former,
            )
            for number, url, secret, events, active, *former in found
        ]

    def rotate(self, webhook: int, secret: str, until: Instant) -> bool:
        """Put a new secret in the place of the present one; False when there is no such webhook."""
        return bool(
            self.run(
                """
                update webhook set former_secret = secret, former_until = ?, secret = ?
                where id = ?
                """,
                (until, secret, webhook),
            ).rowcount
        )

    def switch(self, webhook: int, *, on: bool) -> bool:
        """Switch a webhook on or off; False when there is none."""
        return bool(
            self.run("update webhook set active = ? where id = ?", (int(on), webhook)).rowcount
        )

    def remove_webhook(self, webhook: int) -> bool:
        """Forget a webhook and its deliveries; False when there is none."""
        return bool(self.run("delete from webhook where id = ?", (webhook,)).rowcount)

    # -- message --------------------------------------------------------------------------------

    def add_message(self, number: str, name: str, about: int, body: str, at: Instant) -> bool:
        """Store what is told of something, once; False when it has been told."""
        return bool(
            self.run(
                """
                insert into message (id, type, about, body, made_at) values (?, ?, ?, ?, ?)
                on conflict (type, about) do nothing
                """,
                (number, name, about, body, at),
            ).rowcount
        )

    def level_of(self, rating: int) -> str:
        """Return the level of a rating."""
        return str(self.store.row("select level from rating where id = ?", (rating,))[0])

    def waiting_untold(self, service: str, name: str) -> list[int]:
        """Return the waiting tickets of a service that left a phone and were not told yet."""
        found = self.store.rows(
            """
            select id from ticket
            where state = 'waiting' and phone is not null and service = ?
                and not exists (select 1 from message where type = ? and about = ticket.id)
            order by id
            """,
            (service, name),
        )
        return [number for (number,) in found]

    def forget_before(self, past: Instant, most: int) -> int:
        """Delete the oldest messages made before ``past`` and return how many."""
        return self.run(
            """
            delete from message where id in (
                select id from message where made_at < ? order by made_at limit ?
            )
            """,
            (past, most),
        ).rowcount

    # -- delivery -------------------------------------------------------------------------------

    def add_delivery(
        self, message: str, webhook: int | None, notifier: str | None, at: Instant
    ) -> None:
        """Store that a message goes to a webhook, unless it was just removed, or to a notifier."""
        self.run(
            """
            insert into delivery (message, webhook, notifier, next_at)
            select :message, :webhook, :notifier, :at
            where :webhook is null or exists (select 1 from webhook where id = :webhook)
            """,
            {"message": message, "webhook": webhook, "notifier": notifier, "at": at},
        )

    def due(self, webhook: int | None, notifier: str | None, now: Instant, most: int) -> list[Due]:
        """Return the first deliveries to one receiver whose time has come."""
        found = self.store.rows(
            """
            select delivery.id, message.id, message.type, message.body, delivery.tries
            from delivery join message on message.id = delivery.message
            where delivery.webhook is ? and delivery.notifier is ?
                and delivery.state in ('pending', 'failed') and delivery.next_at <= ?
            order by delivery.next_at, delivery.id limit ?
            """,
            (webhook, notifier, now, most),
        )
        return [Due(*each) for each in found]

    def sent(self, delivery: int, at: Instant) -> None:
        """Note that a receiver has a message."""
        self.run(
            """
            update delivery set state = 'sent', tries = tries + 1, sent_at = ?, last_error = ''
            where id = ? and state in ('pending', 'failed')
            """,
            (at, delivery),
        )

    def failed(self, delivery: int, error: str, next_at: Instant | None) -> None:
        """Note that a try failed and when the next is due; without one the delivery is dead."""
        self.run(
            """
            update delivery set state = ?, tries = tries + 1, last_error = ?,
                next_at = coalesce(?, next_at)
            where id = ? and state in ('pending', 'failed')
            """,
            ("dead" if next_at is None else "failed", error, next_at, delivery),
        )

    def revive(self, webhook: int, at: Instant) -> int:
        """Make a webhook's open and dead deliveries due now, and return how many."""
        return self.run(
            """
            update delivery set state = 'pending', tries = 0, next_at = ?
            where webhook = ? and state in ('pending', 'failed', 'dead')
            """,
            (at, webhook),
        ).rowcount

    def counts(self, webhook: int) -> dict[str, int]:
        """Return how many deliveries of a webhook are in which state."""
        return dict(
            self.store.rows(
                "select state, count(*) from delivery where webhook = ? group by state", (webhook,)
            )
        )

    def last_error(self, webhook: int) -> str:
        """Return why the newest failed delivery of a webhook failed, empty for none."""
        found = self.store.row(
            """
            select last_error from delivery
            where webhook = ? and last_error != '' order by id desc limit 1
            """,
            (webhook,),
        )
        return str(found[0]) if found else ""
