"""Settings of the hall itself, where it is served, its screens, kiosks and slips."""

from datetime import time
from ipaddress import ip_network
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hall.calendar import OpeningRules
from hall.days import wall_spans


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
    log_file: str = Field(
        "",
        description="日志文件，相对于数据文件所在文件夹，如 logs/hall.log；空为写到屏幕",
    )
    log_keep_days: int = Field(30, ge=1, le=400, description="日志文件保留几天")
    tls: Literal["off", "own-ca", "files"] = Field(
        "off",
        description="加密：off 不加密（只宜本机或前面有反向代理）、own-ca 用大厅自己的 CA"
        "（server.py certificate）、files 用下面的证书；正式大厅用后两种，见 docs/tls.md",
    )
    tls_certificate: str = Field(
        "", description="files 的证书（PEM，含中间证书），相对于数据文件所在文件夹"
    )
    tls_key: str = Field("", description="files 的私钥（PEM）；空为与证书同一个文件")
    tls_key_password: str = Field(
        "", repr=False, description="私钥的密码，写 env:变量名 或 file:文件"
    )
    # a month: a hall that gives up TLS is not locked out of its own browsers for long
    hsts_days: int = Field(
        30, ge=0, le=730, description="加密时浏览器记住多少天只用 https；确定不再改回不加密的写 365"
    )
    plain_port: int = Field(
        0, ge=0, le=65535, description="另开一个不加密的端口，给不支持 TLS 的旧设备；0 为不开"
    )
    plain_networks: list[str] = Field(
        [], description='哪些网段的设备可以用它，如 ["10.20.8.0/24"]；工作人员在那里不能登录'
    )

    @field_validator("plain_networks")
    @classmethod
    def _are_networks(cls, texts: list[str]) -> list[str]:
        for text in texts:
            try:
                ip_network(text, strict=False)
            except ValueError:
                raise ValueError(f"“{text}”不是网段，写成 10.20.8.0/24 的样子") from None
        return texts

    @model_validator(mode="after")
    def _says_what_tls_needs(self) -> "ServerSection":
        if self.tls == "files" and not self.tls_certificate:
            raise ValueError("tls 为 files 时还须写明 tls_certificate")
        if self.plain_port and (self.tls == "off" or not self.plain_networks):
            raise ValueError("plain_port 须与 tls 和 plain_networks 一起写明")
        return self


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


class AuditSection(Section):
    """The audit log: who did what, when, from where."""

    keep_months: int = Field(
        12, ge=6, le=120, description="审计日志保留几个月，至少 6 个月（网络安全法第二十一条）"
    )
