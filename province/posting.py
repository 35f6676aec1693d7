"""One request to the province, and what it replied."""

from hall import posting
from province.adapter import Message, Reply

# An answer is one id; whoever sends more has something else behind that address.
LONGEST_ANSWER = 64 * 1024


def exchange(message: Message) -> Reply:
    """Post a message and return what came back; never raises for what the province does."""
    answer = posting.post(message.url, message.headers, message.body, LONGEST_ANSWER)
    if answer.trouble:
        return Reply(error=answer.trouble)
    return Reply(answer.status, answer.body)
