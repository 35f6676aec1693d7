"""``webhook`` and ``province``: who outside the hall hears of it."""

from typing import TYPE_CHECKING

from hall import days
from hall.refusals import NotValid

if TYPE_CHECKING:
    from outbox.receivers import Receivers
from commandline.asked import Asked, say

WEBHOOK_VERBS = ("add", "list", "remove", "retry", "rotate")
PROVINCE_VERBS = ("list", "retry", "replay")
PROVINCE_STATES = {"pending": "待上报", "failed": "将重试", "sent": "已上报", "dead": "已放弃"}


def webhook(asked: Asked) -> int:
    """Add, list, remove, retry or rekey the addresses that hear what happens in the hall."""
    from outbox.receivers import Receivers

    verb, what = asked.words.verb, asked.words.what
    register = asked.register() if verb == "add" else asked.known_register()
    receivers, by = Receivers(register.store, days.now), "server.py webhook"
    if verb == "list":
        _list_webhooks(receivers)
    elif verb == "add":
        added = receivers.add(what or "", asked.words.events, by)
        say(f"已登记 webhook {added.id}：{added.url}")
        say(f"签名密钥（只显示这一次）：{added.secret}")
    elif verb == "remove":
        receivers.remove(_webhook_id(what), by)
        say(f"已删除 webhook {what}。")
    elif verb == "rotate":
        secret = receivers.rotate(_webhook_id(what), by)
        say(f"webhook {what} 的新签名密钥（只显示这一次）：{secret}")
        say("24 小时内每条消息带新旧两个签名；请在此之前给接收方换上新密钥。")
    else:
        how_many = receivers.retry(_webhook_id(what), by)
        say(f"webhook {what} 已启用，{how_many} 条消息将重新发送。")
    return 0


def _webhook_id(text: str | None) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        raise NotValid("bad_webhook", "请写明 webhook 的编号，见 server.py webhook list。")
    return int(text)


def _list_webhooks(receivers: "Receivers") -> None:
    for each in receivers.all():
        events = "、".join(each.webhook.events) or "全部事件"
        off = "" if each.webhook.active else "　已停用"
        say(f"{each.webhook.id}　{each.webhook.url}　{events}{off}")
        say(f"　　已送达 {each.sent}，待发送 {each.open}，已放弃 {each.dead}　{each.last_error}")


def province(asked: Asked) -> int:
    """Say how the ratings on their way to the province stand, or send them again."""
    from province import adapters
    from province.connector import Connector

    register, by = asked.known_register(), "server.py province"
    adapter = adapters.adapter_of(asked.config, asked.database.absolute().parent)
    connector = Connector(asked.book(register), adapter, lambda *_: None)
    words = asked.words
    if words.verb == "replay":
        how_many = connector.replay(words.first or "", words.last or words.first or "", by=by)
        say(f"{how_many} 条将重新上报；省平台已有的不会重复。")
    elif words.verb == "retry":
        say(f"{connector.send_all_again(by=by)} 条失败的将重新上报。")
    else:
        counts = connector.standing().counts
        for state, word in PROVINCE_STATES.items():
            say(f"{word}　{counts.get(state, 0)}")
    return 0
