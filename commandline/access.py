"""``key``, ``rotate-links`` and ``admin``: what lets devices, links and people in."""

import re
import secrets
from dataclasses import replace

from commandline.asked import Asked, read_file, say
from hall import days
from hall.administrators import ADMINISTRATOR, SECURITY, THREE
from hall.catalogue import Person
from hall.refusals import NotAllowed, NotValid
from hall.register import Register

ADMIN = "server.py admin"
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
    """Make one of the three administrators, or give one a new password."""
    from admission.admission import Admission
    from web.passwords import hash_of

    register, name, role = asked.register(), asked.words.name.strip(), asked.words.role
    number = asked.words.staff_number or _staff_number(register, name, role)
    known = register.catalogue().person.get(number)
    if known is not None and known.role != role:
        told = f"工号 {number} 是 {known.name}，不是{THREE[role]}。请换一个工号。"
        raise NotAllowed("other_role", told)
    password, made_up = _password(asked)
    kept = hash_of(password)
    begins = register.first_days()
    # a number says who is meant; a name that is not theirs makes nobody somebody else
    chief = replace(known or Person(number, name, role), active=True)
    register.save(chief, by=ADMIN)
    freed = Admission(register.store, register, asked.config, days.now, asked.database).set_anew(
        number, kept, by=ADMIN, must_change=made_up
    )
    if known is not None:
        say(f"已重设{THREE[role]} {chief.name}（工号 {number}）的密码，原来的密码不再有效。")
    if chief.name != name:
        say(f"工号 {number} 是 {chief.name}，姓名没有改成“{name}”；要改姓名，请在“人员”页面改。")
    say(f"{THREE[role]} {chief.name}，工号 {number}，可以在 /sign-in 登录。")
    if made_up:
        say(f"密码（只显示这一次，首次登录时更换）：{password}")
    if freed:
        say("原来的二次验证已取消，下次登录时重新设置。")
    if begins and role == SECURITY:
        say("从现在起，人员、角色和密码由安全管理员管理，系统管理员不再能改动。")
    return 0


def _staff_number(register: Register, name: str, role: str) -> str:
    """Return the number to sign in with: the name if it can be one, else admin, admin2 …"""
    same = [
        each.staff_number
        for each in register.catalogue().people
        if each.name == name and each.role == role
    ]
    if same:
        return same[0]
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]*", name) and len(name) <= LONGEST_CODE:
        return name
    taken = register.catalogue().person
    short = "admin" if role == ADMINISTRATOR else role
    return next(
        number
        for number in (short, *(f"{short}{count}" for count in range(2, 1000)))
        if number not in taken
    )


def _password(asked: Asked) -> tuple[str, bool]:
    """Return the password and whether it was made up: no command waits for a terminal."""
    if asked.words.password_file is None:
        return secrets.token_urlsafe(12), True
    text = read_file(asked.words.password_file).decode("utf-8-sig", "replace")
    return text.splitlines()[0].strip() if text.strip() else "", False
