"""Settings of the queue and of appointments."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from hall.hall_settings import Section
from hall.priorities import CLASSES


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
