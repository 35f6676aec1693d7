"""The three administrators, kept apart: who keeps the people, and what nobody may do; pure.

等保 2.0 (GB/T 22239-2019, 8.1.5.1 to 8.1.5.3): system, security and audit are administered by
different people. As long as nobody can sign in as security administrator, the first days of a
hall, an administrator does that work too.
"""

from collections.abc import Collection, Iterable

from hall.catalogue import Person
from hall.refusals import NotAllowed

ADMINISTRATOR, SECURITY, AUDIT = "administrator", "security", "audit"
THREE = {ADMINISTRATOR: "系统管理员", SECURITY: "安全管理员", AUDIT: "审计管理员"}

OWN_ROLE = "不能更改自己的角色，请由另一位安全管理员更改。"
OWN_ACCOUNT = "不能停用自己的账号，请由另一位安全管理员停用。"
LAST_ADMINISTRATOR = "这是最后一位系统管理员。请先另设一位，否则没有人能管理大厅的设置。"
LAST_IN_CHARGE = "这样一来没有人能登录管理人员了。请先另设一位安全管理员并给其密码。"


def able(people: Iterable[Person], with_password: Collection[str], role: str) -> list[Person]:
    """Return who can sign in with a role: active, with a password."""
    return [
        each
        for each in people
        if each.active and each.role == role and each.staff_number in with_password
    ]


def first_days(people: Iterable[Person], with_password: Collection[str]) -> bool:
    """Return whether an administrator acts as security too: nobody else can yet."""
    return not able(people, with_password, SECURITY)


def keepers(people: Collection[Person], with_password: Collection[str]) -> list[Person]:
    """Return who can keep the people: the security administrators, else the administrators."""
    found = able(people, with_password, SECURITY)
    return found or able(people, with_password, ADMINISTRATOR)


def check_may_become(
    people: Collection[Person], with_password: Collection[str], new: Person, by: str
) -> None:
    """Refuse what would mix the three, or leave a hall without them, when a person is saved.

    ``by`` is a staff number, or anything else for a device or a command. Raises NotAllowed
    ``own_role``, ``own_account``, ``last_administrator`` or ``last_in_charge``.
    """
    old = next((each for each in people if each.staff_number == new.staff_number), None)
    if old is None:
        return
    after = [new if each is old else each for each in people]
    goes = old.active and not new.active
    if _administrators(people) and not _administrators(after):
        raise NotAllowed("last_administrator", LAST_ADMINISTRATOR)
    if by == old.staff_number and goes:
        raise NotAllowed("own_account", OWN_ACCOUNT)
    if by == old.staff_number and new.role != old.role:
        raise NotAllowed("own_role", OWN_ROLE)
    if keepers(people, with_password) and not keepers(after, with_password):
        raise NotAllowed("last_in_charge", LAST_IN_CHARGE)


def _administrators(people: Iterable[Person]) -> list[Person]:
    return [each for each in people if each.active and each.role == ADMINISTRATOR]


def staying(
    role: str, before: Collection[Person], named: Collection[str], able_after: Collection[Person]
) -> set[str]:
    """Return who of a role stays though an import does not name them: else nobody could sign in.

    ``named`` are the staff numbers of the import. NotAllowed ``nobody_in_charge`` when the import
    itself takes the role from all who had it.
    """
    if not before or any(each.staff_number in named for each in able_after):
        return set()
    kept = {each.staff_number for each in before if each.staff_number not in named}
    if not kept:
        word = THREE[role]
        raise NotAllowed(
            "nobody_in_charge",
            f"导入后将没有能登录的{word}，未作任何改动。请先给新的{word}设置密码。",
        )
    return kept
