"""What the pages of the second factor share: the QR code, the first code, recovery codes."""

from typing import Any

from admission import codes
from hall.catalogue import Person
from web import passwords
from web.aside import in_thread
from web.current import admission, register
from web.qr import qr


def shown(person: Person) -> dict[str, Any]:
    """Return what the page of setting up shows: the QR code and the secret in groups of four."""
    secret = admission().begin_factor(person.staff_number)
    address = codes.address(secret, person.staff_number, register().hall().name)
    return {"qr": qr(address), "secret": codes.in_groups(secret)}


def confirm(person: Person, code: str) -> list[str]:
    """Let the factor count and return its recovery codes; NotAllowed ``wrong_code``."""
    admission().check_first_code(person.staff_number, code)
    made = codes.new_recovery_codes()
    hashes = in_thread(lambda: {codes.label_of(each): passwords.hash_of(each) for each in made})
    admission().confirm_factor(person.staff_number, code, hashes)
    return made


def opens(staff_number: str, typed: str) -> bool:
    """Return whether a code, or an unused recovery code, opens; either opens once."""
    recovery = codes.recovery_code(typed)
    if recovery is None:
        return admission().use_code(staff_number, typed)
    label = codes.label_of(recovery)
    kept = admission().recovery_hash(staff_number, label)
    if not passwords.is_right(kept, recovery):
        return False
    return admission().use_recovery_code(staff_number, label)
