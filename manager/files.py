"""A file for the manager's disk, with a Chinese name that every browser understands."""

import io

from flask import send_file
from werkzeug.wrappers import Response


def attachment(content: bytes, kind: str, name: str) -> Response:
    """Return a file to save; never kept by a cache, since the next one has other figures."""
    answer = send_file(io.BytesIO(content), kind, as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
