"""One request to a webhook's receiver, and how it ended."""

from hall import posting
from outbox.webhooks import Outcome, outcome_of


def post(url: str, headers: dict[str, str], body: str) -> Outcome:
    """Post a message and return how that ended; never raises for what a receiver does."""
    answer = posting.post(url, headers, body.encode())
    if answer.trouble:
        return Outcome(answer.trouble, silent=True)
    return outcome_of(answer.status, answer.retry_after)
