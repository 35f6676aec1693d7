"""How a hall hashes its passwords; the other tests use a cheaper hash (tests/thrift.py)."""

from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from thrift import HASHER_OF_A_HALL

from web import passwords


def test_a_hall_hashes_as_owasp_recommends() -> None:
    hasher: PasswordHasher = HASHER_OF_A_HALL()
    kept = hasher.hash("a password of a clerk")
    said = extract_parameters(kept)
    # OWASP Password Storage Cheat Sheet: Argon2id, 19 MiB, two passes, one lane
    assert (said.type, said.memory_cost, said.time_cost, said.parallelism) == (Type.ID, 19456, 2, 1)
    assert hasher.verify(kept, "a password of a clerk")


def test_an_unknown_person_is_checked_at_the_same_cost_as_a_known_one() -> None:
    hasher: PasswordHasher = HASHER_OF_A_HALL()
    assert not hasher.check_needs_rehash(passwords._OF_NOBODY)


def test_a_password_is_right_or_wrong_and_nobodys_is_never_right() -> None:
    kept = passwords.hash_of("correct horse")
    assert passwords.is_right(kept, "correct horse")
    assert not passwords.is_right(kept, "wrong horse")
    assert not passwords.is_right(None, "correct horse")
