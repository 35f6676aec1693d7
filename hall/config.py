"""The schema of config.toml: type, default and meaning of every setting, said once."""

import difflib
import re
import tomllib
from datetime import time
from pathlib import Path
from typing import Any, ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from hall.calendar import OpeningRules
from hall.days import wall_spans
from hall.priorities import CLASSES


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
    lunch: str = Field("", description="午间不取号的时间，如 12:00-13:30；空为不午休")
    weekdays: str = Field("12345", pattern="^[1-7]+$", description="星期几开放，周一是 1")
    holidays: bool = Field(True, description="按国务院公布的节假日放假、调休上班")

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
        try:
            lunch = wall_spans(self.lunch)
        except ValueError:
            raise ValueError("lunch 须写作 12:00-13:30 的样子") from None
        if len(lunch) > 1 or (
            lunch and not (self.opens < lunch[0][0] and lunch[0][1] < self.closes)
        ):
            raise ValueError("lunch 须是 opens 与 closes 之间的一段时间")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The hall's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def opening(self) -> OpeningRules:
        """When the hall is open in general."""
        return OpeningRules(
            opens=self.opens,
            closes=self.closes,
            lunch=self.lunch,
            weekdays=self.weekdays,
            holidays=self.holidays,
            always_open=self.always_open,
        )


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
    undo_seconds: int = Field(
        10, ge=0, le=120, description="过号、呼叫、转办、挂起后多少秒内可撤销"
    )
    jumps_in_a_row: int = Field(
        3, ge=1, le=50, description="一个窗口最多连续几次优先呼叫，之后须按取号先后叫一位"
    )
    returns: Literal["after_places", "end_of_line", "void", "help_desk"] = Field(
        "after_places",
        description="过号返回：after_places 隔几位、end_of_line 排到队尾、void 作废、"
        "help_desk 只在咨询台",
    )
    return_after_places: int = Field(3, ge=0, le=50, description="过号返回后排在几位之后")
    return_within_minutes: int = Field(30, ge=1, le=600, description="过号后多少分钟内可返回")
    misses_most: int = Field(3, ge=1, le=10, description="第几次过号即作废")
    hold_with_file_minutes: int = Field(30, ge=1, le=600, description="留下材料挂起的时限，分钟")
    hold_without_file_minutes: int = Field(
        120, ge=1, le=600, description="取回材料挂起的时限，分钟"
    )
    hold_for_somebody_minutes: int = Field(
        60, ge=1, le=600, description="等他人到场挂起的时限，分钟"
    )
    stop_before_minutes: int = Field(
        0, ge=0, le=240, description="午休和下班前多少分钟停止取号；0 为到点停止"
    )
    stop_when_too_long: bool = Field(True, description="预计等候超过剩余办公时间时停止取号")
    warn_before_minutes: int = Field(30, ge=0, le=240, description="停止取号前多少分钟开始提示")
    end_day_after_minutes: int = Field(
        120, ge=0, le=600, description="下班后多少分钟结束当日，仍在等候的号失效"
    )
    once_per_service: bool = Field(True, description="同一身份证或手机号等候时不重复取同一业务")
    priority_classes: list[str] = Field(
        list(CLASSES), description="优先类别，先后即优先次序：" + "、".join(CLASSES)
    )
    priority_age: int = Field(0, ge=0, le=120, description="满多少岁凭身份证自动优先；0 为不按年龄")
    mark_priority: bool = Field(False, description="优先号在号码前加 V")
    mark_appointments: bool = Field(False, description="预约号在号码前加 Y")
    pause_reasons: list[str] = Field(
        ["午间休息", "暂时离开", "内部会议", "系统故障"], description="暂停服务可选的原因"
    )
    keep_phone_days: int = Field(30, ge=1, le=365, description="手机号码保存几天")
    turnover_seconds: int = Field(45, ge=0, le=600, description="两位群众之间通常间隔多少秒")
    wait_target_minutes: int = Field(30, ge=1, le=600, description="等候目标，超过即为超时（分钟）")
    calls_shown: int = Field(7, ge=1, le=30, description="大屏显示最近几次呼叫（含最新一次）")

    @field_validator("priority_classes")
    @classmethod
    def _are_classes(cls, chosen: list[str]) -> list[str]:
        strange = [each for each in chosen if each not in CLASSES]
        if strange or len(set(chosen)) < len(chosen):
            raise ValueError(f"优先类别须为 {'、'.join(CLASSES)}，各写一次")
        return chosen


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


class AppointmentSection(Section):
    """Appointments 预约."""

    first_day: int = Field(1, ge=1, le=30, description="最早预约第几个工作日，1 为下一个工作日")
    last_day: int = Field(5, ge=1, le=30, description="最远预约第几个工作日")
    cancel_hours: int = Field(2, ge=0, le=72, description="时段开始前多少小时内不能取消")
    early_minutes: int = Field(60, ge=0, le=600, description="时段开始前多少分钟起可签到")
    grace_minutes: int = Field(
        30, ge=0, le=600, description="时段开始后保留多少分钟（至少到时段结束），之后算未到"
    )
    no_shows_most: int = Field(3, ge=1, le=20, description="多少次预约未到即暂停预约")
    no_show_days: int = Field(90, ge=1, le=365, description="在多少天内累计未到次数")
    bar_days: int = Field(30, ge=1, le=365, description="暂停预约多少天")
    keep_phone_days: int = Field(30, ge=1, le=365, description="预约日后手机号码保存几天")

    @model_validator(mode="after")
    def _first_is_not_after_last(self) -> "AppointmentSection":
        if self.first_day > self.last_day:
            raise ValueError("first_day 不能大于 last_day")
        return self


class NotifySection(Section):
    """Messages to citizens and staff, sent through Apprise."""

    ahead: int = Field(
        3, ge=0, le=50, description="前面还有几人时提醒留了手机号的人（每张号票一次），0 为不提醒"
    )
    citizen: str = Field(
        "", description="给群众发短信的 Apprise 地址，手机号写作 {phone}；空为不发"
    )
    staff: list[str] = Field(
        [],
        description="工作人员群的 Apprise 地址，如企业微信 wecombot://密钥、钉钉 dingtalk://令牌",
    )
    staff_events: list[str] = Field(
        ["service.rated_badly"], description="哪些事告诉工作人员，名称见 docs/webhooks.md"
    )
    citizen_text: str = Field(
        "【{hall}】您的 {number} 号前面还有 {ahead} 人，"
        "请到 {windows} 号窗口附近等候（{service}）。",
        description="给群众的话，可用 {hall} {number} {ahead} {windows} {service}",
    )
    citizen_text_en: str = Field(
        "[{hall}] {ahead} people are ahead of {number}. Please wait near window {windows}.",
        description="给用英文取号的人的话",
    )
    staff_text: str = Field(
        "【{hall}】{what}：{number} 号，{service}，{windows} 号窗口。",
        description="给工作人员的话，另可用 {what}，没有 {ahead}",
    )

    @field_validator("citizen")
    @classmethod
    def _names_the_phone(cls, text: str) -> str:
        if text and "{phone}" not in text:
            raise ValueError("须含有 {phone}，发送时换成手机号码")
        return _apprise_address(text) if text else text

    @field_validator("staff")
    @classmethod
    def _are_addresses(cls, texts: list[str]) -> list[str]:
        return [_apprise_address(text) for text in texts]

    @field_validator("citizen_text", "citizen_text_en", "staff_text")
    @classmethod
    def _uses_known_words(cls, text: str, info: ValidationInfo) -> str:
        known = {"hall", "number", "windows", "service"}
        known.add("what" if info.field_name == "staff_text" else "ahead")
        if strangers := [word for word in re.findall(r"\{(.*?)\}", text) if word not in known]:
            raise ValueError(f"没有 {{{strangers[0]}}} 可以填")
        return text


def _apprise_address(text: str) -> str:
    """Refuse what can be no Apprise address; whether Apprise knows it is asked at the start."""
    if not re.fullmatch(r"[a-z][a-z0-9+.-]*://\S+", text):
        raise ValueError("须为 Apprise 地址，如 wecombot://密钥")
    return text


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
    notify: NotifySection = NotifySection()


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
    if isinstance(value, list):
        return f"[{', '.join(_toml(each) for each in value)}]"
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
