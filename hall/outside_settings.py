"""Settings of what leaves the hall: messages, and the province's system."""

import re
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from hall.hall_settings import Section

# What may stand in braces in the address of the province's page.
PAGE_WORDS = (
    *("project_no", "visit", "window", "window_name", "clerk", "clerk_name", "service"),
    *("service_name", "area_code", "dept_code", "time", "app_id", "sign"),
)


class NotifySection(Section):
    """Messages to citizens and staff, sent through Apprise."""

    ahead: int = Field(
        3, ge=0, le=50, description="前面还有几人时提醒留了手机号的人（每张号票一次），0 为不提醒"
    )
    citizen: str = Field(
        "",
        repr=False,
        description="给群众发短信的 Apprise 地址，手机号写作 {phone}；空为不发；"
        "含密钥，可写 env:变量名 或 file:文件",
    )
    staff: list[str] = Field(
        [],
        repr=False,
        description="工作人员群的 Apprise 地址，如企业微信 wecombot://密钥、钉钉 dingtalk://令牌；"
        "可写 env:变量名 或 file:文件",
    )
    staff_events: list[str] = Field(
        ["service.rated_badly", "case.red", "complaint.red", "alarm.escalated"],
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
