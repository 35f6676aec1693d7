"""``check``: the readiness report on the screen, and on one sheet of paper."""

import getpass
import ssl
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import upkeep
from commandline.asked import HOUSE, Asked, say
from commandline.guarding import back_up_before_migrating
from hall import days
from hall.file import FileTrouble
from hall.refusals import NotAllowed
from readiness import sheet
from readiness.findings import Finding, grouped, summary, verdict
from readiness.judging import Running
from safety.hold import served

PATIENCE_SECONDS = 3
ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104 - compared


def check(asked: Asked) -> int:
    """Say whether all is ready to open; 1 when something must be done first."""
    if asked.database.exists():
        try:
            back_up_before_migrating(asked)
        except FileTrouble:
            pass  # what is wrong with the file stands in the report
        except NotAllowed:
            if not upkeep.integrity(asked.database):
                raise  # a whole file without a way back stays as it is
    findings = list(upkeep.readiness(asked.database, asked.config, running_server(asked)))
    for group, inside in grouped(findings):
        say(f"\n{group.value}")
        for finding in inside:
            say(f"  {finding.line()}")
    say(f"\n{summary(findings)}")
    if asked.words.pdf:
        _print(asked, findings, asked.words.pdf)
        say(f"检查表已写到 {asked.words.pdf}。")
    say(verdict(findings))
    return 1 if any(each.state == "bad" for each in findings) else 0


def running_server(asked: Asked) -> Running | None:
    """Return what the hall's running server knows, None when none serves this file here."""
    for address in _addresses(asked):
        if (found := _asked_at(address, asked.database)) is not None:
            return found
    return None


def _addresses(asked: Asked) -> Iterator[str]:
    """Yield where the hall's server says that it listens, then where the settings say."""
    if there := served(asked.database):
        yield there.address
    server = asked.config.server
    host = "127.0.0.1" if server.host in ANYWHERE else server.host
    yield f"{'http' if server.tls == 'off' else 'https'}://{host}:{server.port}"


def _asked_at(address: str, database: Path) -> Running | None:
    # its own machine's certificate may be for another name; nothing secret is sent or believed
    unchecked = ssl.create_default_context()
    unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unchecked)
    )
    try:
        with opener.open(f"{address}/metrics", timeout=PATIENCE_SECONDS) as told:
            return known_by(told.read().decode("utf-8", "replace"), database)
    except (OSError, ValueError):
        return None


def known_by(metrics: str, database: Path) -> Running | None:
    """Read when each device was seen from /metrics; None when it is another hall's server."""
    from prometheus_client.parser import text_string_to_metric_families

    seen: dict[int, days.Instant] = {}
    ours = False
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name == "hall_info":
                ours = Path(sample.labels.get("file", "")).resolve() == database.resolve()
            elif sample.name == "hall_device_seen_timestamp_seconds":
                seen[int(sample.labels["device"])] = int(sample.value * days.SECOND)
    return Running(seen) if ours else None


def _print(asked: Asked, findings: Sequence[Finding], target: Path) -> None:
    from jinja2 import Environment, FileSystemLoader

    from hall.version import VERSION
    from reports import paper

    engine = paper.engine()
    if engine is None:
        raise NotAllowed("no_browser", paper.MISSING)
    at = days.local(days.now(), asked.config.hall.zone)
    demo = asked.database.exists() and bool(upkeep.is_demo(asked.database))
    said = sheet.words(
        findings,
        asked.config.hall.name,
        f"{at:%Y年%m月%d日 %H:%M:%S}",
        f"{getpass.getuser()}（命令行）",
        demo=demo,
        version=VERSION,
    )
    folder = FileSystemLoader(HOUSE / "readiness" / "templates")
    page = Environment(loader=folder, autoescape=True).get_template(sheet.TEMPLATE)
    html = page.render(base=HOUSE.as_uri(), **said).encode()
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(paper.printed(html, engine))
