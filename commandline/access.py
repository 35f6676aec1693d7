"""``key``, ``rotate-links`` and ``admin``: what lets devices, links and people in."""

import getpass
import re
import secrets
import sys
from typing import TYPE_CHECKING

from hall.catalogue import Person
from hall.refusals import NotAllowed, NotValid
from hall.register import Register

if TYPE_CHECKING:
    pass
from commandline.asked import Asked, read_file, say

LONGEST_CODE = 40


def key(asked: Asked) -> int:
    """Mint a key for a device or a program and print it, this once."""
    words = asked.words
    if words.role == "evaluator" and words.window is None:
        raise NotValid("window_missing", f"{words.role} 的密钥须写明窗口：--window 号码。")
    _, made = asked.register().mint_key(
        words.role, words.name, words.window, words.zone, words.printer, by="server.py key"
    )
    say(made)
    return 0


def rotate_links(asked: Asked) -> int:
    """Sign the links on slips with a new key from now on."""
    asked.book(asked.register()).rotate_links()
    say("今后小票上的链接用新密钥签名；已发出的链接在评价期限内仍然有效。")
    return 0


# -- administrators ----------------------------------------------------------------------------


def admin(asked: Asked) -> int:
    """Make an administrator, or give one a new password."""
    from web.passwords import hash_of

    register, name = asked.register(), asked.words.name.strip()
    number = asked.words.staff_number or _staff_number(register, name)
    known = register.catalogue().person.get(number)
    if known is not None and known.role != "administrator":
        raise NotAllowed("other_role", f"工号 {number} 是 {known.name}，不是管理员。请换一个工号。")
    password, made_up = _password(asked)
    kept = hash_of(password)
    register.save(Person(number, name, "administrator"), by="server.py admin")
    register.set_password_hash(number, kept, by="server.py admin")
    say(f"管理员 {name}，工号 {number}，可以在 /sign-in 登录。")
    if made_up:
        say(f"密码（只显示这一次）：{password}")
    return 0


def _staff_number(register: Register, name: str) -> str:
    """Return the number to sign in with: the name if it can be one, else admin, admin2 …"""
    same = [
        each.staff_number
        for each in register.catalogue().people
        if each.name == name and each.role == "administrator"
    ]
    if same:
        return same[0]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) and len(name) <= LONGEST_CODE:
        return name
    taken = register.catalogue().person
    return next(
        number
        for number in ("admin", *(f"admin{count}" for count in range(2, 1000)))
        if number not in taken
    )


def _password(asked: Asked) -> tuple[str, bool]:
    """Return the password and whether it was made up because nobody could be asked."""
    if asked.words.password_file:
        text = read_file(asked.words.password_file).decode("utf-8-sig", "replace")
        return text.splitlines()[0].strip() if text.strip() else "", False
    if sys.stdin is None or not sys.stdin.isatty():
        return secrets.token_urlsafe(12), True
    first = getpass.getpass("新密码（输入时不显示）：")
    if first != getpass.getpass("再输入一次："):
        raise NotValid("passwords_differ", "两次输入的密码不一样，没有改动。")
    return first, False
