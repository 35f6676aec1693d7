"""The pinyin initials of a name: 不动产登记 is bdcdj; pure.

GB 2312 keeps its 3,755 common characters in the order of their sounds, so the place of a character
tells its initial. The rarer ones stand by radical and have none here; where a character has two
sounds the table knows one. It is for finding a name, which is found by its characters as well.
"""

from bisect import bisect_right

LETTERS = "abcdefghjklmnopqrstwxyz"
# The first common character of each letter: 啊 芭 擦 搭 蛾 发 噶 哈 击 喀 垃 妈 拿 哦 啪 期 …
BEGINNINGS = (
    *(0xB0A1, 0xB0C5, 0xB2C1, 0xB4EE, 0xB6EA, 0xB7A2, 0xB8C1, 0xB9FE, 0xBBF7, 0xBFA6, 0xC0AC),
    *(0xC2E8, 0xC4C3, 0xC5B6, 0xC5BE, 0xC6DA, 0xC8BB, 0xC8F6, 0xCBFA, 0xCDDA, 0xCEF4, 0xD1B9),
    0xD4D1,
)
LAST = 0xD7F9


def initials(name: str) -> str:
    """Return the initials of a name's characters; letters and digits stay as they are."""
    return "".join(_initial(each) for each in name)


def _initial(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    try:
        code = int.from_bytes(character.encode("gb2312"), "big")
    except UnicodeEncodeError:
        return ""
    if not BEGINNINGS[0] <= code <= LAST:
        return ""
    return LETTERS[bisect_right(BEGINNINGS, code) - 1]
