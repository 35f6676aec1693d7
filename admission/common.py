"""The passwords that are guessed first: 30,000 from breaches, as zxcvbn keeps them."""

from functools import cache


@cache
def common() -> frozenset[str]:
    """Return them in small letters; the first call takes 0.1 s of a core."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # the server starts sooner without it

    return frozenset(FREQUENCY_LISTS["passwords"])
