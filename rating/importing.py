"""Files of other systems read into ratings and into tags, with every mistake by its row; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from hall.days import DAY, Instant
from hall.refusals import NotValid
from hall.tickets import Visit, VisitState
from rating.levels import LEVELS, Channel, Level, Tag, channel_said, level_said

MOST_ROWS = 5_000
TAGS_SHOWN_FIRST, TAGS_A_LEVEL, TAG_LENGTH, CODE_LENGTH = 3, 20, 30, 20
# The headings of a file of ratings: its own word first, then what programs write.
HEADINGS = {
    "visit": ("办理编号", "visit"),
    "day": ("日期", "day"),
    "number": ("号码", "number", "ticket"),
    "level": ("评价等级", "满意度", "level"),
    "at": ("评价时间", "time", "at"),
    "channel": ("评价渠道", "渠道", "channel"),
    "default": ("默认评价", "是否默认", "default"),
    "text": ("评价内容", "文字评价", "text"),
}
TAG_HEADINGS = {
    "level": ("等级", "评价等级", "level"),
    "code": ("代码", "标签代码", "code"),
    "first": ("直接显示", "shown_first"),
    "text": ("标签", "标签内容", "text_zh", "text"),
}
YES, NO = ("是", "1", "true", "yes"), ("否", "0", "", "false", "no")

Cells = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a row of a file; ``line`` counts as a spreadsheet does, from 1."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"第 {self.line} 行：{self.message}" if self.line else self.message


class FileProblems(NotValid):
    """A file that cannot be taken over; ``problems`` has all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("bad_file", f"文件有 {len(problems)} 处问题，什么都没有导入。")
        self.problems = list(problems)


@dataclass(frozen=True, slots=True)
class Row:
    """A rating of another system: whose it is, by visit id or by day and ticket number."""

    line: int
    visit: int | None
    day: str
    number: str
    level: Level
    at: Instant
    channel: Channel
    by_default: bool
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the hall knows of a row's visit: itself, and level, time and default of its rating."""

    visit: Visit
    rated: tuple[Level, Instant, bool] | None


# -- a table of cells --------------------------------------------------------------------------


def records(
    cells: Cells, headings: Mapping[str, Sequence[str]], needed: Sequence[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and fields of every row that says something; FileProblems for its headings."""
    first = [text.strip() for text in cells[0]] if cells else []
    places = {
        field: place
        for field, words in headings.items()
        for place, text in enumerate(first)
        if text.lower() in words
    }
    missing = [headings[field][0] for field in needed if field not in places]
    if missing:
        raise FileProblems([Problem(1, f"第一行缺少标题“{word}”。") for word in missing])
    if len(cells) - 1 > MOST_ROWS:
        raise FileProblems([Problem(0, f"行太多：一个文件最多 {MOST_ROWS} 行，请分开导入。")])
    for line, row in enumerate(cells[1:], start=2):
        if any(text.strip() for text in row):
            yield (
                line,
                {
                    field: row[place].strip() if place < len(row) else ""
                    for field, place in places.items()
                },
            )


# -- ratings -----------------------------------------------------------------------------------


def rows_of(cells: Cells, zone: ZoneInfo, text_length: int) -> tuple[list[Row], list[Problem]]:
    """Return the rows of a file of ratings, and a problem for each row that is none."""
    found: list[Row] = []
    problems: list[Problem] = []
    for line, said in records(cells, HEADINGS, ("level", "at")):
        try:
            found.append(_row(line, said, zone, text_length))
        except NotValid as refusal:
            problems.append(Problem(line, refusal.message))
    return found, problems


def _row(line: int, said: Mapping[str, str], zone: ZoneInfo, text_length: int) -> Row:
    visit, day, number = said.get("visit", ""), said.get("day", ""), said.get("number", "").upper()
    if visit and not (visit.isascii() and visit.isdigit() and len(visit) <= 15):
        raise NotValid("bad_visit", "办理编号须为数字。")
    if not visit and not (day and number):
        raise NotValid("bad_visit", "请写办理编号，或写日期和号码。")
    text = said.get("text", "")
    if len(text) > text_length:
        raise NotValid("text_too_long", f"评价内容最多 {text_length} 个字，现有 {len(text)} 个。")
    return Row(
        line=line,
        visit=int(visit) if visit else None,
        day=_day(day) if day else "",
        number=number,
        level=level_said(said["level"]),
        at=_instant(said["at"], zone),
        channel=channel_said(said.get("channel", "")),
        by_default=_yes(said.get("default", "")),
        text=text,
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise NotValid("bad_day", "日期须写作 2026-11-23 的样子。") from None


def _instant(text: str, zone: ZoneInfo) -> Instant:
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        raise NotValid("bad_time", "评价时间须写作 2026-11-23 10:30 的样子。") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return int(aware.timestamp() * 1000)


def _yes(text: str) -> bool:
    if text.lower() not in YES + NO:
        raise NotValid("bad_yes", f"须写“是”或“否”，不能是“{text[:10]}”。")
    return text.lower() in YES


def check_row(row: Row, known: Known, now: Instant, link_days: int) -> bool:
    """Return whether a row is news; False when it was imported before. NotValid says why not."""
    visit, ended_at = known.visit, known.visit.ended_at
    if visit.state is not VisitState.DONE or ended_at is None:
        raise NotValid("not_rateable", "这次办理没有办完，不能评价。")
    if known.rated is not None:
        level, at, by_default = known.rated
        # a second is as exact as files are
        if (level, by_default) == (row.level, row.by_default) and abs(at - row.at) < 1000:
            return False
        raise NotValid("already_rated", "这次服务已经有评价，不能再导入。")
    if row.at < ended_at - ended_at % 1000:
        raise NotValid("too_early", "评价时间早于办完时间。")
    if row.at > now:
        raise NotValid("in_the_future", "评价时间还没有到。")
    if row.by_default:
        _check_default(row, ended_at, now, link_days)
    elif row.at - ended_at > link_days * DAY:
        raise NotValid("too_late", f"评价时间晚于办完后 {link_days} 天。")
    return True


def _check_default(row: Row, ended_at: Instant, now: Instant, link_days: int) -> None:
    """A default is nobody's word: it stands in no citizen's way, and blames nobody."""
    if row.level.is_bad:
        raise NotValid("bad_default", "默认评价不能是差评。")
    if now - ended_at <= link_days * DAY:
        raise NotValid(
            "still_rateable", f"办完还不到 {link_days} 天，群众仍可评价，到期后才能导入默认评价。"
        )


# -- tags --------------------------------------------------------------------------------------


def tags_of(cells: Cells, version: int) -> list[Tag]:
    """Return the tags of a file as a version; FileProblems has every mistake by its row."""
    found: list[Tag] = []
    problems: list[Problem] = []
    for line, said in records(cells, TAG_HEADINGS, ("level", "code", "text")):
        try:
            tag = _tag(said, version)
            _check_beside(tag, found)
            found.append(tag)
        except NotValid as refusal:
            problems.append(Problem(line, refusal.message))
    if not problems:
        missing = [level for level in LEVELS if level not in {tag.level for tag in found}]
        problems = [Problem(0, f"缺少“{level.chinese}”的标签。") for level in missing]
    if problems:
        raise FileProblems(problems)
    return sorted(_with_first(found), key=lambda tag: LEVELS.index(tag.level))


def _tag(said: Mapping[str, str], version: int) -> Tag:
    code, text = said["code"], said["text"]
    if not (code.isascii() and code.isalnum()) or len(code) > CODE_LENGTH:
        raise NotValid("bad_code", f"标签代码须为最多 {CODE_LENGTH} 个字母或数字。")
    if not 0 < len(text) <= TAG_LENGTH:
        raise NotValid("bad_tag", f"标签须为 1 到 {TAG_LENGTH} 个字。")
    return Tag(version, level_said(said["level"]), code, _yes(said.get("first", "")), text)


def _check_beside(tag: Tag, others: Sequence[Tag]) -> None:
    if any(each.code == tag.code for each in others):
        raise NotValid("code_twice", f"标签代码 {tag.code} 出现了两次。")
    same = [each for each in others if each.level is tag.level]
    if any(each.text == tag.text for each in same):
        raise NotValid("tag_twice", f"“{tag.level.chinese}”的标签“{tag.text}”出现了两次。")
    if len(same) == TAGS_A_LEVEL:
        raise NotValid("too_many", f"“{tag.level.chinese}”的标签最多 {TAGS_A_LEVEL} 个。")
    if tag.first and sum(each.first for each in same) == TAGS_SHOWN_FIRST:
        said = f"“{tag.level.chinese}”直接显示的标签最多 {TAGS_SHOWN_FIRST} 个，其余放在“更多”里。"
        raise NotValid("too_many_first", said)


def _with_first(tags: Sequence[Tag]) -> Iterator[Tag]:
    """Show a level's first three at once where the file does not say which."""
    for level in LEVELS:
        of_level = [tag for tag in tags if tag.level is level]
        said = any(tag.first for tag in of_level)
        for place, tag in enumerate(of_level):
            first = tag.first if said else place < TAGS_SHOWN_FIRST
            yield Tag(tag.version, tag.level, tag.code, first, tag.text)
