"""Which request gets a row of the audit log, and when it is written (docs/decisions/0013).

A verb that shares its commit (``web.together``) has its row in the same transaction, a refusal's
too; what clerks and citizens do all day has it in its own commit (``audit.words.WITH_THE_VERB``);
every other request and every marked page has it written, with others, before the answer leaves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from flask import Flask, Response, current_app, g, has_request_context, request

from audit import words
from audit.chain import Entry
from audit.log import AuditLog
from audit.masking import asked_of, masked, named, target_of
from hall.days import MINUTE, Instant
from hall.refusals import NotAllowed
from web.current import rooms
from web.limits import came_from, neighbourhood
from web.principals import Principal, with_role
from web.same_origin import SAFE

LONGEST_ADDRESS = 45
# Nobody fills the disk with refusals: of an address that signed in as nobody so many a minute have
# a row each, the rest one row together.
STRANGERS_A_MINUTE, MOST_STRANGERS = 30, 10_000
# Events of sockets that only ask for what they are then told.
READING_EVENTS = frozenset({"watch"})
T = TypeVar("T")
log = structlog.get_logger("audit")


class AuditDown(NotAllowed):
    """The audit log cannot be written, and this verb does not happen without it."""


@dataclass(slots=True)
class Note:
    """What is known so far of the row of one request."""

    verb: str
    with_the_verb: bool = False
    target: str = ""
    detail: str = ""
    code: str = ""  # the refusal that was answered last
    written: str | None = None  # the code in the row that was written, None without one


@dataclass(slots=True)
class _Strangers:
    since: Instant
    address: str
    count: int = 0
    skipped: int = 0


class Auditing:
    """Writes the rows of one app's requests."""

    def __init__(self, log: AuditLog) -> None:
        self.log = log
        self.clock = log.clock
        # rows that could not be written since the server started
        self.lost = 0
        self.down = False
        self._strangers: dict[str, _Strangers] = {}
        log.store.before_commit = self.with_the_verb

    # -- in the transaction of what is told -----------------------------------------------------

    def together(self, work: Callable[[], T]) -> T:
        """Do a verb that shares its commit, and write its row beside it, also when it is refused.

        Called in the shared transaction: what was refused is undone, its row stays.
        """
        note = _note()
        if note is None or note.written is not None:
            return work()
        try:
            if words.is_administrative(request.endpoint or ""):
                with self.log.store.transaction():  # without its row the verb is undone as well
                    return self._noted(work, note)
            return self._noted(work, note)
        except AuditDown:
            raise
        except NotAllowed as refusal:
            self._join(note, refusal.code)
            raise

    def _noted(self, work: Callable[[], T], note: Note) -> T:
        done = work()
        note.target = note.target or _number_of(done)
        self._join(note, "")
        return done

    def with_the_verb(self) -> None:
        """Write a request's row into the commit of its own verb, where that is its only one."""
        if not has_request_context():
            return
        note = _note()
        if note is not None and note.with_the_verb and note.written is None:
            self._join(note, "")

    def _join(self, note: Note, code: str) -> None:
        entry = self._entry(note, code)
        try:
            self.log.join(entry)
        except Exception as trouble:  # a citizen's verb goes on
            self._missing(entry, trouble)
            if words.is_administrative(request.endpoint or ""):
                raise _refusal() from trouble
            return
        note.written, self.down = code, False

    # -- before and after a request -------------------------------------------------------------

    def begin(self) -> None:
        """Open the note of an unsafe request; refuse what needs a row and would get none."""
        if request.method in SAFE or request.url_rule is None:
            return
        endpoint = request.endpoint or ""
        g.audit = Note(
            words.verb_of(endpoint, request.view_args or {}), endpoint in words.WITH_THE_VERB
        )
        if self.down and words.is_administrative(endpoint):
            self._try_again()

    def _try_again(self) -> None:
        try:
            self.log.note("system.start", "审计日志恢复写入")
        except Exception as trouble:
            raise _refusal() from trouble
        self.down = False

    def end(self, answer: Response) -> Response:
        """Write the row of a request that has none yet, or whose row tells another outcome."""
        note = _note() or self._view(answer.status_code)
        if note is None:
            return answer
        code = note.code if answer.status_code < 500 else "internal"
        code = code or (f"http_{answer.status_code}" if answer.status_code >= 400 else "")
        told_already = note.written is not None and (not code or note.written == code)
        if not told_already and not (note.written and answer.status_code < 500):
            self._write(note, code)
        return answer

    def _view(self, status: int) -> Note | None:
        if request.method != "GET" or request.endpoint not in words.TOLD_OF:
            return None
        asked = {**request.args.to_dict(), **(request.view_args or {})}
        verb = words.view_of(request.endpoint, asked)
        refused: str = g.get("refused", "")
        if verb is None or (refused in ("not_signed_in", "") and 300 <= status < 400):
            return None
        said = g.get("audit_said", {})
        detail = said.get("detail") or asked_of(request.args.items())
        return Note(verb, target=said.get("target", ""), detail=detail, code=refused)

    def _write(self, note: Note, code: str) -> None:
        here = rooms()
        try:
            entry = self._entry(note, code)
        except Exception:
            log.exception("audit_entry_failed", verb=note.verb)
            return
        note.written = code  # first: what is written through the shared line adds no row of its own
        if entry.kind == "public" and code and not self._may_tell(entry):
            return
        try:
            here.together.run(lambda: self.log.join(entry))
        except Exception as trouble:  # noqa: BLE001 - the answer stands: the verb was done
            self._missing(entry, trouble)
        else:
            self.down = False

    def event(self, who: Principal | None, verb: str, code: str, target: str = "") -> None:
        """Write the row of a socket's event, or of a connection that was refused."""
        entry = Entry(self.clock(), *_of(who), where(), verb, named(target), code)
        if entry.kind == "public" and code and not self._may_tell(entry):
            return
        try:
            rooms().together.run(lambda: self.log.join(entry))
        except Exception as trouble:  # noqa: BLE001 - whoever holds the socket is answered
            self._missing(entry, trouble)

    # -- what stands in a row -------------------------------------------------------------------

    def _entry(self, note: Note, code: str) -> Entry:
        arguments = request.view_args or {}
        kind, who, role, window = _of(_acting())
        if isinstance(arguments.get("no"), int):
            window = arguments["no"]  # the one that is acted upon
        target = note.target or target_of(arguments)
        return Entry(
            self.clock(),
            kind,
            who,
            role,
            window,
            where(),
            note.verb,
            target,
            code,
            note.detail,
        )

    def _missing(self, entry: Entry, trouble: Exception) -> None:
        """Say in the server's log what the audit log does not; why, at the first of them.

        On a full disk there may be thousands of rows, and each trace fills it more.
        """
        why = {"reason": str(trouble)} if self.down else {"exc_info": trouble}
        self.lost += 1
        self.down = True
        log.error("audit_lost", row=entry._asdict(), **why)

    def _may_tell(self, entry: Entry) -> bool:
        """Return whether a stranger's refusal has a row; ``tick`` tells of the rest together."""
        now, whose = self.clock(), neighbourhood(entry.address)
        if self._is_over(self._strangers.get(whose)) or len(self._strangers) >= MOST_STRANGERS:
            self.tick()
        if whose not in self._strangers and len(self._strangers) >= MOST_STRANGERS:
            whose = ""  # thousands of addresses in one minute: the rest count as one
        found = self._strangers.setdefault(whose, _Strangers(now, entry.address if whose else ""))
        found.count += 1
        if found.count <= STRANGERS_A_MINUTE:
            return True
        found.skipped += 1
        return False

    def tick(self) -> None:
        """Tell of the refusals that had no row of their own, once their minute is over."""
        for whose, found in list(self._strangers.items()):
            if self._is_over(found):
                del self._strangers[whose]
                if found.skipped:
                    self._tell_skipped(found)

    def _is_over(self, found: _Strangers | None) -> bool:
        return found is not None and not 0 <= self.clock() - found.since < MINUTE

    def _tell_skipped(self, of: _Strangers) -> None:
        told = Entry(
            *(self.clock(), "public", "", "", None, of.address),
            *("system.skipped", f"{of.skipped} 次", "too_often"),
        )
        try:
            self.log.append(told)
        except Exception as trouble:  # noqa: BLE001 - who knocks is answered, the hall goes on
            self._missing(told, trouble)


def register(app: Flask, auditing: Auditing) -> None:
    """Let an app note every request; before anything that may refuse one."""
    app.before_request(auditing.begin)
    app.after_request(auditing.end)


# -- what a route may say ----------------------------------------------------------------------


def say(target: str = "", detail: str = "") -> None:
    """Say on what a request acts, and more of it, for its row; numbers of persons are masked.

    Before or in the verb: a row that is written with the verb knows nothing that comes later.
    """
    if not has_request_context():
        return
    if (note := _note()) is not None:
        note.target = named(target) or note.target
        note.detail = masked(detail) or note.detail
    else:
        g.audit_said = {"target": named(target), "detail": masked(detail)}


def refused(code: str) -> None:
    """Note by which code a request is refused, though its answer may be a page or a redirect."""
    if not has_request_context():
        return
    g.refused = code
    if (note := _note()) is not None:
        note.code = code


def _note() -> Note | None:
    note: Note | None = g.get("audit")
    return note


def _number_of(done: Any) -> str:
    """Return the number of the ticket that a verb gave or changed, where it did."""
    number = getattr(getattr(done, "ticket", done), "number", "")
    return f"{number} 号" if number and isinstance(number, str) else ""


def _refusal() -> AuditDown:
    return AuditDown(
        "audit_down", "审计日志写不进去，管理操作暂停。请联系系统管理员检查磁盘和数据文件。"
    )


# -- who and where -----------------------------------------------------------------------------


def where() -> str:
    """Return the address a request comes from, without anything else a proxy may have said."""
    told = came_from()
    return "".join(each for each in told if each in "0123456789abcdefABCDEF.:")[:LONGEST_ADDRESS]


def _acting() -> Principal | None:
    """Return who acts: a person before a key, as the journal has it."""
    chosen: Principal | None = g.get("principal")
    if chosen is not None and chosen.kind == "person":
        return chosen
    here: list[Principal] = g.get("present", [])
    view: Any = current_app.view_functions.get(request.endpoint or "")
    if roles := getattr(view, "allowed", ()):
        here = with_role(here, roles) or here
    person = next((each for each in here if each.kind == "person"), None)
    if chosen is None:
        return person or (here[0] if here else None)
    window = (request.view_args or {}).get("no")
    at_hand = person is not None and (window is None or person.window == window)
    return person if at_hand else chosen


def _of(who: Principal | None) -> tuple[str, str, str, int | None]:
    if who is None:
        return "public", "", "", None
    return who.kind, who.id, who.role, who.window
