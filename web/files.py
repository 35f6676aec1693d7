"""A file for somebody's disk: every download of the house goes out through here."""

import io
import re
from pathlib import Path
from urllib.parse import quote

from flask import Response, send_file

# What no file system takes, and what would end the header.
NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
# A header is latin-1; what a browser or a program too old for filename* saves under is plainer yet.
NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+")


def attachment(content: bytes | Path, kind: str, name: str, plain: str) -> Response:
    """Return a file to save under a Chinese name; ``plain`` is for who reads latin names only.

    No cache keeps it, since the next one has other figures.
    """
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    answer = send_file(source, kind)
    answer.headers["Content-Disposition"] = disposition(name, plain)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def disposition(name: str, plain: str) -> str:
    """Return the header that names a file twice: in latin letters, and whole in UTF-8."""
    latin = re.sub(r"-*\.", ".", NOT_PLAIN.sub("-", plain)).strip("-")
    whole = quote(NOT_IN_NAMES.sub("", name), safe="")
    return f"attachment; filename=\"{latin}\"; filename*=UTF-8''{whole}"
