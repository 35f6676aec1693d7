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

# What may stand in braces in the address of the province's page.
PAGE_WORDS = (
    *("project_no", "visit", "window", "window_name", "clerk", "clerk_name", "service"),
    *("service_name", "area_code", "dept_code", "time", "app_id", "sign"),
)


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
    keypad: str = Field(
        "12345", description="评价器数字键从“非常满意”到“非常不满意”依次是哪五个，如 54321"
    )
    keypads: list[str] = Field([], description='个别窗口的按键与此不同时写明，如 ["3=54321"]')
    window_list_minutes: int = Field(
        60, ge=0, le=600, description="窗口二维码列出多少分钟内办完、没留手机号的号码；0 为不列"
    )
    confirm_hotline: bool = Field(True, description="电话、意见箱的评价也须第二人确认后才生效")

    @field_validator("keypad")
    @classmethod
    def _is_a_keypad(cls, keys: str) -> str:
        if not re.fullmatch(r"[0-9]{5}", keys) or len(set(keys)) < len(keys):
            raise ValueError("须是五个不同的数字，如 12345")
        return keys

    @field_validator("keypads")
    @classmethod
    def _are_keypads(cls, told: list[str]) -> list[str]:
        for each in told:
            window, _, keys = each.partition("=")
            if not re.fullmatch(r"[1-9][0-9]{0,3}", window):
                raise ValueError(f"“{each}”须写作 窗口号=按键，如 3=54321")
            cls._is_a_keypad(keys)
        if len({each.partition("=")[0] for each in told}) < len(told):
            raise ValueError("一个窗口只能写一次")
        return told


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


class CasesSection(Section):
    """差评整改的时限（工作日按国务院公布的节假日和调休计算）."""

    assign_hours: int = Field(2, ge=1, le=40, description="收到后分派、分派后受理，各几个工作小时")
    misrouted_hours: int = Field(24, ge=1, le=240, description="分派后多少小时内可退回改派")
    contact_days: int = Field(1, ge=1, le=30, description="实名差评几个工作日内联系评价人")
    contact_tries: int = Field(3, ge=1, le=10, description="联系不上时至少联系几次")
    verify_days: int = Field(2, ge=1, le=30, description="核实：受理后几个工作日")
    simple_days: int = Field(1, ge=1, le=30, description="简单问题整改：几个工作日")
    rectify_days: int = Field(5, ge=1, le=60, description="复杂问题整改：几个工作日")
    extended_days: int = Field(15, ge=1, le=90, description="整改连同一次延期最多几个工作日")
    explain_days: int = Field(5, ge=1, le=60, description="解释说明：几个工作日")
    appeal_within_days: int = Field(3, ge=1, le=30, description="收到后几个工作日内可申诉一次")
    appeal_days: int = Field(5, ge=1, le=30, description="申诉复核：几个工作日")
    revisit_days: int = Field(5, ge=1, le=30, description="回访：几个工作日")
    revisit_tries: int = Field(3, ge=1, le=10, description="回访联系不上时至少回访几次")
    revisit_on_days: int = Field(2, ge=1, le=10, description="这几次回访至少分在几天")


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
        ["service.rated_badly", "case.red"],
        description="哪些事告诉工作人员，名称见 docs/webhooks.md",
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
    rate_text: str = Field(
        "",
        description="办完后请留了手机号的人评价的短信，可用 {hall} {number} {service} {window} "
        "{link}，须有 {link}；还须写明 hall.public_url。空为不发",
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

    @field_validator("rate_text")
    @classmethod
    def _has_the_link(cls, text: str) -> str:
        known = {"hall", "number", "service", "window", "link"}
        if strangers := [word for word in re.findall(r"\{(.*?)\}", text) if word not in known]:
            raise ValueError(f"没有 {{{strangers[0]}}} 可以填")
        if text and "{link}" not in text:
            raise ValueError("须含有 {link}，发送时换成评价链接")
        return text

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


class ProvinceSection(Section):
    """The province's system 省平台: who asks for the rating, and what goes up."""

    mode: Literal["own", "page", "qr"] = Field(
        "own",
        description="评价方式：own 本系统自己的评价页、page 评价器上打开省平台的页面、"
        "qr 显示省平台的静态二维码",
    )
    page_url: str = Field(
        "", description="page 方式打开的网址，可用的参数见 docs/province.md，如 {project_no} {sign}"
    )
    page_seconds: int = Field(90, ge=10, le=600, description="省平台的页面在评价器上停留多少秒")
    qr_url: str = Field("", description="qr 方式二维码的内容：省平台发给大厅的静态评价网址")
    qr_text: str = Field(
        "请用手机扫一扫，在省政务服务平台评价本次服务",
        min_length=1,
        max_length=60,
        description="二维码旁的一句话",
    )
    adapter: Literal["", "example"] = Field(
        "", description="上报评价用的对接程序；空为不上报，example 为随附的完整示例"
    )
    address: str = Field("", description="省平台接收评价的网址")
    app_id: str = Field("", description="省平台发给大厅的应用编号")
    secret_file: str = Field(
        "", description="存放密钥的文件（64 位十六进制），相对于数据文件所在文件夹；密钥不写在这里"
    )
    area_code: str = Field("", pattern=r"^(\d{12})?$", description="行政区划代码：6 位加 000000")
    dept_codes: dict[str, str] = Field(
        {}, description='部门的 18 位统一社会信用代码，如 { MZ = "11330100MB1234567X" }'
    )
    batch_minutes: int = Field(
        10, ge=1, le=1440, description="非差评最多攒多少分钟上报一批；差评立即上报"
    )
    batch_rows: int = Field(100, ge=1, le=1000, description="非差评攒够多少条即上报一批")

    @field_validator("page_url", "qr_url", "address")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        if text and not re.fullmatch(r"https?://[\w.:\[\]-]+([/?]\S*)?", text, re.ASCII):
            raise ValueError("须是 http:// 或 https:// 开头的完整网址")
        return text

    @field_validator("page_url")
    @classmethod
    def _uses_known_words(cls, text: str) -> str:
        if strangers := [word for word in re.findall(r"\{(.*?)\}", text) if word not in PAGE_WORDS]:
            raise ValueError(f"没有 {{{strangers[0]}}} 可以填，可以写：{'、'.join(PAGE_WORDS)}")
        return text

    @field_validator("dept_codes")
    @classmethod
    def _are_credit_codes(cls, codes: dict[str, str]) -> dict[str, str]:
        for department, code in codes.items():
            if not re.fullmatch(r"[0-9A-Z]{18}", code):
                raise ValueError(f"{department} 的统一社会信用代码须为 18 位数字或大写字母")
        return codes

    @model_validator(mode="after")
    def _says_what_it_needs(self) -> "ProvinceSection":
        needed = {"page": ["page_url"], "qr": ["qr_url"]}.get(self.mode, [])
        if self.adapter:
            needed += ["address", "app_id", "secret_file", "area_code"]
        if "{sign}" in self.page_url and self.mode == "page":
            needed += ["app_id", "secret_file"]
        if missing := [name for name in dict.fromkeys(needed) if not getattr(self, name)]:
            raise ValueError(f"还须写明 {'、'.join(missing)}")
        return self

    @property
    def rates_here(self) -> bool:
        """Whether citizens rate on the hall's own pages."""
        return self.mode == "own"


class ComplaintSection(Section):
    """Complaints 投诉."""

    accept_days: int = Field(1, ge=1, le=30, description="登记后几个工作日内受理")
    complaint_days: int = Field(15, ge=1, le=90, description="投诉在几个工作日内回复")
    consultation_days: int = Field(5, ge=1, le=90, description="咨询、意见建议在几个工作日内回复")
    extension_days: int = Field(5, ge=1, le=30, description="经批准可延期一次，延几个工作日")
    area_code: str = Field(
        "", pattern="^[0-9]{0,9}$", description="导出用的行政区划代码，最多 9 位，如 410122"
    )


class OdditySection(Section):
    """Ratings that look odd; they are shown to reviewers, and nothing is ever removed."""

    quick_seconds: float = Field(2, ge=0.5, le=30, description="办完后多少秒内的评价算“过快”")
    quick_in_a_row: int = Field(5, ge=2, le=100, description="一个窗口连续多少条过快即列出")
    burst_seconds: int = Field(60, ge=5, le=3600, description="一台设备在多少秒内")
    burst_ratings: int = Field(6, ge=2, le=100, description="给出多少条评价即列出")
    alike_ratings: int = Field(
        30, ge=5, le=1000, description="一个窗口一天至少多少条评价、全部同一等级且没有标签即列出"
    )
    contact_ratings: int = Field(3, ge=2, le=100, description="同一联系方式出现几次即列出")


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
    notify: NotifySection = NotifySection()
    province: ProvinceSection = ProvinceSection()

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
