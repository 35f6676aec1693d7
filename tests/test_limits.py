"""How often one address may try."""

import pytest
from flask import Flask
from halls import MovedClock

from web.limits import KEPT_MOST, Limits, TooOften, address

MINUTE = 60_000


def test_who_tries_too_often_rests_and_others_do_not(clock: MovedClock) -> None:
    limits = Limits(clock)
    for _ in range(3):
        limits.check("code", "192.0.2.7", 3, MINUTE)
        limits.count("code", "192.0.2.7", MINUTE)
    with pytest.raises(TooOften):
        limits.check("code", "192.0.2.7", 3, MINUTE)
    limits.check("code", "192.0.2.8", 3, MINUTE)
    limits.check("book", "192.0.2.7", 3, MINUTE)
    clock.move(minutes=1)
    limits.check("code", "192.0.2.7", 3, MINUTE)


def test_a_clock_that_steps_back_keeps_nobody_out(clock: MovedClock) -> None:
    limits = Limits(clock)
    limits.count("code", "192.0.2.7", MINUTE)
    clock.move(hours=-5)
    limits.check("code", "192.0.2.7", 1, MINUTE)


def test_a_flood_of_addresses_does_not_fill_the_memory(clock: MovedClock) -> None:
    limits = Limits(clock)
    for count in range(KEPT_MOST + 10):
        limits.count("code", str(count), MINUTE)
    assert len(limits._tries) <= KEPT_MOST


@pytest.mark.parametrize(
    ("remote", "forwarded", "who"),
    [
        ("192.0.2.7", None, "192.0.2.7"),
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "10.9.8.7, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_only_a_proxy_on_this_machine_is_believed_about_others(
    remote: str, forwarded: str | None, who: str
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    with Flask("hall").test_request_context(headers=headers, environ_base={"REMOTE_ADDR": remote}):
        assert address() == who


def test_a_phone_with_many_addresses_is_one_phone() -> None:
    def who(remote: str) -> str:
        with Flask("hall").test_request_context(environ_base={"REMOTE_ADDR": remote}):
            return address()

    assert who("2001:db8:1:2::5") == who("2001:db8:1:2:ffff::9")
    assert who("2001:db8:1:2::5") != who("2001:db8:1:3::5")
    # what the security administrator reads is an address, no number of 19 digits
    assert who("2001:db8:1:2::5") == "2001:db8:1:2::/64"


def test_two_desks_of_a_hall_that_listens_on_ipv6_too_are_not_counted_as_one() -> None:
    def who(remote: str) -> str:
        with Flask("hall").test_request_context(environ_base={"REMOTE_ADDR": remote}):
            return address()

    assert who("::ffff:192.0.2.7") == "192.0.2.7"
    assert who("::ffff:192.0.2.8") == "192.0.2.8"
