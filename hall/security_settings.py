"""Settings of safety: how long somebody who signed in stays signed in."""

from typing import Literal

from pydantic import Field

from hall.hall_settings import Section


class SecuritySection(Section):
    """Who is signed in, and for how long."""

    idle_minutes: int = Field(
        30,
        ge=5,
        le=240,
        description="管理、审计、督查、领导和承办人员多少分钟没有操作就退出登录（5–240）",
    )
    session_hours: int = Field(
        12, ge=1, le=24, description="人员登录后最多多少小时须重新登录（1–24）；设备不受此限"
    )
    second_factor: Literal["off", "administrators", "managers"] = Field(
        "off",
        description="谁登录时必须另用手机验证码（TOTP）：off 不要求、administrators 三类管理员、"
        "managers 另加负责人和领导；正式大厅建议 managers，其他人可以自愿设置",
    )
    passwords: Literal["nist", "mlps"] = Field(
        "nist",
        description="密码规则：nist 看长度和常见密码（有二次验证 8 个字符，没有 15 个，"
        "不定期更换）、mlps 按等保（10 个字符、三类字符、90 天更换、不用最近 5 个）",
    )
    window_lock_minutes: int = Field(
        0, ge=0, le=120, description="窗口页面多少分钟没有操作就自动锁定，0 为只手动锁定"
    )
