"""How the hall says no: a code for programs, a sentence for people."""


class NotAllowed(Exception):
    """The hall's state forbids it (409)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class NotValid(NotAllowed):
    """The input is wrong (422)."""


class NotFound(NotAllowed):
    """There is no such thing (404)."""
