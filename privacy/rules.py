"""The rules of keeping: which personal data goes when, by which setting; pure."""

from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from hall.days import Instant

CITIZEN, STAFF = "群众", "工作人员"
# However far a clock leaps ahead, a night takes no more than a week of days away: as many as the
# audit log's. Somebody sees the wrong date before much is gone that was to stay.
MOST_CAUGHT_UP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Rule:
    """What goes, how long after what, and what becomes of it.

    ``setting`` is where config.toml says the days; ``days`` holds them where no setting does.
    """

    name: str
    title: str
    whose: str
    basis: str
    since: str
    happens: str
    setting: str = ""
    days: int = 0
    # appointments have always gone on the last of their days, everything else the day after it
    on_the_last: bool = False

    def keep_days(self, config: Any) -> int:
        """Return how many days the hall keeps this data."""
        if not self.setting:
            return self.days
        section, _, key = self.setting.partition(".")
        return int(getattr(getattr(config, section), key))

    def whole_days(self, config: Any) -> int:
        """Return for how many days after its own data is there for the whole day."""
        return self.keep_days(config) - self.on_the_last


SERVICE = "为办事取号、通知所必需（个保法第13条第1款第2项）"
DUTY = "履行法定职责：好差评、投诉办理（个保法第13条第1款第3项）"
EMPLOYED = "人事管理所必需（个保法第13条第1款第2项）"
# In the order in which they are carried out; the first are the most and the shortest kept.
RULES = (
    Rule(
        "ticket_phones",
        "号票上的手机号码",
        CITIZEN,
        SERVICE,
        "取号的业务日",
        "删除号码",
        setting="queue.keep_phone_days",
    ),
    Rule(
        "ticket_people",
        "号票上身份证号码的当日密文",
        CITIZEN,
        SERVICE,
        "取号的业务日",
        "删除密文（当日防重复取号用，从不保存号码本身）",
    ),
    Rule(
        "ticket_names",
        "号票上隐去的姓名和协助取号人",
        CITIZEN,
        SERVICE,
        "取号的业务日",
        "删除姓名",
        setting="privacy.keep_name_days",
    ),
    Rule(
        "appointments",
        "预约的手机号码",
        CITIZEN,
        SERVICE,
        "预约日",
        "删除号码和其他系统的编号",
        setting="appointments.keep_phone_days",
        on_the_last=True,
    ),
    Rule(
        "booked_people",
        "预约人的身份证密文和隐去的姓名",
        CITIZEN,
        SERVICE,
        "预约日；失约的到不再计入失约为止",
        "删除密文和姓名",
        setting="appointments.keep_phone_days",
        on_the_last=True,
    ),
    Rule(
        "contacts",
        "评价人的联系方式",
        CITIZEN,
        DUTY,
        "评价时间",
        "删除联系方式，评价和封印不变",
        setting="privacy.keep_contact_days",
    ),
    Rule(
        "forms",
        "录入的纸质、电话、意见箱评价的文字和联系方式",
        CITIZEN,
        DUTY,
        "录入时间",
        "删除文字和联系方式，等级不变",
        setting="privacy.keep_contact_days",
    ),
    Rule(
        "texts",
        "评价文字",
        CITIZEN,
        DUTY,
        "评价时间",
        "删除文字，等级、标签和统计不变",
        setting="privacy.keep_text_days",
    ),
    Rule(
        "cases",
        "差评档案：评价文字、联系方式、办理记录的文字",
        CITIZEN,
        DUTY,
        "办结时间",
        "删除文字和联系方式，步骤、时限、统计和公开答复不变",
        setting="privacy.keep_case_days",
    ),
    Rule(
        "complaints",
        "投诉档案：投诉人、电话、内容、办理记录的文字",
        CITIZEN,
        DUTY,
        "办结（或回复）时间",
        "删除姓名、电话和文字，编号、单位、时限、统计不变",
        setting="privacy.keep_complaint_days",
    ),
    Rule(
        "staff",
        "停用人员的手机号码",
        STAFF,
        EMPLOYED,
        "停用时间",
        "删除号码（照片在停用时即删）；姓名随办件记录保留",
        setting="privacy.keep_staff_days",
    ),
    Rule(
        "looks",
        "查看个人信息的记录",
        STAFF,
        "处理者的安全义务（个保法第51条）",
        "查看时间",
        "删除记录（操作日志另存）",
        days=1095,
    ),
)
RULE = {each.name: each for each in RULES}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another part of the product removes by itself, and by what."""

    title: str
    whose: str
    keep: str
    happens: str


# Not carried out here; told on the page and in the notice, so that nothing is left out.
ELSEWHERE = (
    Elsewhere(
        "待发和已发的通知（webhook、短信）", CITIZEN, "30 天", "整条删除；其中从无号码和姓名"
    ),
    Elsewhere("导出的文件", CITIZEN, "1 小时", "删除文件，留下谁在何时导出的记录"),
    Elsewhere("工作人员照片", STAFF, "在岗期间", "停用或更换时删除"),
    Elsewhere("登录会话", STAFF, "12 小时", "失效"),
)


def last_day(now: date, at: time, run_at: time) -> date:
    """Return the newest day for which the rules are due: today once ``run_at`` has come."""
    return now if at >= run_at else now - timedelta(days=1)


def day_of_work(today: date, last: date | None, worked_on: date | None) -> date:
    """Return the day for which a night removes: today's, unless the clock has leaped ahead of it.

    ``last`` is the newest day up to today that was worked for, ``worked_on`` the night it was done.
    """
    if last is None or today <= last:
        return today
    return last if worked_on == today else min(today, last + MOST_CAUGHT_UP)


def before(today: date, keep_days: int) -> date:
    """Return the day before which data goes: what is younger than ``keep_days`` days stays."""
    return today - timedelta(days=keep_days)


def goes_on(since: date, keep_days: int) -> date:
    """Return the day on which data of a day goes, the inverse of ``before``."""
    return since + timedelta(days=keep_days + 1)


def setting_said(rule: Rule) -> str:
    """Return where the days of a rule stand: ``[privacy] keep_text_days``, or 固定."""
    if not rule.setting:
        return "固定"
    section, _, key = rule.setting.partition(".")
    return f"[{section}] {key}"


def kept_said(rule: Rule, config: Any) -> str:
    """Return how long a rule keeps, as people say it."""
    days = rule.keep_days(config)
    if days == 0:
        return "当日"
    if days % 365 == 0:
        return f"{days // 365} 年"
    return f"{days} 天"


# -- what the store is asked and tells ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Before:
    """Before when data goes: a day, the instant it begins, and the day for missed appointments."""

    day: str
    at: Instant
    no_show_day: str


@dataclass(frozen=True, slots=True)
class Run:
    """What a rule removed for a day."""

    day: str
    rule: str
    removed: int
    began_at: Instant
    ended_at: Instant | None


@dataclass(frozen=True, slots=True)
class Look:
    """That somebody looked at one record in full, why, and until when it stays open."""

    at: Instant
    until: Instant
    who: str
    kind: str
    record: int
    reason: str
