"""A complete adapter to copy: HTTP and JSON, the body under SM4-CBC, signed with HMAC-SM3; pure.

Request: ``{"data": base64(iv + SM4-CBC(fields as JSON))}``; the header ``X-Signature`` is the
HMAC-SM3 over timestamp, nonce and body, a line each. Answer: ``{code, msg, data: {evaluateUnid}}``.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hall.days import Instant
from hall.tickets import Outcome
from province import sm
from province.adapter import LONGEST_REASON, Codes, Message, Reply, Verdict, renamed, said
from province.record import Promise, Record
from rating.levels import SCORES, Channel, Level

CODES = Codes(
    levels={level: str(SCORES[level]) for level in Level},
    channels={
        Channel.EVALUATOR: "4",
        Channel.QR: "3",
        Channel.WINDOW_QR: "3",
        Channel.PAPER: "5",
        Channel.BOX: "5",
        Channel.PHONE: "6",
        Channel.SMS: "7",
    },
    outcomes={
        Outcome.ACCEPTED: "2",
        Outcome.COMPLETED: "3",
        Outcome.COLLECTED: "3",
        Outcome.CONSULTED: "3",
        Outcome.OTHER: "3",
    },
    promises={Promise.AT_ONCE: "1", Promise.PROMISED: "2"},
    validity={True: "1", False: "0"},
    yes_no={True: "1", False: "0"},
    id_kinds={"identity_card": "111"},
)

# Ours, and what it is called there.
NAMES = {
    "project_no": ("projectNo",),
    "service_code": ("taskCode", "taskHandleItem"),
    "service_name": ("taskName",),
    "project_name": ("projectName",),
    "person_name": ("userName",),
    "person_id_kind": ("userPageType",),
    "helper_name": ("handleUserName",),
    "state": ("proStatus",),
    "accepted_at": ("acceptDate",),
    "served_at": ("serviceTime",),
    "ended_at": ("resultDate",),
    "rated_at": ("assessTime",),
    "window_name": ("serviceName",),
    "service_number": ("serviceNumber",),
    "promise": ("promiseTime", "taskType"),
    "area_code": ("areaCode",),
    "department_code": ("deptCode",),
    "department_name": ("proDepart",),
    "clerk_name": ("proManager",),
    "clerk_number": ("proManagerNo",),
    "channel": ("pf",),
    "level": ("satisfaction",),
    "tags": ("evalDetail",),
    "text": ("writingEvaluation",),
    "nth": ("assessNumber",),
    "valid": ("appStatus",),
    "public": ("publicFlag",),
    "anonymous": ("anonymityFlag",),
    "source": ("dataSource",),
    "unid": ("evaluateUnid",),
}

TAKEN, KNOWN = ("200", "409")
# Busy, too many requests, or its own fault: it may take the same row later.
LATER = ("429", "500", "502", "503", "504")


@dataclass(frozen=True, slots=True)
class Secret:
    """The two keys a province hands out, 16 bytes each."""

    cipher: bytes
    signing: bytes


@dataclass(frozen=True, slots=True)
class Example:
    """The adapter of a province that does what most published interfaces do."""

    address: str
    app_id: str
    secret: Secret
    zone: ZoneInfo
    name: str = "example"
    tells_voids: bool = True

    def fields(self, record: Record) -> dict[str, str]:
        """Return a record in the province's names and codes; what is not known stays away."""
        told = renamed(said(record, CODES, self.zone), NAMES)
        return {name: value for name, value in told.items() if value}

    def pack(self, key: str, fields: Mapping[str, str], now: Instant, nonce: str) -> Message:
        """Return the request; ``nonce`` is 32 hex digits, used once: it is the cipher's iv, too."""
        iv = bytes.fromhex(nonce)
        content = json.dumps(dict(fields), ensure_ascii=False).encode()
        sealed = base64.b64encode(iv + sm.encrypted(self.secret.cipher, iv, content)).decode()
        body = json.dumps({"data": sealed}).encode()
        return Message(
            self.address,
            {
                "Content-Type": "application/json",
                "User-Agent": "hallqueue",
                "X-App-Id": self.app_id,
                "X-Timestamp": str(now),
                "X-Nonce": nonce,
                "X-Signature": sm.signature(self.secret.signing, signed_part(now, nonce, body)),
                "Idempotency-Key": key,
            },
            body,
        )

    def read(self, reply: Reply) -> Verdict:
        """Return what a reply means; only a code and an id together are "stored"."""
        if reply.error:
            return Verdict(error=reply.error, silent=True)
        answer = _answer(reply.body)
        code, told = str(answer.get("code", "")), str(answer.get("msg", ""))
        unid = _unid(answer.get("data"))
        if reply.status in (200, 201) and code in (TAKEN, KNOWN) and unid:
            return Verdict(unid=unid)
        what = f"HTTP {reply.status}" + (f"，{code} {told}" if code else "")
        later = code in LATER or str(reply.status) in LATER or not code
        return Verdict(error=what[:LONGEST_REASON], refused=not later)

    def sign(self, text: str) -> str:
        """Return the signature of the address of a page."""
        return sm.signature(self.secret.signing, text.encode())


def signed_part(at: Instant, nonce: str, body: bytes) -> bytes:
    """Return what a request's signature is over."""
    return f"{at}\n{nonce}\n".encode() + body


def opened(secret: Secret, body: bytes) -> dict[str, str]:
    """Return the fields of a request's body, as the province reads them."""
    sealed = base64.b64decode(json.loads(body)["data"])
    content = sm.decrypted(secret.cipher, sealed[: sm.BLOCK], sealed[sm.BLOCK :])
    return dict(json.loads(content))


def _answer(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _unid(data: Any) -> str:
    return str(data.get("evaluateUnid") or "") if isinstance(data, dict) else ""
