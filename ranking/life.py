"""A month's ranking on its way to publication: states, who may do what, versions; pure."""

from dataclasses import dataclass
from enum import StrEnum

from hall import days
from hall.days import Instant
from hall.refusals import NotAllowed, NotFound, NotValid

WORDS_LENGTH = 200


class State(StrEnum):
    """Where a ranking stands."""

    DRAFT = "draft"
    SIGNED = "signed"
    PUBLISHED = "published"
    RETURNED = "returned"
    REPLACED = "replaced"


class Verb(StrEnum):
    """What is done in this room."""

    DRAFT = "draft"
    REPLACE = "replace"
    SIGN = "sign"
    RETURN = "return"
    PUBLISH = "publish"
    GIVE = "give"
    FIND = "find"


IN_CHINESE = {
    State.DRAFT: "待签发",
    State.SIGNED: "已签发，待发布",
    State.PUBLISHED: "已发布",
    State.RETURNED: "已退回",
    State.REPLACED: "已被新草稿替换",
}
DONE_IN_CHINESE = {
    Verb.DRAFT: "拟稿",
    Verb.REPLACE: "被新草稿替换",
    Verb.SIGN: "签发",
    Verb.RETURN: "退回",
    Verb.PUBLISH: "发布",
    Verb.GIVE: "巡查与考勤",
    Verb.FIND: "投诉归口",
}
MAY_BECOME: dict[State, dict[Verb, State]] = {
    State.DRAFT: {
        Verb.SIGN: State.SIGNED,
        Verb.RETURN: State.RETURNED,
        Verb.REPLACE: State.REPLACED,
    },
    State.SIGNED: {Verb.PUBLISH: State.PUBLISHED, Verb.RETURN: State.RETURNED},
    State.PUBLISHED: {},
    State.RETURNED: {},
    State.REPLACED: {},
}
MAY: dict[Verb, frozenset[str]] = {
    Verb.DRAFT: frozenset({"manager"}),
    Verb.SIGN: frozenset({"leader"}),
    Verb.RETURN: frozenset({"leader"}),
    Verb.PUBLISH: frozenset({"manager", "leader"}),
    Verb.GIVE: frozenset({"inspector"}),
    Verb.FIND: frozenset({"inspector"}),
}
ROLE_WORDS = {"manager": "大厅负责人", "leader": "分管领导", "inspector": "督查人员"}


@dataclass(frozen=True, slots=True)
class Ranking:
    """One version of a month's ranking; ``snapshot`` is its text, ``seal`` the hash of that."""

    id: int
    month: str
    version: int
    state: State
    reason: str
    snapshot: str
    seal: str
    drafted_by: str
    drafted_at: Instant
    signed_by: str = ""
    signed_at: Instant | None = None
    published_by: str = ""
    published_at: Instant | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done with it."""
        return bool(MAY_BECOME[self.state])

    @property
    def words(self) -> str:
        """How it is called: 2026年10月第1版."""
        return f"{month_words(self.month)}第{self.version}版"


def month_words(month: str) -> str:
    """Return ``2026年10月``."""
    return f"{int(month[:4])}年{int(month[5:7])}月"


def known(ranking: Ranking | None) -> Ranking:
    """Return a ranking, or refuse that there is none."""
    if ranking is None:
        raise NotFound("unknown_ranking", "没有这份评比。")
    return ranking


def check_month(month: str) -> str:
    """Return a month (``YYYY-MM``), or refuse what is none."""
    if not days.is_month(month):
        raise NotValid("bad_month", "月份须写作 2026-11 的样子。")
    return month


def check_over(month: str, this_month: str) -> None:
    """Refuse a month that is not over yet."""
    if check_month(month) >= this_month:
        raise NotAllowed("month_not_over", f"{month_words(month)}还没有结束，月末以后才能拟稿。")


def check_begun(month: str, this_month: str) -> None:
    """Refuse a month that has not begun."""
    if check_month(month) > this_month:
        raise NotAllowed("month_not_begun", f"{month_words(month)}还没有开始。")


def check_role(verb: Verb, role: str) -> None:
    """Refuse who is not there to do this."""
    if role not in MAY[verb]:
        who = "或".join(word for each, word in ROLE_WORDS.items() if each in MAY[verb])
        raise NotAllowed("not_yours", f"{DONE_IN_CHINESE[verb]}由{who}办理。")


def becomes(ranking: Ranking, verb: Verb, by: str) -> State:
    """Return what a ranking becomes; refuse a step it does not have, and one's own signature."""
    follows = MAY_BECOME[ranking.state].get(verb)
    if follows is None:
        state, done = IN_CHINESE[ranking.state], DONE_IN_CHINESE[verb]
        raise NotAllowed("wrong_state", f"{ranking.words}{state}，不能{done}。")
    if verb is Verb.SIGN and by == ranking.drafted_by:
        raise NotAllowed("own_draft", "拟稿人不能签发自己的稿件，请由其他分管领导签发。")
    return follows


def check_reason(version: int, reason: str) -> str:
    """Return why there is another version; the first needs no reason, a correction does."""
    if version == 1:
        return ""
    return check_words(reason, "更正原因")


def check_words(text: str, what: str) -> str:
    """Return what somebody wrote, or refuse nothing and too much."""
    told = text.strip()
    if not told:
        raise NotValid("words_missing", f"请写明{what}。")
    if len(told) > WORDS_LENGTH:
        raise NotValid("words_too_long", f"{what}最多 {WORDS_LENGTH} 个字，现有 {len(told)} 个。")
    return told
