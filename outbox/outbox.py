"""class Outbox – what leaves the hall: written with the event, sent beside the loop, noted on it.

A message and its deliveries are part of the transaction that made them true. Every second ``tick``
hands what is due to threads, a line for each receiver, and notes what came back. A process that
ends in between sends again what it had not noted: at least once, always under the same id.
"""

import json
import logging
import secrets as random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hall import days
from hall.catalogue import Catalogue
from hall.days import Instant
from hall.desk import Desk
from hall.errands import Errands, Run
from hall.events import Event, TicketEvent
from hall.tickets import State
from outbox import notifiers, posting, webhooks
from outbox.notifiers import CITIZEN, Notifier
from outbox.store import Due, Messages, Webhook
from outbox.webhooks import ALARM, BADLY, COMPLAINT_RED, FINISHED, NEARLY, Outcome
from rating.book import Book
from rating.events import ServiceRated
from rating.levels import Level

Receiver = Webhook | Notifier
# So many receivers are told at the same time; each has one thread, however slow it is.
RECEIVERS_AT_ONCE = 32
# One receiver's turn; it gets the next ones a second later.
MOST_AT_ONCE = 20
# A month of a busy hall is some 300,000 messages; the journal keeps for ever what happened.
KEEP = 30 * 24 * days.HOUR
FORGET_AT_ONCE = 500
log = logging.getLogger("outbox")


@dataclass(frozen=True, slots=True)
class Job:
    """One try: which delivery, when to try again, and what to do off the loop."""

    due: Due
    receiver: Receiver
    work: Callable[[], Outcome]


class Outbox:
    """The one place where the hall speaks to other programs, citizens' phones and staff groups."""

    def __init__(self, desk: Desk, book: Book, run: Run) -> None:
        """``run(function, *arguments)`` carries work out elsewhere, as a thread pool's spawn does.

        Raises BadConfig for notifiers that cannot be used.
        """
        self.desk = desk
        self.book = book
        self.store = desk.store
        self.config = desk.config
        self.messages = Messages(desk.store)
        self.errands = Errands[int | str, Job, Outcome](
            desk.store, desk.clock, run, tried=_tried, note=self._note
        )
        self._forgot_at = 0
        self._webhooks: list[Webhook] = []
        self._notifiers: list[Notifier] = []
        if not desk.register.hall().demo:  # a demonstration's phones are other people's
            notifiers.check(self.config.notify)
            self._notifiers = notifiers.notifiers(self.config.notify)
        self._listeners: dict[str, list[Receiver]] = {}
        self._wanted: dict[type[Event], tuple[str, ...]] = {}
        self._see_who_listens()
        desk.along(self._along)
        book.along(self._along)

    # -- writing --------------------------------------------------------------------------------

    def _along(self, event: Event) -> None:
        """Write what is told of an event; when nobody listens a ticket pays for one look-up."""
        if names := self._wanted.get(type(event)):
            for name in names:
                self._write(name, event)

    def _write(self, name: str, event: Event) -> None:
        catalogue = self.desk.register.catalogue()
        if isinstance(event, ServiceRated):
            self._write_rating(name, event, catalogue)
        elif isinstance(event, TicketEvent):
            if name == NEARLY:
                self._write_who_is_near(event)
            else:
                # a text after the service goes to whoever left a phone; webhooks hear of all
                texts = name != FINISHED or bool(event.ticket.phone)
                data = webhooks.event_data(event, catalogue)
                self._put(name, event.seq, event.at, data, texts=texts)

    def _write_rating(self, name: str, event: ServiceRated, catalogue: Catalogue) -> None:
        level = Level(self.messages.level_of(event.rating))
        visit = self.store.visit(event.visit)
        assert visit is not None
        if name != BADLY or level.is_bad:
            ticket = self.desk.ticket(visit.ticket)
            data = webhooks.rated_data(event, ticket, level, catalogue)
            self._put(name, event.seq, event.at, data)

    def _write_who_is_near(self, event: TicketEvent) -> None:
        """Tell, once each, whoever now has so few people ahead in the line that has moved."""
        for number in self.messages.waiting_untold(event.ticket.service, NEARLY):
            ticket = self.desk.ticket(number)
            ahead = self.store.people_ahead(ticket)
            if ahead <= self.config.notify.ahead:
                data = webhooks.ticket_data(ticket, self.desk.register.catalogue())
                self._put(NEARLY, ticket.id, event.at, {**data, "people_ahead": ahead})

    def tell(self, name: str, about: int, at: Instant, data: dict[str, Any]) -> None:
        """Write what another room tells into its transaction, if anybody listens."""
        if name in self._listeners:
            self._put(name, about, at, data)

    def _put(
        self, name: str, about: int, at: Instant, data: dict[str, Any], *, texts: bool = True
    ) -> None:
        number = f"msg_{random.token_hex(12)}"
        body = webhooks.body(name, at, self.desk.zone, data)
        if self.messages.add_message(number, name, about, body, at):
            for receiver in self._listeners[name]:
                if not texts and _key(receiver) == CITIZEN:
                    continue
                self.messages.add_delivery(number, *_columns(receiver), at)

    # -- sending --------------------------------------------------------------------------------

    def tick(self) -> None:
        """Hand out what is due, note what came back, forget what is long past."""
        self._see_who_listens()
        receivers: list[Receiver] = [*self._webhooks, *self._notifiers]
        for receiver in receivers:
            self._hand_out(receiver)
        self.errands.note_what_ended()
        self._forget()

    def _see_who_listens(self) -> None:
        """Learn what the command line changed since the last tick."""
        self._webhooks = [each for each in self.messages.webhooks() if each.active]
        listeners: dict[str, list[Receiver]] = {}
        for webhook in self._webhooks:
            for name in webhook.events or webhooks.TYPES:
                listeners.setdefault(name, []).append(webhook)
        for notifier in self._notifiers:
            for name in notifier.types:
                listeners.setdefault(name, []).append(notifier)
        if not self.config.notify.ahead:
            listeners.pop(NEARLY, None)
        if listeners.keys() != self._listeners.keys():
            self._wanted = {
                kind: names
                for kind in webhooks.kinds_of_events()
                if (names := tuple(n for n in webhooks.types_of(kind) if n in listeners))
            }
        self._listeners = listeners

    def _hand_out(self, receiver: Receiver) -> None:
        key = _key(receiver)
        busy = self.errands.busy
        if key in busy or len(busy) >= RECEIVERS_AT_ONCE:
            return
        due = self.messages.due(*_columns(receiver), self.desk.clock(), MOST_AT_ONCE)
        if due:
            jobs = [Job(each, receiver, self._work(receiver, each)) for each in due]
            self.errands.send(key, jobs)

    def _work(self, receiver: Receiver, due: Due) -> Callable[[], Outcome]:
        """Return what a thread does for a delivery; all SQL is done here, on the loop."""
        if isinstance(receiver, Webhook):
            return partial(_post, receiver, due, self.desk.clock)
        data = json.loads(due.body)["data"]
        if receiver.key == CITIZEN and due.type == FINISHED:
            return self._text_rating(receiver, data)
        if receiver.key == CITIZEN:
            return self._text_citizen(receiver, data["ticket"])
        return partial(notifiers.send, receiver.url, self._text_for_staff(due.type, data))

    def _text_citizen(self, notifier: Notifier, ticket_id: int) -> Callable[[], Outcome]:
        followed = self.desk.follow_ticket(ticket_id)
        ticket = followed.ticket
        if ticket.state is not State.WAITING or not ticket.phone:
            return partial(Outcome, "已不在等候，没有发送", over=True)
        service = self.desk.register.catalogue().service[ticket.service]
        chinese = ticket.language != "en"
        hall, section = self.desk.register.hall().name, self.config.notify
        text = notifiers.fill(
            section.citizen_text if chinese else section.citizen_text_en,
            hall=hall if chinese else self.config.hall.name_en,
            number=ticket.number,
            ahead=followed.people_ahead,
            windows=("、" if chinese else ", ").join(map(str, followed.windows)),
            service=service.name if chinese else service.name_en,
        )
        return partial(notifiers.send, notifier.url_for(ticket.phone), text)

    def _text_rating(self, notifier: Notifier, data: dict[str, Any]) -> Callable[[], Outcome]:
        """Return what sends the link by which a finished service is rated, unless it is."""
        ticket, url = self.desk.ticket(data["ticket"]), self.config.hall.public_url
        if not ticket.phone or not url:
            return partial(Outcome, "没有手机号或手机能打开的地址，没有发送", over=True)
        if self.book.ratings.outcome_of(data["visit"]) == "rated":
            return partial(Outcome, "已经评价，没有发送", over=True)
        text = notifiers.fill(
            self.config.notify.rate_text,
            hall=self.desk.register.hall().name,
            number=ticket.number,
            service=data["service_name"],
            window=data["window"],
            link=f"{url}{self.book.link(ticket.id)}?c=sms",
        )
        return partial(notifiers.send, notifier.url_for(ticket.phone), text)

    def _text_for_staff(self, name: str, data: dict[str, Any]) -> str:
        if name == COMPLAINT_RED:
            return notifiers.fill(
                notifiers.COMPLAINT_TEXT,
                hall=self.desk.register.hall().name,
                what=webhooks.TYPES[name],
                **{key: data[key] for key in ("number", "unit_name", "limit", "limit_name")},
            )
        if name == ALARM:
            return notifiers.fill(
                notifiers.ALARM_TEXT,
                hall=self.desk.register.hall().name,
                what=webhooks.TYPES[name],
                **{key: data[key] for key in ("kind_name", "said")},
            )
        return notifiers.fill(
            self.config.notify.staff_text,
            hall=self.desk.register.hall().name,
            what=webhooks.TYPES[name],
            number=data["number"],
            service=data["service_name"],
            windows=data.get("window", "—"),
        )

    def _note(self, job: Job, outcome: Outcome, now: Instant) -> None:
        due, receiver = job.due, job.receiver
        if not outcome.error:
            self.messages.sent(due.id, now)
            return
        webhook = isinstance(receiver, Webhook)
        retries = webhooks.WEBHOOK_RETRIES if webhook else webhooks.NOTICE_RETRIES
        next_at = webhooks.next_try(retries, due.tries + 1, now, outcome)
        self.messages.failed(due.id, outcome.error, next_at)
        if next_at is None and not outcome.over:
            log.warning("%s to %s was given up: %s", due.message, _key(receiver), outcome.error)
        if outcome.gone and isinstance(receiver, Webhook):
            self.messages.switch(receiver.id, on=False)
            self.store.note(now, "webhook_gone", detail={"webhook": receiver.id})

    def _forget(self) -> None:
        now = self.desk.clock()
        if abs(now - self._forgot_at) >= days.MINUTE:
            self._forgot_at = now
            self.messages.forget_before(now - KEEP, FORGET_AT_ONCE)

    def close(self) -> None:
        """Let the last answers come in; who is still silent then is told again after the start."""
        self.errands.close()


def _columns(receiver: Receiver) -> tuple[int | None, str | None]:
    if isinstance(receiver, Webhook):
        return receiver.id, None
    return None, receiver.key


def _key(receiver: Receiver) -> int | str:
    return receiver.id if isinstance(receiver, Webhook) else receiver.key


def _post(webhook: Webhook, due: Due, clock: Callable[[], Instant]) -> Outcome:
    now = clock()
    headers = webhooks.headers(webhook.secrets(now), due.message, now, due.body)
    return posting.post(webhook.url, headers, due.body)


def _tried(job: Job) -> Outcome:
    try:
        return job.work()
    except Exception as fault:  # whatever it was, the others behind it still have to leave
        log.exception("%s could not be sent", job.due.message)
        return Outcome(type(fault).__name__)
