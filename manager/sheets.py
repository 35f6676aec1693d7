"""The hall's workbook as tables: which column of which sheet is which field; pure.

One list a sheet says heading, field, kind, whether it must be there, and what it is good for;
reading, writing and the 说明 sheet all follow it, so that they cannot come apart.
"""

from dataclasses import replace

from hall import catalogue_rules as rules
from hall.catalogue import (
    Catalogue,
    Department,
    Device,
    HallText,
    Matter,
    Person,
    Problem,
    Service,
    SpecialDay,
    Window,
    Zone,
)
from hall.texts import PLACES
from manager.cells import (
    DEVICE_WORDS,
    MATTER_WORDS,
    PERSON_WORDS,
    PLACE_WORDS,
    WAY_WORDS,
    as_code,
    as_code_or_none,
    as_codes,
    as_day,
    as_hours,
    as_prefix,
    as_text,
    as_ways,
    as_weekdays,
    as_whole,
    as_whole_or_none,
    word_of,
)
from manager.columns import ACTIVE, NAME_EN, SORT, Column, Sheet, code, names, yes_no
from manager.plans import PlanRow

CATEGORIES = ("综合", "专业", "单一")

SHEETS = (
    Sheet(
        "部门",
        "departments",
        Department,
        (
            code("部门的唯一代码：字母、数字、点、横线。"),
            Column("名称", "name", as_text, "部门全称。", 34, required=True),
            NAME_EN,
            SORT,
        ),
    ),
    Sheet(
        "楼层分区",
        "zones",
        Zone,
        (
            code("分区的唯一代码，如 1F-A。同一分区的显示屏内容相同。"),
            Column("名称", "name", as_text, "分区名称，如 一楼A区。", 20, required=True),
            NAME_EN,
            SORT,
        ),
    ),
    Sheet(
        "业务",
        "services",
        Service,
        (
            code("业务的唯一代码。"),
            Column("名称", "name", as_text, "取号机和显示屏上的名称。", 34, required=True),
            NAME_EN,
            Column(
                "号码前缀",
                "prefix",
                as_prefix,
                "一个或两个大写字母；同一前缀的业务共用当天的流水号。",
                10,
                required=True,
            ),
            names("department", "办理部门的代码（也可写全称）。", 14, required=True),
            yes_no("常办", "common", "“是”则出现在取号机首页“常办”；留空为“否”。"),
            ACTIVE,
            SORT,
            Column("等候目标分钟", "target_minutes", as_whole, "等候超过它算超时，默认 30。", 14),
            Column("通常办理分钟", "usual_minutes", as_whole, "一次办理通常多久，默认 8。", 14),
            Column(
                "办理星期",
                "open_weekdays",
                as_weekdays,
                "只在星期几办理，写数字，周一是 1，如 135；留空随大厅。",
                10,
            ),
            Column(
                "办理时间",
                "open_hours",
                as_hours,
                "只在什么时间办理，如 09:00-11:30；几段之间用逗号隔开；留空随大厅。",
                24,
            ),
            Column("上午限号", "quota_morning", as_whole, "上午最多几个号，0 为不限。", 10),
            Column("下午限号", "quota_afternoon", as_whole, "下午最多几个号，0 为不限。", 10),
        ),
    ),
    Sheet(
        "窗口",
        "windows",
        Window,
        (
            Column("窗口号", "no", as_whole, "窗口上方的号码，1 到 999。", 8, required=True),
            Column("名称", "name", as_text, "窗口名称，如 综合窗口；可以留空。", 24),
            names("zone", "所在分区的代码（也可写名称）。", 12, required=True),
            names("department", "派驻部门的代码（也可写全称）。", 14, required=True),
            Column(
                "业务",
                "services",
                as_codes,
                "办理的业务代码（也可写名称），优先的写在前，用逗号或空格隔开。",
                70,
                refers="services",
            ),
            Column(
                "协办业务",
                "helping",
                as_codes,
                "上列业务中只协助办理的：其他业务没有人等候时才叫；可以留空。",
                40,
                refers="services",
            ),
            ACTIVE,
            Column(
                "类别",
                "category",
                as_text,
                "评比时只与同一类别的窗口比较，如 综合、专业、单一；也可以写别的，留空则不分类。",
                10,
                suggests=CATEGORIES,
            ),
        ),
    ),
    Sheet(
        "人员",
        "people",
        Person,
        (
            Column("工号", "staff_number", as_code, "登录用的工号。", 10, required=True),
            Column("姓名", "name", as_text, "姓名。", 22, required=True),
            Column(
                "角色",
                "role",
                word_of(PERSON_WORDS),
                "窗口人员、导办员（咨询台）、管理人员等；管理员有系统、安全、审计三种。",
                12,
                required=True,
                choices=tuple(PERSON_WORDS),
            ),
            Column("职务", "post", as_text, "评价器上显示的岗位。", 16),
            names(
                "department", "所属部门的代码（也可写全称），可以留空。", 14, read=as_code_or_none
            ),
            Column("窗口号", "window", as_whole_or_none, "平时值守的窗口，可以留空。", 8),
            ACTIVE,
            Column(
                "手机", "phone", as_text, "工作人员的手机号码，只用来找出异常评价，可以留空。", 14
            ),
        ),
    ),
    Sheet(
        "设备",
        "devices",
        Device,
        (
            Column("编号", "id", as_whole_or_none, "系统给出的编号；新设备留空。", 8),
            Column(
                "类型",
                "role",
                word_of(DEVICE_WORDS),
                "、".join(DEVICE_WORDS) + "之一。",
                12,
                required=True,
                choices=tuple(DEVICE_WORDS),
            ),
            Column("名称", "name", as_text, "设备名称，如 一楼1号取号机。", 26, required=True),
            Column("窗口号", "window", as_whole_or_none, "窗口终端和评价器所在的窗口。", 8),
            names("zone", "显示屏、取号机所在的分区（代码或名称）。", 12, read=as_code_or_none),
            Column(
                "打印机",
                "printer",
                as_text,
                "取号机的网络打印机，如 tcp://192.168.1.50:9100?paper=80；没有则留空。",
                40,
            ),
            ACTIVE,
        ),
    ),
    Sheet(
        "特殊日期",
        "special_days",
        SpecialDay,
        (
            Column("日期", "day", as_day, "哪一天，如 2026-10-01。", 14, required=True),
            replace(
                yes_no("开放", "open", "“是”为这天开放，“否”为这天休息；留空为“否”。"), width=10
            ),
            Column(
                "办理时间",
                "hours",
                as_hours,
                "这天的时间，如 09:00-12:00；留空随大厅平常的时间。",
                24,
            ),
            Column("说明", "note", as_text, "群众看到的原因，如 调休上班、系统升级。", 30),
        ),
        may_be_missing=True,
    ),
    Sheet(
        "事项",
        "matters",
        Matter,
        (
            code("事项的唯一编码，如实施清单上的编码。"),
            Column("名称", "name", as_text, "事项全称。", 44, required=True),
            names("service", "在哪项业务取号办理：业务代码（也可写名称）。", 16, required=True),
            Column(
                "办理类型",
                "kind",
                word_of(MATTER_WORDS),
                "即办件（当场办结）或承诺件。",
                10,
                required=True,
                choices=tuple(MATTER_WORDS),
            ),
            Column(
                "承诺工作日",
                "promised_days",
                as_whole,
                "承诺办结的工作日数；即办件写 0 或留空。",
                12,
            ),
            Column(
                "法定工作日",
                "statutory_days",
                as_whole,
                "法定办结的工作日数；没有规定则写 0 或留空。",
                12,
            ),
            Column(
                "办理形式",
                "ways",
                as_ways,
                "、".join(WAY_WORDS) + "，可写几个，用逗号隔开；留空为窗口办理。",
                34,
                several=tuple(WAY_WORDS),
            ),
            ACTIVE,
            SORT,
        ),
        may_be_missing=True,
    ),
    Sheet(
        "文字",
        "texts",
        HallText,
        (
            Column(
                "位置",
                "place",
                word_of(PLACE_WORDS),
                "；".join(
                    f"{each.name}：{each.about}最多 {each.most} 个字" for each in PLACES.values()
                )
                + "。",
                18,
                required=True,
                choices=tuple(PLACE_WORDS),
            ),
            names("zone", "只有大屏提示可以分区写；留空为整个大厅。", 12),
            Column(
                "文字",
                "text",
                as_text,
                "显示的文字。没有写到的位置用系统通常的文字。",
                44,
                required=True,
            ),
            Column("英文", "text_en", as_text, "英文界面显示的文字，可以留空。", 44),
        ),
        may_be_missing=True,
    ),
)

# The appointments' own: no part of the catalogue, and in its workbook all the same.
PLANS = Sheet(
    "预约放号",
    "plans",
    PlanRow,
    (
        names("service", "放号的业务代码（也可写名称）。", 16, required=True),
        Column(
            "星期",
            "weekdays",
            as_weekdays,
            "每逢星期几这样放号，写数字，周一是 1，如 12345；写了日期则留空。",
            10,
        ),
        Column("日期", "day", as_day, "只有这一天这样放号，代替当天的星期计划。", 14),
        Column("每段分钟", "slot_minutes", as_whole, "一个时段多长，5 到 480。", 10, required=True),
        Column("每段人数", "quota", as_whole, "一个时段几个人，0 为不放号。", 10, required=True),
    ),
    may_be_missing=True,
)
EVERY_SHEET = (*SHEETS, PLANS)
# What tells the rows of a sheet from one another.
KEYS = {
    "departments": "code",
    "zones": "code",
    "services": "code",
    "windows": "no",
    "people": "staff_number",
    "devices": "id",
    "special_days": "day",
    "matters": "code",
    "texts": "key",
}

IN_FULL = {**PERSON_WORDS, **DEVICE_WORDS, **MATTER_WORDS, **WAY_WORDS, **PLACE_WORDS}


def problems(catalogue: Catalogue) -> list[Problem]:
    """Return what is wrong with a workbook's hall, strictly: retired rows must be right as well.

    In the hall itself a retired window may name a department that has left; read from a workbook
    such a row could not be stored in a hall that never had that department.
    """
    services = tuple(replace(each, active=True) for each in catalogue.services)
    windows = tuple(replace(each, active=True) for each in catalogue.windows)
    found = rules.problems(replace(catalogue, services=services, windows=windows))
    ids = [each.id for each in catalogue.devices]
    found += [
        Problem("devices", row, "id", f"编号 {each} 重复；新设备请留空。")
        for row, each in enumerate(ids)
        if each is not None and each in ids[:row]
    ]
    return found
