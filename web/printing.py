"""A page as PDF, through a Chromium in a process of its own; one at a time for the whole hall."""

from gevent.lock import BoundedSemaphore

from reports import paper
from web.aside import in_process

# The process that calls the browser gives up first and says why.
PATIENCE = paper.LONGEST_SECONDS + 10.0
# A browser takes 200 MB and a second of a processor.
one = BoundedSemaphore(1)


def printed(page: str) -> bytes:
    """Return a page as PDF; WorkFailed when there is no browser or it fails."""
    with one:
        return in_process("reports.paper", given=page.encode(), longest=PATIENCE)
