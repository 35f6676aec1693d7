"""Every figure that is counted: its name, kind, formula, and for what it exists; pure.

One list feeds the screen, the files, the bulletin and the note on method (docs/statistics.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from hall.refusals import NotValid
from rating.levels import Channel, Level

# For what a table is made, and what its rows are called.
SCOPES = {
    "hall": "全大厅",
    "department": "部门",
    "zone": "区域",
    "service": "业务",
    "window": "窗口",
    "clerk": "人员",
}
EVERY = tuple(SCOPES)
# A ticket is taken for a service, before it is known which window calls it.
OF_SERVICES = ("hall", "department", "service")
OF_WINDOWS = ("hall", "department", "zone", "window")
OF_UNITS = ("hall", "department")
Within = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Column:
    """A figure: ``kind`` is count, rate, minutes or score.

    ``scopes`` says for what it exists, elsewhere it is "—"; the numerator and denominator of a
    rate ``of_time`` are milliseconds; ``tickets`` says whether tickets stand behind it.
    """

    code: str
    name: str
    group: str
    kind: str
    formula: str
    scopes: tuple[str, ...] = EVERY
    of_time: bool = False
    tickets: bool = True

    @property
    def unit(self) -> str:
        """What stands behind its name: %, 分钟 or nothing."""
        return {"rate": "%", "minutes": "分钟"}.get(self.kind, "")

    def exists(self, by: str, within: Within = ()) -> bool:
        """Return whether it is known of a scope, within others."""
        return all(scope in self.scopes for scope in (by, *(scope for scope, _ in within)))


def _level(level: Level) -> Column:
    return Column(level.value, level.chinese, "评价", "count", f"{level.chinese}的有效评价件数")


def _channel(channel: Channel) -> Column:
    said = f"{channel.chinese}收到的有效评价 ÷ 有效评价"
    return Column(f"channel_{channel.value}", channel.chinese, "渠道占比", "rate", said)


COLUMNS: tuple[Column, ...] = (
    Column("taken", "取号", "取号与叫号", "count", "时段内取的号", OF_SERVICES),
    Column("called", "叫号", "取号与叫号", "count", "时段内结束的、第一次叫到的号"),
    Column("served", "办件", "取号与叫号", "count", "时段内办理结束并有办理结果的件数"),
    Column(
        "missed",
        "过号作废",
        "取号与叫号",
        "count",
        "叫号后无人应答且没有回来的号，计入最后叫它的窗口",
    ),
    Column(
        "uncalled", "弃号未叫", "取号与叫号", "count", "没等到叫号就取消或日终关闭的号", OF_SERVICES
    ),
    Column(
        "missed_rate",
        "过号率",
        "取号与叫号",
        "rate",
        "曾经过号的号 ÷ 叫号；一个号计一次，计入第一次叫空的窗口",
    ),
    Column(
        "abandoned_rate",
        "弃号率",
        "取号与叫号",
        "rate",
        "（过号作废＋弃号未叫）÷ 取号",
        OF_SERVICES,
    ),
    Column(
        "appointment_rate",
        "预约履约率",
        "取号与叫号",
        "rate",
        "签到 ÷（预约 − 按时取消）；按预约时段计，时段未到的不计",
        OF_SERVICES,
    ),
    Column(
        "average_wait_minutes",
        "平均",
        "等候",
        "minutes",
        "等候时长之和 ÷ 叫号；等候从取号（预约从签到与时段起点中较晚者）到第一次叫号，扣除闭厅时间",
    ),
    Column("wait_p50", "P50", "等候", "minutes", "等候时长从短到长，排在 50 % 处的那一个"),
    Column("wait_p90", "P90", "等候", "minutes", "等候时长从短到长，排在 90 % 处的那一个"),
    Column("wait_longest", "最长", "等候", "minutes", "最长的一次等候"),
    Column("wait_over_target", "超时率", "等候", "rate", "等候超过目标（默认 30 分钟）的 ÷ 叫号"),
    Column(
        "average_service_minutes",
        "平均时长",
        "办理",
        "minutes",
        "（结束 − 开始 − 中途搁置）之和 ÷ 办件",
    ),
    Column(
        "on_the_spot",
        "当场办结率",
        "办理",
        "rate",
        "结果为“办结”的办件 ÷ 结果为“受理”或“办结”的办件",
    ),
    Column(
        "open_rate",
        "开放率",
        "窗口",
        "rate",
        "工作时间内窗口开放的时间 ÷ 应开放时间（在用窗口 × 大厅工作时间，截至目前）",
        OF_WINDOWS,
        of_time=True,
        tickets=False,
    ),
    Column(
        "utilisation",
        "利用率",
        "窗口",
        "rate",
        "办理时间 ÷ 窗口开放时间；暂停不算开放",
        (*OF_WINDOWS, "clerk"),
        of_time=True,
        tickets=False,
    ),
    Column(
        "evaluator_coverage",
        "评价器覆盖率",
        "窗口",
        "rate",
        "配有在用评价器的开放窗口 ÷ 时段内开放过的窗口",
        OF_WINDOWS,
        tickets=False,
    ),
    Column("rated", "有效评价", "评价", "count", "时段内给出的有效评价；作废、默认和二次评价不计"),
    *(_level(level) for level in Level),
    Column("bad", "差评", "评价", "count", "不满意＋非常不满意"),
    Column(
        "satisfaction", "满意率", "评价", "rate", "（非常满意＋满意＋基本满意）÷ 有效评价，即好评率"
    ),
    Column(
        "satisfaction_strict",
        "满意率（不含基本满意）",
        "评价",
        "rate",
        "（非常满意＋满意）÷ 有效评价",
    ),
    Column("very_satisfied_rate", "非常满意率", "评价", "rate", "非常满意 ÷ 有效评价"),
    Column("bad_rate", "差评率", "评价", "rate", "差评 ÷ 有效评价"),
    Column("score", "平均分", "评价", "score", "非常满意 5 分至非常不满意 1 分的平均"),
    Column("score_of_ten", "平均分（十分制）", "评价", "score", "平均分 × 2"),
    Column("rating_rate", "评价率", "评价", "rate", "有效评价 ÷ 办件，即主动评价率"),
    Column("voided", "作废", "未计入的评价", "count", "认定误评、恶评而作废的评价"),
    Column("void_share", "误评恶评占比", "未计入的评价", "rate", "作废 ÷（有效评价＋作废）"),
    Column("defaults", "默认", "未计入的评价", "count", "导入的默认评价"),
    Column("asked", "邀评", "未计入的评价", "count", "办理后邀请评价的次数"),
    Column("timed_out", "未作答", "未计入的评价", "count", "邀请后超时、至今没有评价的办件"),
    Column("never_asked", "未邀评", "未计入的评价", "count", "没有邀请、也没有评价的办件"),
    *(_channel(channel) for channel in Channel),
    Column(
        "contacted",
        "及时联系率",
        "差评办理",
        "rate",
        "1 个工作日内联系的实名差评 ÷ 已联系或已到期的实名差评",
    ),
    Column("rectified", "整改率", "差评办理", "rate", "已答复的差评 ÷ 已办结或已到期的差评"),
    Column("in_time", "按期整改率", "差评办理", "rate", "期限内答复的差评 ÷ 已办结或已到期的差评"),
    Column("revisited", "回访率", "差评办理", "rate", "已回访的实名差评 ÷ 已办结的实名差评"),
    Column(
        "complaints_on_time",
        "按时回复率",
        "投诉",
        "rate",
        "期限内回复的投诉 ÷ 应回复的投诉（按收到的时间和承办部门计）",
        OF_UNITS,
        tickets=False,
    ),
)
COLUMN = {each.code: each for each in COLUMNS}
GROUPS: tuple[tuple[str, tuple[Column, ...]], ...] = tuple(
    (name, tuple(columns)) for name, columns in groupby(COLUMNS, lambda each: each.group)
)


def check_scope(by: str) -> str:
    """Return a scope, or refuse what no table is made for."""
    if by not in SCOPES:
        raise NotValid("unknown_scope", f"统计范围须为 {'、'.join(SCOPES)} 之一。")
    return by


def check_column(code: str) -> Column:
    """Return a column that tickets stand behind, or refuse another."""
    column = COLUMN.get(code)
    if column is None or not column.tickets:
        raise NotValid("unknown_column", "这一列没有对应的号票。")
    return column


def check_within(pairs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return the filters of texts such as ``department:MZ``; each scope at most once."""
    found = dict(each.partition(":")[::2] for each in pairs)
    for scope in found:
        if check_scope(scope) == "hall":
            raise NotValid("unknown_scope", "全大厅不是筛选条件。")
    return tuple(found.items())
