"""One try to prove who one is, from a page: counted first, compared beside the loop."""

from collections.abc import Callable
from typing import Any

from admission.common import common
from admission.known import source_of
from admission.lockout import MustWait, in_words
from admission.policy import Whose, problem, shortest
from admission.policy import in_words as in_words_of
from hall.catalogue import Person
from hall.days import MINUTE
from hall.refusals import NotAllowed, NotValid
from web import passwords
from web.aside import in_thread
from web.current import admission, config, register, rooms
from web.limits import address
from web.principals import NotSignedIn

# So often strangers may fail from one address, whatever they try. A hall behind one address has
# a hundred desks that mistype on a Monday; browsers that are known are not asked.
ADDRESS_MOST = 60
ADDRESS_WITHIN = 10 * MINUTE
WHAT = "sign-in"
WRONG = "工号或密码不对，请重新输入。"


def password_is_right(staff_number: str, password: str) -> Person:
    """Return whose password it is; refuse a wrong one, an unknown number, and who must wait."""

    def right() -> bool:
        kept = register().password_hash(staff_number) if staff_number else None
        return passwords.is_right(kept, password) and register().person(staff_number) is not None

    attempt(staff_number, right, "wrong_password", WRONG)
    person = register().person(staff_number)
    assert person is not None
    return person


def attempt(account: str, right: Callable[[], bool], code: str, sentence: str) -> None:
    """Count a try, let it be compared, and count it for nothing when it was right.

    Raises MustWait, TooOften (whole address) or NotSignedIn with the code and the sentence.
    """
    source = source_of(account)
    if not source:
        rooms().limits.check(WHAT, address(), ADDRESS_MOST, ADDRESS_WITHIN)
    failures = admission().begin_try(account, source, address())
    if right():
        admission().take_back(account, source)
        return
    if not source:
        rooms().limits.count(WHAT, address(), ADDRESS_WITHIN)
    wait = admission().wait_after(failures)
    raise NotSignedIn(code, sentence + (f"请{in_words(wait)}后再试。" if wait else ""))


def seconds_of(refusal: NotAllowed, account: str) -> int:
    """Return how many seconds a refused form has to wait, 0 for none."""
    if isinstance(refusal, MustWait):
        return refusal.seconds
    return admission().wait_left(account, source_of(account))


# -- a new password ----------------------------------------------------------------------------


def new_hash(person: Person, typed: str, again: str) -> str:
    """Return the hash of a password somebody chose; NotValid ``bad_password`` says why not."""
    if typed != again:
        raise NotValid("passwords_differ", "两次输入的新密码不一样，请重新输入。")
    hall = register().hall().name
    whose = Whose(person.staff_number, person.name, hall, _has_second_factor(person))
    wrong = problem(typed, config().security.passwords, whose, in_thread(common))
    if wrong is None and _was_had(person.staff_number, typed):
        wrong = "新密码不能和现在或最近用过的相同。"
    if wrong is not None:
        raise NotValid("bad_password", wrong)
    return in_thread(passwords.hash_of, typed)


def _was_had(staff_number: str, password: str) -> bool:
    return any(passwords.is_right(each, password) for each in admission().past_hashes(staff_number))


def rule_for(person: Person) -> dict[str, Any]:
    """Return what a form for a new password says of the rule."""
    rule, second = config().security.passwords, _has_second_factor(person)
    return {
        "rule": in_words_of(rule, second_factor=second),
        "shortest": shortest(rule, second_factor=second),
    }


def _has_second_factor(person: Person) -> bool:
    return admission().has_factor(person.staff_number) or admission().must_have_factor(person)
