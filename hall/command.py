"""The hall's command as it was started on this machine, for sentences that say what to run."""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

# What the `hall` of an installed hall and its unit say (tools/installer/installed.py, deploy/).
NAMED_BY = "HALL_COMMAND"
USUAL = "server.py"
WORD = re.compile(rf"(?<![\w/\\]){re.escape(USUAL)}(?= )")


def started(environment: Mapping[str, str] = os.environ) -> str:
    """Return what is typed before a command's word, such as ``./hall`` or ``python server.py``."""
    usual = f"{Path(sys.executable).name} {USUAL}"
    return environment.get(NAMED_BY) or usual


def named(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return a sentence with the hall's own command in the place of ``server.py``.

    >>> named("运行 server.py check", {"HALL_COMMAND": "./hall"})
    '运行 ./hall check'
    """
    command = environment.get(NAMED_BY)
    return WORD.sub(lambda _: command, text) if command else text
