"""Settings of what follows a service: ratings, bad ones, odd ones, complaints."""

import re

from pydantic import Field, field_validator, model_validator

from hall.hall_settings import Section


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
    close_days: int = Field(5, ge=1, le=30, description="匿名差评：答复后几个工作日内办结")


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


class ComplaintSection(Section):
    """Complaints 投诉."""

    accept_days: int = Field(1, ge=1, le=30, description="登记后几个工作日内受理")
    complaint_days: int = Field(15, ge=1, le=90, description="投诉在几个工作日内回复")
    consultation_days: int = Field(5, ge=1, le=90, description="咨询、意见建议在几个工作日内回复")
    extension_days: int = Field(5, ge=1, le=30, description="经批准可延期一次，延几个工作日")
    area_code: str = Field(
        "", pattern="^[0-9]{0,9}$", description="导出用的行政区划代码，最多 9 位，如 410122"
    )


class RankingSection(Section):
    """The month's ranking of windows 月评: five parts, weights of 100 in all."""

    satisfaction: int = Field(40, ge=0, le=100, description="满意率的权重：× 满意率")
    waiting: int = Field(20, ge=0, le=100, description="等候的权重：×（1 − 等候超时率）")
    rectification: int = Field(15, ge=0, le=100, description="按期整改的权重：× 按期整改率")
    complaints: int = Field(15, ge=0, le=100, description="投诉的权重：从这些分里扣")
    inspection: int = Field(10, ge=0, le=100, description="巡查与考勤的权重：由督查人员打分")
    complaint_costs: int = Field(5, ge=0, le=100, description="每件认定到窗口的投诉扣几分")
    least_services: int = Field(30, ge=1, le=10_000, description="当月办件不足多少的窗口不参评")
    least_ratings: int = Field(10, ge=1, le=10_000, description="当月有效评价不足多少的窗口不参评")

    @model_validator(mode="after")
    def _adds_up_to_a_hundred(self) -> "RankingSection":
        parts = (self.satisfaction, self.waiting, self.rectification, self.complaints)
        if (total := sum(parts) + self.inspection) != 100:
            raise ValueError(f"五个权重合计须为 100，现为 {total}")
        return self
