"""Requests as no page of the hall would send them: wrong types, huge, binary, missing, repeated.

All made from a seed: the same number gives the same requests.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from urllib.parse import quote, quote_plus

HOUSE = Path(__file__).resolve().parents[1]
NAMES_IN_PAGES = re.compile(r'name="([a-z_]{1,40})"')
NAMES_IN_CODE = re.compile(r'(?:form|args|values|files|body|told)(?:\.get|\.getlist)?[\[(]"(\w+)"')

# What a field may hold that nobody meant; right ones too, so that the wrong one beside them is met.
TEXTS: tuple[str | bytes, ...] = (
    *("", " ", "0", "1", "2", "-1", "1.5", "1e309", "NaN", "９", "٣", "null", "true", "on", "[]"),
    *("9" * 19, "9" * 400, "-" + "9" * 30, "0x10", "1_000", "+1", " 1 ", "٠", "½", "²"),
    *("2026-11-20", "2026-02-30", "0000-00-00", "9999-12-31", "2026-11", "2026-13", "99999-01"),
    *("2026-11-20T25:61", "08:30", "24:00", "08:30-07:00", "0001-01", "9999-12", "-001-01"),
    *(
        "marriage",
        "1F",
        "MZ",
        "1001",
        "A001",
        "张敏",
        "13800138000",
        "11010519491231002X",
        "x" * 81,
    ),
    *("\x00", "a\x00b", "\r\nSet-Cookie: a=b", "\u202e", "\ufeff", "😀" * 50, "\U0010ffff"),
    *("' or 1=1 --", "{{7*7}}", "{0.__class__}", "%s%n", "<script>", "../../../etc/passwd", "=1+1"),
    *(b"\xff\xfe\x00", b"\xed\xa0\x80", b"\xc0\xaf", b"\x80" * 40),
    *("一" * 3_000, "x" * 60_000),
)
PLACES = (
    *("1", "2", "4", "0", "-1", "999999", "9" * 25, "1.0", "x", "marriage", "1F", "2026-11"),
    *("2026-13", "0000-00", "9999-12", "2026-11-20", "%00", "%ff%fe", "%2e%2e%2f", "%E5%BC%A0"),
    *("csv", "xlsx", "pdf", "22222222", "A" * 300, "%0d%0aX:1", "nobody", "٣", "%EF%BC%91", "1001"),
)
TYPES = (
    *("application/x-www-form-urlencoded", "application/json", "text/plain", ""),
    *("multipart/form-data", "multipart/form-data; boundary=", "application/json; charset=utf-77"),
    *("application/x-www-form-urlencoded; charset=\xff", "x/y/z", "application/xml"),
)
BODIES: tuple[bytes, ...] = (
    *(b"", b"{", b"[]", b"null", b"0", b'"x"', b"\x00", b"\xff\xfe", b"PK\x03\x04 no zip", b"%PDF"),
    *(
        b"[" * 5_000,
        b'{"a":' * 3_000,
        b"1" * 5_000,
        b'{"a":1e999}',
        b'{"a":NaN}',
        b'{"a":"\\ud800"}',
    ),
    *(b"--x\r\nContent-Disposition: form-data; name=", b"a=%", b"=&=&&==", b"a" * 70_000),
)
# What no HTTP client would send; each on a line of its own.
LINES: tuple[bytes, ...] = (
    *(b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01"),
    *(b"GET /\x00 HTTP/1.1\r\n\r\n", b"GET http:// HTTP/1.1\r\n\r\n", b"GET /%zz HTTP/1.1\r\n\r\n"),
    *(b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"GET / HTTP/1.1\r\nHost: \xff\r\n\r\n"),
    *(b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"GET //[ HTTP/1.1\r\nHost: [\r\n\r\n"),
    *(b"POST /enter HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"GET /" + b"a" * 20_000 + b"\r\n\r\n"),
    b"POST /enter HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /enter HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
    b"POST /enter HTTP/1.1\r\nContent-Length: 50\r\n\r\nhalf",
    b"GET / HTTP/1.1\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 3_000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\nCookie: \xff=\x01; =; ;;\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ,,\xff, 1.2.3\r\n\r\n",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes over the line, and how to name it when it is answered wrongly."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def encoded(self, headers: dict[str, str]) -> bytes:
        """Return the request's bytes, with who asks."""
        told = {"Host": "127.0.0.1", **self.headers, **headers, "Content-Length": len(self.body)}
        lines = "".join(f"{name}: {value}\r\n" for name, value in told.items())
        head = f"{self.method} {self.path} HTTP/1.1\r\n{lines}\r\n"
        try:
            return head.encode("latin-1") + self.body
        except UnicodeEncodeError:
            return head.encode() + self.body

    @property
    def words(self) -> str:
        """Return it for a report."""
        kind = self.headers.get("Content-Type", "")
        return f"{self.method} {self.path[:120]} {kind} {self.body[:300]!r}"


def fields_of(room: str) -> tuple[str, ...]:
    """Return the names of all fields that a room's pages and code know."""
    texts = [each.read_text(encoding="utf-8") for each in (HOUSE / room).rglob("*.html")]
    names = {name for text in texts for name in NAMES_IN_PAGES.findall(text)}
    for each in (HOUSE / room).glob("*.py"):
        names.update(NAMES_IN_CODE.findall(each.read_text(encoding="utf-8")))
    return tuple(sorted(names)) or ("name",)


def to_route(chance: Random, method: str, rule: str, fields: Sequence[str]) -> Asked:
    """Return a wrong request to a route (``/cases/{number}``) that knows these fields."""
    path = re.sub(r"{\w+}", lambda _: chance.choice(PLACES), rule)
    if method == "GET" or chance.random() < 0.15:
        path += "?" + _pairs(chance, fields).decode("latin-1")
    if method == "GET":
        return Asked(method, path, _odd_headers(chance), b"")
    return Asked(method, path, *_body(chance, fields))


def _odd_headers(chance: Random) -> dict[str, str]:
    return chance.choice(
        (
            *({}, {}, {"Accept": "text/html"}, {"Accept": "\xff/*;q=x"}, {"If-None-Match": '"'}),
            *({"Accept-Language": "zh;q=x,,*"}, {"Range": "bytes=9-1"}, {"Cookie": "hall=\xff"}),
            *({"If-Modified-Since": "x"}, {"X-Forwarded-For": "::%\xff"}, {"Referer": "http://["}),
        )
    )


def _body(chance: Random, fields: Sequence[str]) -> tuple[dict[str, str], bytes]:
    kind = chance.random()
    html = {"Accept": "text/html"} if chance.random() < 0.5 else {}
    if kind < 0.5:
        return {**html, "Content-Type": TYPES[0]}, _pairs(chance, fields)
    if kind < 0.7:
        return {**html, "Content-Type": "multipart/form-data; boundary=x"}, _parts(chance, fields)
    if kind < 0.85:
        return {**html, "Content-Type": "application/json"}, _object(chance, fields)
    return {**html, "Content-Type": chance.choice(TYPES)}, chance.choice(BODIES)


def _some(chance: Random, fields: Sequence[str]) -> list[str]:
    most = min(len(fields), 12)
    named = chance.sample(list(fields), chance.randint(0, most))
    again = chance.choices(named, k=chance.randint(0, 3)) if named else []
    return [*named, *again, *chance.choices(("", "__proto__", "x" * 200), k=chance.randint(0, 1))]


def _pairs(chance: Random, fields: Sequence[str]) -> bytes:
    pairs = [
        f"{quote_plus(name)}={quote_plus(chance.choice(TEXTS))[:4000]}"
        for name in _some(chance, fields)
    ]
    return "&".join(pairs).encode()


def _parts(chance: Random, fields: Sequence[str]) -> bytes:
    parts = []
    for name in _some(chance, fields):
        text = chance.choice((*TEXTS, *BODIES))
        content = text if isinstance(text, bytes) else text.encode()
        file = chance.choice(("", "", '; filename="x.xlsx"', '; filename="../a\x00.png"'))
        head = f'--x\r\nContent-Disposition: form-data; name="{quote(name)}"{file}\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + chance.choice((b"--x--\r\n", b"", b"--x"))


def _object(chance: Random, fields: Sequence[str]) -> bytes:
    told = {name: _value(chance, 0) for name in _some(chance, fields)}
    return json.dumps(told).encode()


def _value(chance: Random, depth: int) -> object:
    plain: tuple[object, ...] = (
        None,
        True,
        False,
        0,
        -1,
        1,
        2**63,
        10**400,
        1.5,
        1e308,
        [],
        {},
        "\ud800",
        [[[1]]],
    )
    kind = chance.random()
    if kind < 0.5:
        return chance.choice(plain)
    if kind < 0.6 and depth < 3:
        return [_value(chance, depth + 1) for _ in range(3)]
    text = chance.choice(TEXTS)
    return text if isinstance(text, str) else text.decode("latin-1")
