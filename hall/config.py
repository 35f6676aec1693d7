"""All settings: config.toml read and checked, and written as it is shipped."""

import difflib
import tomllib
from datetime import time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from hall import secret_settings
from hall.backup_settings import BackupSection
from hall.hall_settings import (
    AuditSection,
    DisplaySection,
    HallSection,
    KioskSection,
    PaperSection,
    Section,
    ServerSection,
)
from hall.monitor_settings import MonitorSection
from hall.outside_settings import NotifySection, ProvinceSection
from hall.privacy_settings import PrivacySection
from hall.queue_settings import AppointmentSection, QueueSection
from hall.rating_settings import (
    CasesSection,
    ComplaintSection,
    OdditySection,
    RankingSection,
    RatingSection,
)
from hall.security_settings import SecuritySection


class BadConfig(Exception):
    """A configuration with mistakes; all of them, a line each."""


class Config(Section):
    """All settings; the defaults hold without a file."""

    hall: HallSection = HallSection()
    server: ServerSection = ServerSection()
    queue: QueueSection = QueueSection()
    display: DisplaySection = DisplaySection()
    kiosk: KioskSection = KioskSection()
    paper: PaperSection = PaperSection()
    rating: RatingSection = RatingSection()
    appointments: AppointmentSection = AppointmentSection()
    complaints: ComplaintSection = ComplaintSection()
    oddities: OdditySection = OdditySection()
    cases: CasesSection = CasesSection()
    monitor: MonitorSection = MonitorSection()
    ranking: RankingSection = RankingSection()
    privacy: PrivacySection = PrivacySection()
    notify: NotifySection = NotifySection()
    province: ProvinceSection = ProvinceSection()
    security: SecuritySection = SecuritySection()
    audit: AuditSection = AuditSection()
    backup: BackupSection = BackupSection()
    _open_secrets: tuple[str, ...] = ()

    @property
    def open_secrets(self) -> tuple[str, ...]:
        """The settings with a secret written out in a file that others may read."""
        return self._open_secrets

    @property
    def ask_seconds(self) -> int:
        """How long an evaluator asks; a page of the province's takes longer than five faces."""
        return (
            self.province.page_seconds if self.province.mode == "page" else self.rating.ask_seconds
        )


def load(path: Path | None) -> Config:
    """Return the settings of a file, or the defaults without one; BadConfig lists all mistakes."""
    if path is None:
        return Config()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path}：打不开（{error}）") from error
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{path}：不是正确的 TOML（{error}）") from error
    try:
        told = secret_settings.taken(content, path.parent)
    except secret_settings.NoSecretError as error:
        raise BadConfig(f"{path}：{error}") from None
    config = from_dict(told, str(path))
    if secret_settings.others_may_read(path):
        config._open_secrets = tuple(secret_settings.written_out(content))
    return config


def from_dict(content: dict[str, Any], where: str = "config") -> Config:
    """Return checked settings; BadConfig lists all mistakes, one a line."""
    try:
        return Config.model_validate(content)
    except ValidationError as error:
        lines = [_mistake(each["loc"], each["type"], each["msg"]) for each in error.errors()]
        raise BadConfig("\n".join(f"{where}：{line}" for line in lines)) from None


def _mistake(place: tuple[int | str, ...], kind: str, message: str) -> str:
    name = ".".join(str(part) for part in place)
    if kind != "extra_forbidden":
        return f"[{name}] {message.removeprefix('Value error, ')}"
    known = _known_keys(place[:-1])
    near = difflib.get_close_matches(str(place[-1]), known, n=1, cutoff=0.4)
    meant = f"，是不是想写“{near[0]}”？" if near else f"，这里可以写：{'、'.join(known)}。"
    return f"没有设置项 [{name}]{meant}"


def _known_keys(section: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Config
    for part in section:
        field = model.model_fields.get(str(part))
        if field is None or not isinstance(field.annotation, type):
            return []
        model = field.annotation
    return list(model.model_fields)


def as_toml() -> str:
    """Return config.toml as shipped: every setting with its default and its meaning."""
    parts = ["# 大厅的全部设置。删去一行即用默认值；写错的名字会被指出来，服务不会启动。\n"]
    for name, section in Config.model_fields.items():
        model = section.annotation
        assert isinstance(model, type)
        assert issubclass(model, Section)
        parts.append(f"\n[{name}]")
        for key, field in model.model_fields.items():
            parts.append(f"{key} = {_toml(field.default)}  # {field.description}")
    return "\n".join(parts) + "\n"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return f"[{', '.join(_toml(each) for each in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + "}"
    return str(value)


def as_markdown() -> str:
    """Return docs/settings.md: every setting, its default and its meaning."""
    lines = [
        "# 设置 Settings",
        "",
        "由 `hall/config.py` 生成（`make docs`）。`config.toml` 里删去的行用默认值，",
        "写错的名字会被指出来，服务不会启动。",
    ]
    for name, section in Config.model_fields.items():
        model = section.annotation
        assert isinstance(model, type)
        assert issubclass(model, Section)
        lines += ["", f"## [{name}] {model.__doc__}", ""]
        lines += ["| 设置 | 默认 | 含义 |", "|---|---|---|"]
        lines += [
            f"| `{key}` | `{_toml(field.default)}` | {field.description} |"
            for key, field in model.model_fields.items()
        ]
    return "\n".join(lines) + "\n"
