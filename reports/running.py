"""How the server runs the process that makes an export's file."""

from reports.exports import Hear
from reports.jobs import Broken
from web.aside import WorkFailed, follow_process

# A year of a large hall takes a minute or two; what takes longer hangs.
LONGEST_SECONDS = 1_800.0


def run(given: bytes, hear: Hear) -> None:
    """Make a file beside the loop; Broken when the process ends without it."""
    try:
        follow_process("reports.work", hear, given=given, longest=LONGEST_SECONDS)
    except WorkFailed as trouble:
        raise Broken(str(trouble)) from trouble
