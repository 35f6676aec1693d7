"""What was complained about in the demo hall, and how its units answered."""

from dataclasses import dataclass
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from complaints.complaints import Complaints
from complaints.drafting import Draft
from demo.followed import INSPECTOR, Hand
from hall import days
from hall.config import Config
from hall.days import DAY, HOUR, Instant
from hall.desk import Desk
from hall.register import Register
from hall.store import Store

GUIDE = "2003"
REPLY = "向您致歉。反映的问题已核实并整改，窗口已重新公示一次性告知单。"


@dataclass(frozen=True, slots=True)
class Story:
    """A complaint of so many days ago, and after how many more its unit took it up and replied."""

    ago: int
    unit: str
    source: str
    title: str
    complainant: str = ""
    accepted: int | None = None
    replied: int | None = None
    closed: bool = False


STORIES = (
    Story(38, "shebao", "window", "同一材料被要求提交两次", "何立", 1, 9, closed=True),
    Story(36, "budongchan", "order", "预约后到厅仍须重新排队", "尤佳", 1, 12, closed=True),
    Story(35, "gongan", "phone", "午间窗口无人值守，没有告示", "", 0, 6, closed=True),
    Story(33, "shuiwu", "letter", "办事指南与窗口要求不一致", "孔祥", 2, 29),
    Story(30, "yibao", "box", "排队两小时，办理三分钟", "", 1),
    Story(16, "minzheng", "order", "电话咨询多次无人接听", "戚蓝", 1, 10),
    Story(12, "renshe", "window", "证明材料在窗口遗失", "段新", 1, 7),
    Story(9, "zhujian", "order", "承诺的办结时间过了三天", "易中", 1),
    Story(5, "gongjijin", "phone", "不同窗口说法不一致，往返三次", "廖云", 1),
    Story(3, "shichang", "box", "希望增加周六办理企业开办"),
    Story(1, "shenpi", "window", "材料齐全却被告知改天再来", "文竹"),
    Story(0, "", "letter", "停车场出口标识看不清"),
)


def complain(database: Path, config: Config, now: Instant) -> int:
    """Write down what the demo's citizens complained about until now; return how many they were."""
    store, clock = Store(database), Hand(now)
    try:
        register = Register(store, clock)
        desk = Desk(store, register, config, clock)
        room = Complaints(store, register, desk, config, clock)
        people = register.catalogue().people
        handlers = {each.department: each.staff_number for each in people if each.role == "handler"}
        for number, story in enumerate(STORIES, start=1):
            _live(room, clock, story, number, handlers.get(story.unit, ""), now)
    finally:
        store.close()
    return len(STORIES)


def _live(
    room: Complaints, clock: Hand, story: Story, number: int, handler: str, now: Instant
) -> None:
    clock.instant = came = now - story.ago * DAY - 2 * HOUR
    known = {each.code for each in room.register.catalogue().departments}
    draft = Draft(
        source=story.source,
        order_number=f"YX{days.day_of(came, room.zone).replace('-', '')}{number:04d}"
        if story.source == "order"
        else "",
        title=story.title,
        complainant=story.complainant,
        content=f"{story.title}，请核实并改进。",
        at=came,
        unit=story.unit if story.unit in known else "",
    )
    made = room.register_one(draft, str(uuid5(NAMESPACE_URL, f"demo complaint {number}")), GUIDE)
    if story.accepted is not None:
        clock.instant = came + story.accepted * DAY + HOUR
        room.accept(made.id, by=handler)
    if story.replied is not None:
        clock.instant = came + story.replied * DAY
        room.reply(made.id, REPLY, by=handler)
    if story.closed:
        clock.instant += DAY
        room.close(made.id, by=INSPECTOR)
