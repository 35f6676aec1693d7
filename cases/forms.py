"""What is asked for each act on a case: the forms of its page, in the order of its life; pure."""

from dataclasses import dataclass

from cases import conditions, words
from cases.life import Verb


@dataclass(frozen=True, slots=True)
class Field:
    """One question: ``kind`` is text, area, choice, handler, day or check."""

    name: str
    label: str
    kind: str = "area"
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    must: bool = True
    most: int = words.NOTE_LENGTH


@dataclass(frozen=True, slots=True)
class Form:
    """How an act is offered: its title, what it means, its button and its questions."""

    verb: Verb
    title: str
    button: str
    fields: tuple[Field, ...] = ()
    hint: str = ""
    danger: bool = False


def _choice(name: str, label: str, choices: dict[str, str]) -> Field:
    return Field(name, label, "choice", tuple(choices.items()))


PUBLISH = Field("publish", "公开答复，隐去个人信息", "check", must=False)
FORMS = (
    Form(Verb.ASSIGN, "分派承办人", "分派差评", (Field("to", "承办人", "handler"),)),
    Form(
        Verb.ACCEPT,
        "受理",
        "受理差评",
        hint="受理后由您承办。实名差评须在收到评价后一个工作日内联系评价人。",
    ),
    Form(
        Verb.CONTACT,
        "联系评价人",
        "记录联系情况",
        (
            _choice("way", "怎样联系", conditions.WAYS),
            _choice("outcome", "结果", conditions.CONTACTS),
            Field("note", "联系情况", hint="对方反映了什么，希望怎样解决。不要写电话号码。"),
        ),
    ),
    Form(
        Verb.RECTIFY,
        "合理诉求：整改",
        "开始整改",
        (
            _choice("kind", "问题", conditions.KINDS),
            Field("cause", "核实情况", hint="查看了哪些记录，问题出在哪里。"),
            Field("plan", "整改措施", hint="复杂问题必填。", must=False),
            Field("due", "计划完成日期", "day", hint="可不填，即按最长期限。", must=False),
        ),
    ),
    Form(
        Verb.EXPLAIN,
        "诉求没有依据：解释说明",
        "认定为解释说明",
        (Field("cause", "核实情况", hint="写明依据的规定和已作的说明。"),),
    ),
    Form(
        Verb.ANSWER,
        "答复",
        "提交答复",
        (
            Field("reply", "给评价人的答复", most=words.ANSWER_LENGTH),
            Field(
                "public",
                "公开答复",
                hint="公开的文字里不能有电话、证件号码、姓名或邮箱。",
                most=words.ANSWER_LENGTH,
            ),
        ),
        hint="整改后的差评，群众可凭小票二维码追评一次。",
    ),
    Form(
        Verb.REVISIT,
        "回访",
        "记录回访",
        (
            _choice("outcome", "结果", conditions.TRIES),
            Field("note", "回访情况"),
            PUBLISH,
        ),
        hint="联系不上的，至少回访三次，分在两天以上。仍不满意的退回再整改一次。",
    ),
    Form(
        Verb.DISMISS,
        "申诉不成立",
        "退回继续办理",
        (Field("note", "复核意见", most=200),),
        hint="退回后办理时限接着算，申诉期间不计。",
    ),
    Form(
        Verb.UPHOLD,
        "申诉成立",
        "作废这条评价",
        (Field("note", "复核意见", most=200),),
        hint="评价保留并标明作废，不计入满意率，计入误评恶评数。不能撤销。",
        danger=True,
    ),
    Form(Verb.CLOSE, "办结", "办结差评", (PUBLISH,), hint="匿名差评没有联系方式，不用回访。"),
    Form(
        Verb.EXTEND,
        "批准延期",
        "批准延期",
        (Field("note", "意见", must=False),),
    ),
    Form(Verb.REFUSE_EXTENSION, "不批准延期", "不批准", (Field("note", "原因"),)),
    Form(
        Verb.ASK_EXTENSION,
        "申请延期",
        "申请延期",
        (Field("until", "新的期限", "day"), Field("reason", "延期原因")),
    ),
    Form(
        Verb.APPEAL,
        "申诉：误评或恶意评价",
        "提出申诉",
        (_choice("kind", "类别", conditions.VOIDS), Field("reason", "理由和证据")),
        hint="由单位以外的人复核，每件只能申诉一次；复核期间时限暂停。",
    ),
    Form(
        Verb.HAND_OVER,
        "移交给其他承办人",
        "移交差评",
        (Field("to", "承办人", "handler"), Field("reason", "移交原因")),
        hint="办理时限不变。",
    ),
    Form(Verb.SEND_BACK, "不属本单位：退回改派", "退回改派", (Field("reason", "退回原因"),)),
)
FORM_OF = {each.verb: each for each in FORMS}
