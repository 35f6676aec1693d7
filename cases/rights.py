"""Who may do what with a case: nobody who was rated, and nobody of the unit judges; pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from cases.life import DONE_IN_CHINESE, IN_CHINESE, STEPS, As, Case, State, Step, Verb
from hall.catalogue import Person
from hall.refusals import NotAllowed, NotValid


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person of the hall, or a manager's device (``person`` False)."""

    id: str
    role: str
    department: str | None = None
    person: bool = True

    @classmethod
    def of(cls, person: Person) -> "Actor":
        """Return somebody as cases know them."""
        return cls(person.staff_number, person.role, person.department)


# -- on a case ---------------------------------------------------------------------------------


def capacities(actor: Actor, case: Case) -> frozenset[As]:
    """Return in what capacities somebody may act on a case; the rated clerk in none."""
    if actor.id == case.clerk:
        return frozenset()
    found = set()
    in_charge = actor.role in ("manager", "administrator")
    if actor.role == "handler" and actor.department == case.unit:
        found.add(As.HANDLER)
    if in_charge:
        found.add(As.MANAGER)
    if in_charge or actor.role == "leader":
        found.add(As.APPROVER)
    if is_outside(actor, case):
        found.add(As.OUTSIDE)
    return frozenset(found)


def is_outside(actor: Actor, case: Case) -> bool:
    """Return whether somebody may judge a unit: its inspector, or a head of another department."""
    if not actor.person or actor.id == case.handler:
        return False
    heads = ("leader", "manager", "administrator")
    return actor.role == "inspector" or (actor.role in heads and actor.department != case.unit)


def may_see(actor: Actor, case: Case) -> bool:
    """Return whether a case is shown to somebody: handlers see those of their own unit."""
    if actor.id == case.clerk:
        return False
    return actor.role != "handler" or actor.department == case.unit


def may_look(actor: Actor, case: Case) -> bool:
    """Return whether somebody may see how to reach the rater: who deals with the case now."""
    if not case.real_name or not may_step(actor, case, Verb.LOOK):
        return False
    return case.state is State.REVISITING or actor.id == case.handler


def may_step(actor: Actor, case: Case, verb: Verb) -> bool:
    """Return whether the table lets somebody do this now."""
    mine = capacities(actor, case)
    return any(mine.intersection(each.who) for each in _steps(case, verb))


def _steps(case: Case, verb: Verb) -> list[Step]:
    return [each for each in STEPS if each.was is case.state and each.verb is verb]


def check_step(actor: Actor, case: Case, verb: Verb) -> None:
    """Refuse what the table does not know from here (``not_now``) or not of them (``not_yours``).

    The rated clerk is told ``own_rating``.
    """
    done = DONE_IN_CHINESE[verb]
    if actor.id == case.clerk:
        raise NotAllowed("own_rating", "被评价人不能办理对自己的差评。")
    if not _steps(case, verb):
        raise NotAllowed("not_now", f"这件差评现在是“{IN_CHINESE[case.state]}”，不能“{done}”。")
    if not may_step(actor, case, verb):
        raise NotAllowed("not_yours", _why_not_yours(verb, done))


def _why_not_yours(verb: Verb, done: str) -> str:
    if any(As.OUTSIDE in each.who for each in STEPS if each.verb is verb):
        return f"“{done}”须由承办单位以外的人办理（督查人员，或其他部门的负责人）。"
    if any(As.APPROVER in each.who for each in STEPS if each.verb is verb):
        return f"“{done}”须由分管领导或大厅负责人办理。"
    return f"“{done}”须由承办单位的差评承办人办理。"


# -- whose case it is --------------------------------------------------------------------------


def check_handler(person: Person | None, case: Case) -> Person:
    """Return who shall deal with a case, or refuse who is no handler or the rated clerk."""
    if person is None or not person.active or person.role != "handler":
        raise NotValid("no_handler", "请选择一位差评承办人。")
    if person.department is None:
        raise NotValid("no_handler", f"{person.name} 没有写明所属部门，不能承办。")
    if person.staff_number == case.clerk:
        raise NotAllowed("own_rating", "被评价人不能承办对自己的差评。")
    return person


def first_handler(people: Iterable[Person], case: Case, busy: dict[str, int]) -> Person | None:
    """Return the unit's handler with the fewest open cases, None when it has none."""
    fit = [
        each
        for each in people
        if each.active
        and each.role == "handler"
        and each.department == case.unit
        and each.staff_number != case.clerk
    ]
    return min(
        fit, key=lambda each: (busy.get(each.staff_number, 0), each.staff_number), default=None
    )
