"""How well the machine's clock is kept, read from what the system's own programs answer."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sync:
    """Whether a clock is kept by the network, and how far it is off in seconds where one says so.

    ``kept`` is None when nothing on the machine could be asked.
    """

    kept: bool | None
    offset: float | None = None
    by: str = ""


UNKNOWN = Sync(None)
CHRONY_OFFSET = re.compile(r"^System time\s*:\s*([\d.]+) seconds (slow|fast)", re.MULTILINE)
# The words are translated on a Chinese Windows; the number in front of the bracket is not.
W32TM_LEAP = re.compile(r"^[^:：\n]*[:：]\s*([0-3])\(")
W32TM_OFFSET = re.compile(
    r"^[^:：\n]*(?:Phase Offset|偏移)[^:：\n]*[:：]\s*(-?[\d.]+)s", re.MULTILINE
)


def of_chrony(said: str) -> Sync:
    """Read ``chronyc tracking``."""
    if "Leap status" not in said:
        return UNKNOWN
    kept = not re.search(r"^Leap status\s*:\s*Not synchronised", said, re.MULTILINE)
    found = CHRONY_OFFSET.search(said) if kept else None
    offset = float(found[1]) * (-1 if found[2] == "slow" else 1) if found else None
    return Sync(kept, offset, "chrony")


def of_timedatectl(said: str) -> Sync:
    """Read ``timedatectl show``."""
    words = dict(line.partition("=")[::2] for line in said.splitlines())
    if "NTPSynchronized" not in words:
        return UNKNOWN
    return Sync(words["NTPSynchronized"] == "yes", None, "systemd")


def of_w32tm(said: str) -> Sync:
    """Read ``w32tm /query /status``."""
    leap = W32TM_LEAP.search(said.lstrip())
    if leap is None:
        return UNKNOWN
    kept = leap[1] != "3"
    found = W32TM_OFFSET.search(said) if kept else None
    return Sync(kept, float(found[1]) if found else None, "Windows")
