"""100,000 malformed requests: no answer of 500 or above, no stall, no trace in the log.

``python -m faults malformed``; ``tests/test_malformed.py`` is its short form. Six in ten are made
by Schemathesis from the document at /api/openapi.json and asked with a key of every role; three in
ten go to the pages' routes (``faults.wrongs``) as everybody who may sign in; one in ten are frames
and events on sockets, and bytes that are no HTTP at all.
"""

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import who_may
from servers import Served

from faults import askers, watched, wrongs
from faults.askers import Askers, Line
from faults.frames import Frames

REQUESTS = 100_000
SHARES = {"pages": 0.3, "sockets": 0.1, "api": 0.6}
GROWTH_MB = 60.0  # what may be kept of it all: caches, pools, the allocator's slack
MORE_FILES = 20  # lines that are still on their way out
# Starts a process or a browser, which takes a second: asked now and then only.
SLOW = (".pdf", "export", ".xlsx", "workbook", "/audit/verify", "/reports/exports", "test-slip")
SLOW_SHARE = 0.02
# Ends the sign-in of whoever asks, and the rest would be 401.
ENDING = ("/sign-out", "/sign-in/lock", "/api/openapi.json", "/static/{filename}")
EXAMPLES_AT_ONCE = 200


@dataclass
class Findings:
    """What was answered, and what should not have been."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)
    told_otherwise: dict[str, str] = field(default_factory=dict)

    def note(self, status: int, where: str, asked: str) -> None:
        """Count an answer; 5xx and silence are wrong."""
        self.answers[f"{status // 100}xx"] += 1
        if status >= 500:
            self.wrong.setdefault(f"{status} {where}", asked)

    def cut(self, where: str, asked: str) -> None:
        """Note a request that had no answer at all."""
        self.answers["none"] += 1
        self.wrong.setdefault(f"no answer {where}", asked)


def ask_api(
    hall: Served, count: int, found: Findings, seed: int = 0, paths: tuple[str, ...] = ()
) -> int:
    """Ask what Schemathesis makes of the document, each as every role; return how many were.

    ``paths`` are the only ones to ask, if any are named.
    """
    import schemathesis
    from hypothesis import HealthCheck, Phase, given, settings
    from hypothesis import seed as seeded
    from requests import Session
    from schemathesis import GenerationMode
    from schemathesis.core.result import Ok

    schema = schemathesis.openapi.from_url(f"{hall.address}/api/openapi.json")
    keys = {
        role: hall.key(role, 1 if role in ("window", "evaluator") else None) if role else ""
        for role in askers.API_ROLES
    }
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    operations = [each for each in operations if not paths or each.path in paths]
    session, asked, turn = Session(), 0, seed

    def ask(case: Any) -> None:
        nonlocal asked
        for role, key in keys.items():
            headers = {"Authorization": f"Bearer {key}"} if key else {"Authorization": ""}
            answer = case.call(session=session, headers=headers, timeout=askers.PATIENCE)
            asked += 1
            where = f"{case.operation.label} as {role or 'nobody'}"
            found.note(answer.status_code, where, f"{case.query} {case.body!r:.300}")
            compare(case, answer, found)

    while asked < count:
        for operation in operations:
            slow = any(word in operation.path for word in SLOW)
            for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):
                most = min(EXAMPLES_AT_ONCE, 1 + (count - asked) // len(keys) // 2)
                many = max(1, int(most * (SLOW_SHARE if slow else 1) / 10))
                one = given(case=operation.as_strategy(generation_mode=mode))(ask)
                turn += 1
                settings(
                    max_examples=many,
                    database=None,
                    deadline=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )(seeded(turn)(one))()
            if asked >= count:
                break
    return asked


def compare(case: Any, answer: Any, found: Findings) -> None:
    """Note where an answer is not what the document says."""
    from schemathesis import checks
    from schemathesis.core.failures import FailureGroup

    names = ("status_code_conformance", "content_type_conformance", "response_schema_conformance")
    wanted = checks.CHECKS.get_by_names(names)
    try:
        case.validate_response(answer, checks=wanted)
    except FailureGroup as failures:
        for each in failures.exceptions:
            said = f"{case.operation.label}: {answer.status_code} {getattr(each, 'title', each)}"
            found.told_otherwise.setdefault(said, f"{each} {case.body!r:.200}")


def ask_pages(
    hall: Served,
    known: Askers,
    count: int,
    found: Findings,
    seed: int = 0,
    slow_share: float = SLOW_SHARE,
) -> int:
    """Ask every route of the house wrongly, as everybody in turn; return how many were asked."""
    chance, line = Random(seed), Line(hall.port)
    routes = [
        (each.method, each.address)
        for each in who_may.entries()
        if each.method != "SOCKET" and each.address not in ENDING
    ]
    quick = [each for each in routes if not any(word in each[1] for word in SLOW)]
    slow = [each for each in routes if each not in quick]
    fields = {room: wrongs.fields_of(room) for room in {*known.rooms.values()}}
    for number in range(count):
        method, rule = chance.choice(slow if chance.random() < slow_share else quick)
        room = room_of(known, rule)
        asked = wrongs.to_route(chance, method, rule, fields.get(room, ("name",)))
        asker = chance.choice(list(known.headers))
        where = f"{method} {rule} as {asker}"
        try:
            status, _, _ = line.ask(asked.encoded(known.headers[asker]))
        except OSError as cut:
            found.cut(f"{where}: {cut}", asked.words)
        else:
            found.note(status, where, asked.words)
        if number % 500 == 0:
            line.close()
    line.close()
    return count


def room_of(known: Askers, rule: str) -> str:
    """Return the folder of a route as the table of who may names it (``/cases/{number}``)."""
    for told, room in known.rooms.items():
        parts = told.replace("<", "{").replace(">", "}")
        if "".join(_bare(parts)) == rule:
            return room
    return next((room for room in known.rooms.values() if rule.startswith(f"/{room}")), "web")


def _bare(rule: str) -> list[str]:
    """Return a rule without its converters: ``{int:no}`` is ``{no}``."""
    inside = [each.partition("}") for each in rule.split("{")]
    first, *rest = inside
    return [first[0], *("{" + each[0].rpartition(":")[2] + "}" + each[2] for each in rest)]


def run(count: int, seed: int = 0) -> tuple[Findings, dict[str, Any]]:
    """Ask so many wrong things of a real server; return what was found and measured."""
    found = Findings()
    seen: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        hall = Served(Path(folder) / "hall", cold=True)
        known = askers.prepare(hall)
        parts: dict[str, Callable[[int], int]] = {
            "pages": lambda many: ask_pages(hall, known, many, found, seed),
            "sockets": lambda many: Frames(hall, found, seed).send(many),
            "api": lambda many: ask_api(hall, many, found, seed),
        }
        hall.start()
        assert hall.process is not None
        try:
            pid = hall.process.pid
            warm_up(hall, known)
            with watched.Watch(hall) as watch:
                seen["memory"] = [watched.memory_mb(pid)]
                seen["files"] = [watched.open_files(pid)]
                for part, share in SHARES.items():
                    began = time.perf_counter()
                    many = parts[part](int(count * share))
                    took = time.perf_counter() - began
                    seen["memory"].append(watched.memory_mb(pid))
                    print(
                        f"  {part}: {many:,} in {took:.0f} s, {seen['memory'][-1]:.0f} MB",
                        flush=True,
                    )
            seen["files"].append(watched.open_files(pid))
        finally:
            if hall.process is not None:
                hall.kill()
        seen |= {"slowest": watch.slowest, "failed": watch.failed}
        seen["falls"] = watched.falls(hall.errors)
    return found, seen


def warm_up(hall: Served, known: Askers) -> None:
    """Let every room load what it loads once, so that what grows afterwards is growth."""
    ask_pages(hall, known, 400, Findings(), seed=-1)
    ask_api(hall, 300, Findings(), seed=-1000)


def main(count: int = REQUESTS) -> bool:
    """Ask; True when nothing fell, stalled or grew, and the document was right."""
    found, seen = run(count)
    for told in (found.wrong, found.told_otherwise):
        for where, asked in list(told.items())[:40]:
            print(f"  {where}\n    {asked}")
    for fall in seen["falls"][:5]:
        print(f"  log: {fall}")
    for failed in seen["failed"][:5]:
        print(f"  {failed}")
    grown = seen["memory"][-1] - seen["memory"][0]
    held = not (found.wrong or found.told_otherwise or seen["falls"] or seen["failed"])
    held = held and seen["slowest"] <= watched.LONGEST_STALL and grown <= GROWTH_MB
    held = held and seen["files"][-1] - seen["files"][0] <= MORE_FILES
    answers = ", ".join(f"{many:,} {what}" for what, many in sorted(found.answers.items()))
    print(
        f"{'ok' if held else 'FAILED'}: {sum(found.answers.values()):,} malformed requests: "
        f"{answers}; {len(found.wrong)} wrong, {len(seen['falls'])} traces in the log, "
        f"{len(found.told_otherwise)} answers otherwise than documented; longest wait for /healthz "
        f"{seen['slowest']:.2f} s (target {watched.LONGEST_STALL:.0f}); memory "
        f"{seen['memory'][0]:.0f} -> {seen['memory'][-1]:.0f} MB, "
        f"files {seen['files'][0]} -> {seen['files'][-1]}"
    )
    return held
