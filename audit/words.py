"""What the audit log calls each verb, view and export; pure.

Every route that changes something stands in ACTS. Every page stands in VIEWS when it shows personal
data (of citizens; of staff their phones and photographs), in EXPORTS when something leaves the
hall, or in NOTHING_PERSONAL. ``tests/test_auditing.py`` walks all routes and asks for each.
"""

from collections.abc import Mapping

# The verb of a route that does several things depends on a part of its address.
SPLIT = {
    "cases.act": "verb",
    "manager.items.adding": "kind",
    "manager.items.editing": "kind",
    "manager.items.retire": "kind",
    "manager.items.restore": "kind",
}
THINGS = {
    "departments": "部门",
    "zones": "分区",
    "services": "业务",
    "windows": "窗口",
    "people": "人员",
    "special_days": "特殊日期",
    "matters": "事项",
}
_CASE_VERBS = {
    "assign": "指派差评",
    "accept": "受理差评",
    "send_back": "退回差评",
    "hand_over": "转交差评",
    "look": "查看差评联系方式",
    "contact": "登记差评联系",
    "rectify": "登记差评整改",
    "explain": "登记差评说明",
    "appeal": "差评申诉",
    "uphold": "维持差评",
    "dismiss": "申诉成立",
    "ask_extension": "申请差评延期",
    "extend": "同意差评延期",
    "refuse_extension": "不同意差评延期",
    "answer": "答复差评",
    "revisit": "差评回访",
}
SIGN_IN = {
    "web.enter": "设备登录",
    "pair.code": "设备取配对码",
    "pair.enter": "设备配对后登录",
    "admission.sign_in": "登录",
    "admission.give_code": "登录的验证码",
    "admission.change_password": "登录时更换密码",
    "admission.enrol": "登录时设置二次验证",
    "admission.lock.lock": "锁定窗口",
    "admission.lock.unlock": "解锁窗口",
    "account.change_password": "更改自己的密码",
    "account.set_pin": "设置窗口 PIN",
    "account.enrol": "设置二次验证",
    "account.end_sign_ins": "结束自己的登录",
    "web.sign_out": "退出登录",
    "socket connect": "设备实时连接",
}
ACTS: dict[str, str] = {
    # the queue, at kiosks and windows
    "kiosk.take_ticket": "取号",
    "kiosk.appointments": "取号机查预约",
    "kiosk.come_back": "过号重排",
    "kiosk.reprint": "补打小票",
    "api.take_ticket": "取号（接口）",
    "api.rate": "评价（评价器）",
    "api_windows.call": "呼叫（接口）",
    "api_windows.recall": "重呼（接口）",
    "api_windows.start": "开始办理（接口）",
    "api_windows.finish": "办结（接口）",
    "api_windows.miss": "过号（接口）",
    "api_windows.hold": "挂起（接口）",
    "api_windows.resume": "恢复办理（接口）",
    "api_windows.transfer": "转办（接口）",
    "api_windows.undo": "撤销（接口）",
    "api_windows.open_window": "开窗（接口）",
    "api_windows.pause": "暂停（接口）",
    "api_windows.close": "关窗（接口）",
    "window.window_acts.call": "呼叫",
    "window.window_acts.recall": "重呼",
    "window.window_acts.undo": "撤销",
    "window.window_acts.start": "开始办理",
    "window.window_acts.miss": "过号",
    "window.window_acts.finish": "办结",
    "window.window_acts.next_service": "同一人办下一项",
    "window.window_acts.hold": "挂起",
    "window.window_acts.resume": "恢复办理",
    "window.window_acts.transfer": "转办",
    "window.window_acts.ask_again": "再次邀请评价",
    "window.window_acts.hold_window": "占用窗口",
    "window.window_acts.open_window": "开窗",
    "window.window_acts.pause": "暂停窗口",
    "window.window_acts.close": "关窗",
    # the help desk
    "helpdesk.issue": "代为取号",
    "helpdesk.bring_back": "恢复排队",
    "helpdesk.change_line": "换业务排队",
    "helpdesk.prefer": "设为优先",
    "helpdesk.pin": "提前叫号",
    "helpdesk.unfavour": "取消优先",
    "helpdesk.cancel": "取消号票",
    "helpdesk.reprint": "补打小票（咨询台）",
    "helpdesk.choose_printer": "选择打印机",
    "helpdesk.end_day": "结束当日业务",
    # appointments
    "booking.book": "预约",
    "booking.cancel": "取消预约",
    "appointments.book": "预约（接口）",
    "appointments.cancel": "取消预约（接口）",
    "appointments.import_rows": "接入外部预约",
    "manager.slots.save": "保存放号计划",
    "manager.slots.remove": "删除放号计划",
    # ratings
    "rating.rate": "评价（手机链接）",
    "window_rating.found": "窗口码查办件",
    "window_rating.rate": "评价（窗口码）",
    "entry.type_in": "录入评价",
    "entry.confirm": "确认录入评价",
    "entry.withdraw": "退回录入评价",
    "rating_files.look_over": "检查评价文件",
    "rating_files.adopt": "导入评价",
    "rating_files.load_tags": "启用评价标签",
    "oddities.remark": "异常评价意见",
    # bad ratings and complaints
    **{f"cases.act:{verb}": words for verb, words in _CASE_VERBS.items()},
    "complaints.add": "登记投诉",
    "complaints.assign": "转办投诉",
    "complaints.accept": "受理投诉",
    "complaints.reply": "答复投诉",
    "complaints.extend": "投诉延期",
    "complaints.withdraw": "撤回投诉",
    "complaints.close": "办结投诉",
    "complaints.reveal": "查看投诉人信息",
    "complaints.lists.check": "检查工单文件",
    "privacy.seek": "查找个人信息",
    "privacy.confirm": "核对要删除的个人信息",
    "privacy.erase": "删除个人信息",
    "privacy.hide": "隐去个人信息",
    "complaints.lists.adopt": "导入工单",
    # what managers decide
    "monitor.acknowledge": "确认告警",
    "monitor.preview_rules": "试算告警规则",
    "monitor.save_rules": "修改告警规则",
    "ranking.draft": "拟定评比",
    "ranking.sign": "签发评比",
    "ranking.send_back": "退回评比",
    "ranking.publish": "发布评比",
    "ranking.give": "评比加减分",
    "ranking.find": "认定投诉窗口",
    "reports.ask": "申请导出数据",
    "reports.stop": "停止导出数据",
    "reports.word": "修改通报文字",
    # the hall itself
    **{f"manager.items.adding:{kind}": f"添加{word}" for kind, word in THINGS.items()},
    **{f"manager.items.editing:{kind}": f"修改{word}" for kind, word in THINGS.items()},
    **{f"manager.items.retire:{kind}": f"停用{word}" for kind, word in THINGS.items()},
    **{f"manager.items.restore:{kind}": f"恢复{word}" for kind, word in THINGS.items()},
    "manager.people.reset": "重设密码",
    "security.unlock": "解锁账号",
    "security.reset_factor": "重置二次验证",
    "manager.people.set_photo": "更换照片",
    "manager.devices.adding": "登记设备",
    "manager.devices.editing": "修改设备",
    "manager.devices.pairing.pair": "配对设备",
    "manager.devices.new_key": "更换设备密钥",
    "manager.devices.revoke": "停用设备",
    "manager.devices.test_slip": "打印测试小票",
    "manager.texts.save": "修改文字",
    "manager.workbook.check": "检查大厅资料",
    "manager.workbook.adopt": "导入大厅资料",
    "province.send_again": "重发省平台",
    "province.send_all_again": "重发省平台（全部失败）",
    "province.replay": "重新上报省平台",
    "audit.verify": "核对审计日志",
}
VIEWS: dict[str, str] = {
    "helpdesk.dossier": "查看号票",
    "helpdesk.home": "查找号票",
    "cases.case": "查看差评",
    "complaints.listed": "查看投诉列表",
    "complaints.one": "查看投诉",
    "privacy.overview": "查看个人信息规则和查看记录",
    "privacy.one_receipt": "查看删除回执",
    "entry.one": "查看录入评价",
    "oddities.one": "查看评价",
    "figures.tickets": "查看号票清单",
    "appointments.appointment": "查看预约（接口）",
    "manager.items.listing": "查看人员",
    "manager.items.editing": "查看人员",
    "manager.history.page": "查看变更记录",
    "manager.people.photo": "查看人员照片",
    "security.page": "查看登录安全",
    "audit.listed": "查看审计日志",
}
# A page that shows personal data only when it was asked in some way: a part of its address or query
# and what it must say; empty for anything.
ONLY = {
    "helpdesk.home": ("q", ""),
    "manager.items.listing": ("kind", "people"),
    "manager.items.editing": ("kind", "people"),
}
EXPORTS: dict[str, str] = {
    "api_months.month": "读取月度统计（接口）",
    "api_months.month_csv": "导出月度统计（接口）",
    "api_months.month_xlsx": "导出月度统计（接口）",
    "complaints.lists.export": "导出投诉",
    "complaints.lists.export_full": "导出投诉（含姓名）",
    "privacy.copy": "下载个人信息副本",
    "figures.table_file": "导出统计表",
    "manager.month.export": "导出月度统计",
    "manager.workbook.export": "导出大厅资料",
    "monitor.ledger_file": "导出告警台账",
    "rating_files.tags_file": "导出评价标签",
    "reports.fetch": "下载导出的数据",
    "reports.bulletin_pdf": "下载月度通报",
    "audit.export": "导出审计日志",
}
COMMANDS: dict[str, str] = {
    "import": "导入大厅资料",
    "import-ratings": "导入评价",
    "tags": "启用评价标签",
    "key": "发放设备密钥",
    "rotate-links": "更换链接签名密钥",
    "webhook": "管理网络通知",
    "province": "管理省平台上报",
    "admin": "建立管理员或重设密码",
    "certificate": "建立 CA 和服务器证书",
    "backup": "备份数据文件",
    "restore": "恢复数据文件",
    "month": "导出月度统计",
    "audit": "核对或导出审计日志",
}
SYSTEM = {
    "system.start": "启动服务",
    "system.stop": "停止服务",
    "system.forget": "清理到期的审计日志",
    "system.skipped": "略过重复的失败请求",
}
# Pages that show nothing personal: figures, forms, screens of the hall, what is public, and what
# citizens see of their own.
NOTHING_PERSONAL = frozenset(
    {
        # doors
        "static",
        "openapi.spec",
        "web.landing",
        "web.still_signed_in",
        "web.enter_page",
        "pair.page",
        "pair.state",
        "admission.sign_in_page",
        "admission.code_page",
        "admission.password_page",
        "admission.enrol_page",
        "admission.lock.locked_page",
        "account.page",
        "account.enrol_page",
        "web.alive",
        "web.health",
        "web.metrics",
        # screens: numbers and windows; a clerk's photograph hangs in the hall
        "display.page",
        "display.photo",
        "display.sign",
        "api.board",
        "api.services",
        "api_windows.windows",
        "rating.own_evaluator",
        "rating.evaluator",
        "rating.state",
        "rating.photo",
        # at the kiosk, and on the citizen's own phone
        "kiosk.page",
        "kiosk.menu_now",
        "kiosk.paper",
        "kiosk.slip_picture",
        "kiosk.qr_code",
        "api.ticket",
        "rating.follow",
        "rating.follow_state",
        "window_rating.find",
        "window_rating.form",
        "booking.choose",
        "booking.appointment",
        "booking.qr_code",
        "appointments.slots",
        # the clerk's own window: names there are masked
        "window.page",
        "window.state",
        "window.who_is_next",
        "window.places",
        # figures and lists without names
        "helpdesk.now",
        "helpdesk.slip_picture",
        "helpdesk.issue_form",
        "helpdesk.end_day_page",
        "cases.listing",
        "cases.red",
        "cases.alerts",
        "complaints.new",
        "privacy.person",
        "complaints.lists.import_page",
        "complaints.lists.units",
        "entry.page",
        "rating_files.import_page",
        "rating_files.tags_page",
        "oddities.page",
        "figures.table",
        "figures.dashboard",
        "monitor.page",
        "monitor.board_now",
        "monitor.ledger",
        "monitor.rules_page",
        "ranking.month",
        "ranking.version",
        "ranking.points",
        "public.listing",
        "public.newest",
        "public.version",
        "public.answers",
        "reports.page",
        "reports.how_far",
        "reports.bulletin",
        "province.standing",
        "province.qr_code",
        "window_rating.sheets",
        "window_rating.code",
        "readiness.page",
        "readiness.report",
        "readiness.pdf",
        # the hall's own data
        "manager.month.table",
        "manager.month.trend",
        "manager.items.catalogue",
        "manager.items.adding",
        "manager.slots.listing",
        "manager.devices.listing",
        "manager.devices.adding",
        "manager.devices.editing",
        "manager.devices.pairing.page",
        "manager.devices.no_key_again",
        "manager.texts.page",
        "manager.texts.slip_picture",
        "manager.workbook.page",
        "manager.workbook.check_again",
    }
)
# The row is written into the commit of the route's own one verb: what happens all day long.
WITH_THE_VERB = frozenset(
    {
        "api.rate",
        "rating.rate",
        "window_rating.rate",
        *(each for each in ACTS if each.startswith("window.window_acts.")),
    }
)
# Verbs that do not happen at all while the log cannot be written: those of administrators.
ADMINISTRATIVE = (
    *("manager.", "security.", "province.", "monitor.save", "rating_files.", "audit."),
    "reports.ask",
)

TOLD_OF = frozenset({*VIEWS, *EXPORTS})
VIEW, COMMAND = "view ", "cli "
SORTS = {
    "act": "操作",
    "view": "查看",
    "export": "导出与下载",
    "sign": "登录",
    "command": "命令行与系统",
}
ROLES = {
    "kiosk": "取号机",
    "display": "大屏",
    "window": "窗口机",
    "evaluator": "评价器",
    "program": "程序",
    "clerk": "窗口人员",
    "guide": "咨询台",
    "handler": "差评承办",
    "inspector": "督查",
    "leader": "领导",
    "manager": "大厅主任",
    "administrator": "系统管理员",
    "security": "安全管理员",
    "audit": "审计管理员",
}
KINDS = {"person": "人员", "device": "设备", "public": "公众", "system": "系统"}
# What is told of a refusal whose code has no words of its own below; the code stands beside it.
REFUSED = "未准许"
CODES = {
    "wrong_password": "密码不对",
    "bad_key": "密钥不对",
    "locked": "已锁定",
    "too_often": "过于频繁",
    "not_signed_in": "未登录",
    "not_allowed": "无权操作",
    "not_same_origin": "来自外部网页",
    "bad_input": "内容有误",
    "not_found": "没有这一项",
    "internal": "系统出错",
    "chain_broken": "日志不完整",
}


def verb_of(endpoint: str, arguments: Mapping[str, object]) -> str:
    """Return what a row calls the verb of a route."""
    part = SPLIT.get(endpoint)
    told = f"{endpoint}:{arguments.get(part, '')}" if part else endpoint
    return told if told in ACTS else endpoint


def view_of(endpoint: str, asked: Mapping[str, object]) -> str | None:
    """Return what a row calls a page that shows personal data or hands something out, else None."""
    if endpoint not in TOLD_OF:
        return None
    if endpoint in ONLY:
        name, wanted = ONLY[endpoint]
        told = asked.get(name)
        if not told or (wanted and told != wanted):
            return None
    return f"{VIEW}{endpoint}"


def _words() -> dict[str, str]:
    return {
        **ACTS,
        **SIGN_IN,
        **SYSTEM,
        **EXPORTS,
        **{f"{VIEW}{name}": words for name, words in {**VIEWS, **EXPORTS}.items()},
        **{f"{COMMAND}{name}": words for name, words in COMMANDS.items()},
    }


WORDS = _words()


def words_of(verb: str) -> str:
    """Return a verb as people say it; one the table does not know (an older hall's) as it is."""
    return WORDS.get(verb, verb)


def sort_of(verb: str) -> str:
    """Return of which sort a verb is: a key of SORTS."""
    name = verb.removeprefix(VIEW)
    if name in EXPORTS:
        return "export"
    if verb.startswith(VIEW):
        return "view"
    if verb in SIGN_IN:
        return "sign"
    return "command" if verb.startswith((COMMAND, "system.")) else "act"


def verbs_that(sort: str = "", words: str = "") -> tuple[str, ...] | None:
    """Return the verbs of a sort whose words hold some text; None when neither is asked."""
    if not sort and not words:
        return None
    return tuple(
        verb
        for verb, said in WORDS.items()
        if (not sort or sort_of(verb) == sort) and (not words or words in said or words == verb)
    )


def is_administrative(endpoint: str) -> bool:
    """Return whether a verb must not happen without its row."""
    return endpoint.startswith(ADMINISTRATIVE)
