"""class Receivers – who is told through webhooks: added, listed, removed, rekeyed, tried again."""

import secrets as random
from dataclasses import dataclass
from urllib.parse import urlsplit

from hall.days import Clock
from hall.refusals import NotFound
from hall.store import Store
from outbox import webhooks
from outbox.store import Messages, Webhook

# The specification asks for 24 to 64 random bytes.
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Standing:
    """A webhook and how its deliveries stand."""

    webhook: Webhook
    sent: int
    open: int
    dead: int
    last_error: str


class Receivers:
    """The hall's webhooks; who may change them has the file in hand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.messages = Messages(store)

    def add(self, url: str, events: str = "", by: str = "") -> Webhook:
        """Add a webhook for some types, all when none is named; its secret is told this once."""
        checked = webhooks.check_url(url.strip())
        chosen = webhooks.check_types(events.split(","))
        secret = webhooks.secret_of(random.token_bytes(KEY_BYTES))
        with self.store.transaction():
            number = self.messages.add_webhook(checked, secret, chosen, self.clock())
            self._note("webhook_added", number, by, urlsplit(checked).hostname or "")
        return Webhook(number, checked, secret, chosen, active=True)

    def all(self) -> list[Standing]:
        """Return all webhooks and how their deliveries stand."""
        return [self._standing(each) for each in self.messages.webhooks()]

    def _standing(self, webhook: Webhook) -> Standing:
        counts = self.messages.counts(webhook.id)
        waiting = counts.get("pending", 0) + counts.get("failed", 0)
        error = self.messages.last_error(webhook.id)
        return Standing(webhook, counts.get("sent", 0), waiting, counts.get("dead", 0), error)

    def remove(self, number: int, by: str = "") -> None:
        """Forget a webhook and what was still to be sent to it."""
        with self.store.transaction():
            if not self.messages.remove_webhook(number):
                raise NotFound("unknown_webhook", f"没有编号为 {number} 的 webhook。")
            self._note("webhook_removed", number, by)

    def rotate(self, number: int, by: str = "") -> str:
        """Give a webhook a new secret, told this once; the present one signs for a day beside it.

        Twice in a day leaves the last two: the one before them signs no more.
        """
        secret = webhooks.secret_of(random.token_bytes(KEY_BYTES))
        with self.store.transaction():
            until = self.clock() + webhooks.BOTH_SIGN_FOR
            if not self.messages.rotate(number, secret, until):
                raise NotFound("unknown_webhook", f"没有编号为 {number} 的 webhook。")
            self._note("webhook_rotated", number, by)
        return secret

    def retry(self, number: int, by: str = "") -> int:
        """Switch a webhook on and send what was given up; return how many messages that is."""
        with self.store.transaction():
            if not self.messages.switch(number, on=True):
                raise NotFound("unknown_webhook", f"没有编号为 {number} 的 webhook。")
            self._note("webhook_retried", number, by)
            return self.messages.revive(number, self.clock())

    def _note(self, event: str, number: int, by: str, host: str = "") -> None:
        detail = {"webhook": number} | ({"host": host} if host else {})
        self.store.note(self.clock(), event, who=by, detail=detail)
