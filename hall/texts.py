"""Where a hall may put words of its own: on slips and screens, and how long they may be; pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """A place for words: how many characters fit, and what stands there without any.

    ``most_en`` of 0 is a place that knows no English; ``by_zone`` may differ from zone to zone.
    """

    name: str
    about: str
    most: int
    most_en: int = 0
    usual: str = ""
    by_zone: bool = False


PLACES = {
    "kiosk_greeting": Place(
        "取号机问候语",
        "取号机首页，“常办业务”旁边的一句话。",
        16,
        40,
        "点选业务，再点“取号”",
    ),
    "slip_foot": Place(
        "号票末行",
        "每张号票的最后，服务热线的下面。",
        40,
        80,
    ),
    "display_notice": Place(
        "大屏提示",
        "大屏的提示行；可以每个楼层分区各写一句。大厅关闭时显示关闭的原因。",
        40,
        usual="请先取号，听到叫号后到窗口办理",
        by_zone=True,
    ),
    "closing_words": Place(
        "评价后的致谢",
        "群众在评价器或手机上评价以后。",
        30,
        usual="您的评价已收到，请慢走。",
    ),
}
