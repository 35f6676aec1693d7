"""The schema of config.toml: type, default and meaning of every setting, said once."""

import difflib
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from hall.days import Hours


class BadConfig(Exception):
    """A configuration with mistakes; all of them, a line each."""


class Section(BaseModel):
    """A section of the file; unknown keys are mistakes."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class HallSection(Section):
    """The hall itself."""

    name: str = Field("政务服务大厅", min_length=1, max_length=40, description="大厅名称")
    name_en: str = Field("Government Service Hall", description="大厅英文名称")
    timezone: str = Field("Asia/Shanghai", description="时区")
    public_url: str = Field(
        "", description="手机能打开的地址，印在小票二维码里，如 https://hall.example.gov.cn"
    )
    always_open: bool = Field(False, description="24 小时大厅：任何时间都可取号")
    opens: time = Field(time(8, 30), description="开始取号")
    closes: time = Field(time(17, 30), description="停止取号")

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, text: str) -> str:
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"没有时区“{text}”") from error
        return text

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        if text and not text.startswith(("http://", "https://")):
            raise ValueError("须以 http:// 或 https:// 开头")
        return text.rstrip("/")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "HallSection":
        if self.opens >= self.closes:
            raise ValueError("opens 须早于 closes")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def hours(self) -> Hours:
        """When the hall gives tickets."""
        return Hours(self.opens, self.closes, self.always_open)


class ServerSection(Section):
    """Where the hall is served."""

    host: str = Field("127.0.0.1", description="监听地址；大厅局域网用 0.0.0.0")
    port: int = Field(8000, ge=0, le=65535, description="监听端口")
    database: str = Field("data/hall.db", description="数据文件，相对于本文件所在文件夹")
    log: Literal["text", "json"] = Field("text", description="日志格式")


class QueueSection(Section):
    """The rules of the queue."""

    recalls_most: int = Field(3, ge=0, le=20, description="一次呼叫最多重呼几次")
    recall_apart_seconds: int = Field(15, ge=0, le=600, description="两次重呼至少相隔多少秒")
    wait_target_minutes: int = Field(30, ge=1, le=600, description="等候目标，超过即为超时（分钟）")
    calls_shown: int = Field(7, ge=1, le=30, description="大屏显示最近几次呼叫（含最新一次）")


class DisplaySection(Section):
    """Hall screens and their voice."""

    speak_times: int = Field(2, ge=1, le=3, description="每次呼叫播报几遍")
    speak_within_seconds: int = Field(30, ge=5, le=300, description="超过多少秒的呼叫不再播报")


class KioskSection(Section):
    """The ticket kiosk's page."""

    idle_seconds: int = Field(30, ge=5, le=600, description="无人操作多少秒后返回首页")
    ticket_shown_seconds: int = Field(12, ge=3, le=120, description="取号结果显示多少秒")


class PaperSection(Section):
    """Slips and printers."""

    width_mm: Literal[58, 80] = Field(80, description="小票纸宽（毫米）")
    wait_seconds: float = Field(2.0, ge=0.1, le=2.0, description="取号页最多等打印多少秒")


class RatingSection(Section):
    """好差评."""

    ask_seconds: int = Field(30, ge=5, le=600, description="评价器邀请评价的时间（秒）")
    link_days: int = Field(15, ge=1, le=365, description="办完后多少天内可扫码评价")
    text_length: int = Field(150, ge=0, le=1000, description="评价文字最多多少字")


class Config(Section):
    """All settings; the defaults hold without a file."""

    hall: HallSection = HallSection()
    server: ServerSection = ServerSection()
    queue: QueueSection = QueueSection()
    display: DisplaySection = DisplaySection()
    kiosk: KioskSection = KioskSection()
    paper: PaperSection = PaperSection()
    rating: RatingSection = RatingSection()


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
    return from_dict(content, str(path))


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
