"""Every column that holds personal data, and for every other text why it holds none; pure.

``tests/test_privacy.py`` walks the real schema: a new text column that stands in neither list fails
there, so that nobody forgets to say how long it is kept. docs/privacy.md is written from here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from privacy.rules import CITIZEN, ELSEWHERE, RULE, RULES, STAFF, kept_said, setting_said


@dataclass(frozen=True, slots=True)
class Held:
    """Columns of a table that hold personal data: what, whose, and what happens to it.

    ``rule`` is the rule of privacy/rules.py that removes it; without one ``kept`` says how long it
    stays and ``why``.
    """

    table: str
    columns: tuple[str, ...]
    what: str
    whose: str
    rule: str = ""
    kept: str = ""
    why: str = ""

    def problem(self) -> str:
        """Return what this entry leaves open, empty when it says everything."""
        if self.rule and self.rule not in RULE:
            return f"{self.table}：没有规则 {self.rule}"
        if not self.rule and not (self.kept and self.why):
            return f"{self.table} {self.columns}：没有写明保存多久、为什么"
        return ""


HELD = (
    # -- citizens -------------------------------------------------------------------------------
    Held("ticket", ("phone",), "手机号码", CITIZEN, "ticket_phones"),
    Held("ticket", ("person",), "身份证号码的当日密文", CITIZEN, "ticket_people"),
    Held("ticket", ("holder", "helper"), "隐去的姓名、协助取号人", CITIZEN, "ticket_names"),
    Held("appointment", ("phone", "foreign_id"), "手机号码、他方编号", CITIZEN, "appointments"),
    Held(
        "appointment",
        ("person", "day_person", "holder"),
        "身份证号码的密文、隐去的姓名",
        CITIZEN,
        "booked_people",
    ),
    Held("rating", ("contact",), "评价人联系方式", CITIZEN, "contacts"),
    Held("rating", ("text",), "评价文字", CITIZEN, "texts"),
    Held("paper_form", ("text", "contact"), "录入的文字、联系方式", CITIZEN, "forms"),
    Held(
        "rating_case",
        ("text", "cause", "plan", "reply"),
        "评价文字、核实情况、整改措施、给本人的答复",
        CITIZEN,
        "cases",
    ),
    Held("case_step", ("note",), "办理记录的文字", CITIZEN, "cases"),
    Held("case_appeal", ("reason",), "申诉理由", CITIZEN, "cases"),
    Held("case_extension", ("reason",), "延期理由", CITIZEN, "cases"),
    Held(
        "complaint",
        ("title", "complainant", "phone", "accused", "content", "reply", "extension_reason"),
        "投诉人、电话、被投诉人、标题和内容、回复",
        CITIZEN,
        "complaints",
    ),
    Held("complaint_step", ("told",), "办理记录的文字", CITIZEN, "complaints"),
    Held(
        "privacy_erasure",
        ("reason", "asked", "people", "erased", "kept"),
        "个人申请的登记：隐去的号码、密文、事由",
        CITIZEN,
        kept="长期",
        why="证明申请已经处理，并在恢复备份后再次删除",
    ),
    Held(
        "visit",
        ("case_number", "reason", "why"),
        "办件编号、为什么呼叫这个号",
        CITIZEN,
        kept="长期",
        why="政务服务办件记录；编号的本人只有业务系统知道",
    ),
    Held(
        "rating_case",
        ("number", "case_number"),
        "号码、办件编号",
        CITIZEN,
        kept="长期",
        why="差评可追溯；号码次日重复使用，编号的本人只有业务系统知道",
    ),
    Held(
        "complaint",
        ("order_number",),
        "12345 工单号",
        CITIZEN,
        kept="长期",
        why="与热线对账；工单的本人只有热线系统知道",
    ),
    Held(
        "ticket",
        ("priority", "pinned"),
        "优先类别、置顶原因",
        CITIZEN,
        kept="长期",
        why="核查是否有人插队；号码和姓名清除后识别不出个人",
    ),
    Held(
        "rating_void",
        ("reason",),
        "作废评价的理由",
        CITIZEN,
        kept="长期",
        why="差评作废须可追溯，写进封印；填写时只写事实，不写群众姓名、号码",
    ),
    Held(
        "ranking_finding",
        ("words",),
        "对投诉的认定",
        CITIZEN,
        kept="长期",
        why="月评扣分的依据，公布后不可改动",
    ),
    Held(
        "oddity_remark",
        ("reason", "note"),
        "异常评价的复核意见，联系方式只有尾号",
        CITIZEN,
        kept="长期",
        why="作废评价的依据",
    ),
    Held(
        "journal",
        ("detail", "who"),
        "操作日志：谁做了什么、事由",
        CITIZEN,
        kept="长期",
        why="处理记录（网络安全法第21条、个保法第51条），不可改动；不记姓名、号码",
    ),
    Held(
        "message",
        ("body",),
        "待发和已发的通知：号码、业务、窗口，没有电话和姓名",
        CITIZEN,
        kept="30 天",
        why="发件箱自行清除",
    ),
    # -- staff ----------------------------------------------------------------------------------
    Held("person", ("phone",), "手机号码", STAFF, "staff"),
    Held(
        "person",
        ("staff_number", "name", "role", "post", "department"),
        "工号、姓名、职务",
        STAFF,
        kept="长期",
        why="办件和评价须知道由谁办理",
    ),
    Held(
        "person",
        ("password_hash",),
        "密码的散列值",
        STAFF,
        kept="在岗期间",
        why="登录；停用的账号不能登录",
    ),
    Held("photo", ("person", "picture", "mark"), "照片", STAFF, kept="在岗期间", why="停用时即删"),
    Held("privacy_reveal", ("who", "reason"), "查看个人信息的人和事由", STAFF, "looks"),
    Held(
        "catalogue_change",
        ("who", "key", "name", "fields"),
        "人员资料的变更，手机号码只有首尾",
        STAFF,
        kept="长期",
        why="资料变更须可追溯",
    ),
    Held(
        "audit",
        ("who", "address", "target", "detail"),
        "审计日志：人员、地址、操作",
        STAFF,
        kept="按审计日志的期限，不少于 6 个月",
        why="网络安全法第21条；由审计日志自行清除",
    ),
    Held(
        "sign_in_count",
        ("account", "source", "address"),
        "登录失败的账号和地址",
        STAFF,
        kept="按登录锁定的时限",
        why="防止猜密码；由登录自行清除",
    ),
    Held(
        "second_factor",
        ("person", "secret"),
        "二次验证的密钥（加密）",
        STAFF,
        kept="在岗期间",
        why="登录；重置时删除",
    ),
    Held(
        "sign_in",
        ("person", "address", "browser"),
        "登录的地址和浏览器",
        STAFF,
        kept="7 天",
        why="本人查看和结束自己的登录；由登录自行清除",
    ),
    Held(
        "recovery_code",
        ("person", "label", "code_hash"),
        "恢复码的散列值",
        STAFF,
        kept="在岗期间",
        why="登录；重置时删除",
    ),
    Held(
        "password_past",
        ("person", "password_hash"),
        "用过的密码的散列值",
        STAFF,
        kept="在岗期间",
        why="不得重复使用旧密码；只留最近几个",
    ),
    Held(
        "window_pin",
        ("person", "pin_hash"),
        "窗口 PIN 的散列值",
        STAFF,
        kept="在岗期间",
        why="解锁窗口",
    ),
)
# Names and staff numbers of who did something, in tables that are kept for the sake of the record.
WHO_DID_IT = """
    alarm.acknowledged_by alarm.escalated_to alarm_rules.by bulletin.who bulletin.made_by
    bulletin.reviewed_by case_appeal.asked_by case_appeal.decided_by case_extension.asked_by
    case_extension.decided_by case_step.who complaint.handler complaint_step.who
    device_pairing.who export_job.who
    export_job.stopped_by imported_rating.by oddity_remark.by paper_form.typed_by
    paper_form.confirmed_by paper_form.withdrawn_by password_known.person privacy_erasure.who
    ranking.drafted_by ranking.signed_by ranking.published_by ranking_finding.who
    ranking_points.who ranking_step.who rating.clerk rating_case.clerk rating_case.handler
    rating_day.clerk rating_month.clerk rating_void.by second_rating.by sign_in_lock.person
    tag_set.by visit.clerk visit_day.clerk visit_month.clerk window_now.clerk
    window_now.stands_in_for
"""
# Every other text, by why it holds nothing personal.
NOTHING = {
    "大厅的资料：部门、区域、业务、窗口、事项、文字、日历": """
        business_day.day counter.day counter.prefix department.code department.name
        department.name_en device.role device.name device.zone device.printer
        device_pairing.address device_pairing.browser hall.name
        hall_text.place hall_text.zone hall_text.text hall_text.text_en matter.code matter.name
        matter.service matter.kind matter.ways service.code service.name service.name_en
        service.prefix service.department service.open_weekdays service.open_hours
        slot_plan.service slot_plan.day special_day.day special_day.hours special_day.note
        tag.level tag.code tag.text tally_rule.zone tally_rule.months_to window.name window.zone
        window.department window.category window_service.service zone.code zone.name zone.name_en
    """,
    "号、状态、类别、渠道、时间：一张取值表里的词，或当天的序号": """
        alarm.day alarm.kind alarm.level alarm.service alarm.department alarm_rule.kind
        appointment.service appointment.day appointment.state appointment.source asking.ended_as
        audit.kind audit.role audit.verb audit.code case_appeal.kind case_contact.way
        case_contact.outcome case_extension.until case_step.verb case_step.was
        case_step.becomes case_try.day
        case_try.outcome catalogue_change.way catalogue_change.act catalogue_change.kind
        complaint.source complaint.kind complaint.unit complaint.state complaint.accused_unit
        complaint_step.what delivery.state export_job.kind export_job.form export_job.first
        export_job.last export_job.state journal.event message.type oddity_remark.month
        oddity_remark.key oddity_remark.ratings oddity_remark.verdict paper_form.channel
        paper_form.number paper_form.level paper_form.tags privacy_erasure.number
        privacy_reveal.kind privacy_run.day privacy_run.rule province_asking.mode
        province_link.adapter province_row.kind province_row.key province_row.state
        ranking.month ranking.state ranking_points.month ranking_step.verb rating.level
        rating.tags rating.channel rating.service rating_case.service rating_case.level
        rating_case.tags rating_case.channel rating_case.unit rating_case.state rating_case.kind
        rating_case.came_from rating_case.void_kind rating_void.kind seal.kind ticket.day
        ticket.number ticket.prefix ticket.service ticket.state ticket.language ticket.source
        ticket.via visit.day visit.service visit.basis visit.hold_kind visit.outcome visit.state
        window_now.state
    """,
    "统计数字的分组": """
        rating_day.day rating_day.service rating_day.channel rating_month.month
        rating_month.service rating_month.channel ticket_day.day ticket_day.service
        ticket_month.month ticket_month.service visit_day.day visit_day.service visit_month.month
        visit_month.service
    """,
    "随机数、密钥、散列值、编号：不来自个人信息，或不能还原": """
        appointment.code appointment.tap audit.hash audit_start.hash case_step.tap complaint.tap
        delivery.message delivery.notifier device.key_hash ended_session.mark erased_text.hash
        export_job.tap export_job.file message.id oddity_remark.tap paper_form.tap
        privacy_erasure.tap province_row.unid ranking.seal ranking_finding.tap ranking_points.tap
        ranking_step.tap seal.salt seal.private seal.hash seal.text_salt seal.text_private
        secret.name secret.value sign_in.mark sign_in_lock.mark ticket.tap
        webhook.former_secret webhook.secret window_now.session
    """,
    "工作人员写的、公开的或只说事情的话；公开前查过没有姓名和号码": """
        alarm.subject alarm.said alarm.words alarm_rules.note bulletin.month bulletin.document
        bulletin.issue bulletin.addressed bulletin.remarks paper_form.reason ranking.reason
        ranking.snapshot ranking_points.words ranking_step.note rating_case.public
        window_now.pause_reason
    """,
    "外部系统的地址和它的回答": """
        delivery.last_error imported_rating.file province_row.last_error webhook.url webhook.events
    """,
    "数据库自己的": """
        _sqlite_migrations.migration_set _sqlite_migrations.name _sqlite_migrations.applied_at
    """,
}


def held() -> Iterator[str]:
    """Yield every column with personal data, as ``table.column``."""
    for each in HELD:
        yield from (f"{each.table}.{column}" for column in each.columns)
    yield from WHO_DID_IT.split()


def nothing_personal() -> Iterator[str]:
    """Yield every text column that holds nothing personal, as ``table.column``."""
    for columns in NOTHING.values():
        yield from columns.split()


def rules_as_markdown(config: Any) -> str:
    """Return the rules as docs/privacy.md and the hall's notice have them."""
    lines = [
        "| 个人信息 | 谁的 | 期限 | 从何时算起 | 到期怎样 | 依据 | 设置 |",
        "|---|---|---|---|---|---|---|",
    ]
    for rule in RULES:
        kept = (kept_said(rule, config), rule.since, rule.happens, rule.basis, setting_said(rule))
        lines.append(f"| {' | '.join((rule.title, rule.whose, *kept))} |")
    lines += [
        f"| {each.title} | {each.whose} | {each.keep} | | {each.happens} | | 固定 |"
        for each in ELSEWHERE
    ]
    return "\n".join(lines)


def as_markdown() -> str:
    """Return the inventory as docs/privacy.md has it: which columns hold what, and how long."""
    lines = ["| 表和列 | 内容 | 谁的 | 保存 |", "|---|---|---|---|"]
    for each in HELD:
        columns = "、".join(f"`{column}`" for column in each.columns)
        rule = RULE.get(each.rule)
        kept = f"规则“{rule.title}”" if rule else f"{each.kept}：{each.why}"
        lines.append(f"| `{each.table}` {columns} | {each.what} | {each.whose} | {kept} |")
    return "\n".join(lines)
