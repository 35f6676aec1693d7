"""How a refusal is answered: JSON for programs, a calm page for people, never a trace."""

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import structlog
from apiflask import APIFlask
from apiflask.exceptions import HTTPError
from flask import Request, Response, jsonify, redirect, render_template, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from admission.lockout import MustWait
from hall.file import FileTrouble, told_of
from hall.refusals import NotAllowed, NotFound, NotValid
from web import auditing
from web.access import signed_in, was_a_device
from web.limits import TooOften
from web.logs import request_id
from web.office import acting, frame, in_the_bar
from web.plain_http import TlsNeeded
from web.principals import ROLES, Locked, NotForYou, NotSignedIn
from web.same_origin import NotYours

STATUS: tuple[tuple[type[NotAllowed], int], ...] = (
    (NotSignedIn, 401),
    (NotForYou, 403),
    (Locked, 423),
    (NotYours, 403),
    (TlsNeeded, 403),
    (TooOften, 429),
    (MustWait, 429),
    (NotFound, 404),
    (NotValid, 422),
    (NotAllowed, 409),
)
OF_HTTP = {
    400: ("bad_request", "请求的格式不正确，请检查后重试。"),
    404: ("not_found", "没有这个页面或地址，请检查后重试。"),
    405: ("method_not_allowed", "这个地址不支持这样的请求。"),
    413: ("too_large", "发送的内容太大。"),
    415: ("not_json", "请以 JSON 发送（Content-Type: application/json）。"),
    431: ("too_large", "请求头太大。"),
}
# Pages of machines at which nobody signs in: without a device they wait to be paired.
SCREENS = ("/kiosk", "/display", "/evaluator")
INTERNAL = ("internal", "系统出错，已记录。请稍后再试；如仍不行，请联系管理员。")
log = structlog.get_logger("web")


# JSON may hold one half of a sign beyond 16 bits, which is no text: it cannot be hashed or stored.
HALF_A_SIGN = re.compile(rb"\\u[dD][89a-fA-F]")


class HallRequest(Request):
    """A request whose body, where JSON is wanted, is JSON or a refusal; no body is an empty one."""

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        """Take nothing for ``{}``: a program need not send two braces to a verb without words."""
        if e is not None and not self.get_data():
            return {}
        raise NotValid("bad_json", "请求内容不是正确的 JSON，请检查后重试。")

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the body; one nested deeper than Python reads, or with half a sign, is no JSON."""
        try:
            read = super().get_json(force, silent, cache)
            if HALF_A_SIGN.search(self.get_data()):
                json.dumps(read, ensure_ascii=False).encode()
        except (RecursionError, UnicodeEncodeError) as wrong:
            if silent:
                return None
            return self.on_json_loading_failed(ValueError(str(wrong)))
        return read


def status_of(refusal: NotAllowed) -> int:
    """Return the HTTP status of a refusal that is about to be answered."""
    auditing.refused(refusal.code)
    return next(status for kind, status in STATUS if isinstance(refusal, kind))


def wants_json() -> bool:
    """Return whether the asker is a program: our scripts are, a browser's address bar is not."""
    path = request.path
    if path.startswith("/api/") or path.endswith((".json", ".svg", ".png", ".csv", ".xlsx")):
        return True
    return request.is_json or "text/html" not in request.headers.get("Accept", "")


def answer(code: str, message: str, status: int) -> tuple[Response | str, int]:
    """Return a refusal as whoever asks can read it."""
    auditing.refused(code)
    if wants_json():
        return jsonify(code=code, message=message), status
    return _page(code, message, status), status


def _page(code: str, message: str, status: int) -> str:
    """Return a refusal as a page: whoever has pages of the staff keeps their bar above it."""
    told = {
        "code": code,
        "message": message,
        "heading": heading_of(status),
        "other_person": status in (401, 403),
        "back": _came_from(),
    }
    try:
        bar, _ = in_the_bar(signed_in(), "")
        if bar:
            around = frame("", ROLES, with_said=False) | {"principal": acting(*ROLES)}
            return render_template("refused.html", **told, **around)
    except Exception as trouble:  # noqa: BLE001 - a failure's page must not fail for its reason
        log.warning("error_page_without_bar", reason=str(trouble))
    return render_template("error.html", **told)


def heading_of(status: int) -> str:
    """Return what a refusal is called above its page and in the browser's tab."""
    if status >= 500:
        return "系统出错"
    return {401: "请先登录", 403: "无权进入", 404: "没有找到"}.get(status, "不能进行")


def _came_from() -> str:
    """Return the page of this hall somebody came from, empty when it is this one or unknown."""
    came = urlsplit(request.referrer or "")
    if came.netloc != request.host or not came.path.startswith("/"):
        return ""
    back = urlunsplit(("", "", came.path, came.query, ""))
    here = request.full_path.removesuffix("?")
    return "" if back.startswith("//") or (request.method == "GET" and back == here) else back


def _refused(refusal: NotAllowed) -> Any:
    auditing.refused(refusal.code)
    if isinstance(refusal, NotSignedIn) and not wants_json():
        if not request.path.startswith(SCREENS):
            return _to_the_sign_in()
        return _to_the_sign_in("/pair", "why=revoked&" if was_a_device() else "")
    if isinstance(refusal, Locked) and not wants_json():
        return _to_the_sign_in("/sign-in/locked")
    return answer(refusal.code, refusal.message, status_of(refusal))


def _to_the_sign_in(door: str = "/sign-in", why: str = "") -> Any:
    """Lead to the sign-in and from there back: to the page asked for, or where a form stood."""
    back = request.full_path.removesuffix("?")
    if request.method != "GET":
        came_from = urlsplit(request.referrer or "")
        back = urlunsplit(("", "", came_from.path, came_from.query, "")) or "/"
    return redirect(f"{door}?{why}next={quote(back, safe='/')}", 303)


def _not_http(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error.get_response()
    code, message = OF_HTTP.get(error.code, ("refused", "请求被拒绝，请检查后重试。"))
    if error.code >= 500:
        code, message = INTERNAL
    return answer(code, message, error.code)


def _bad_input(error: ValidationError) -> Any:
    return answer("bad_input", sentence(error.errors(include_url=False)), 422)


def _unexpected(error: Exception) -> Any:
    # under the route, since an address may hold a citizen's link; the number leads to the line
    route = request.url_rule.rule if request.url_rule else "none"
    log.error("request_failed", route=route, method=request.method, exc_info=error)
    code, message = INTERNAL
    return answer(code, f"{message}（编号 {request_id()}）", 500)


def _too_large_a_number(_error: OverflowError) -> Any:
    """Answer 422 for a number that no day, row or file of a hall has: SQLite ends at 2**63."""
    return answer("bad_number", "数字超出了范围，请检查后重试。", 422)


def _not_saved(error: FileTrouble) -> Any:
    """Answer 503 for what the disk did not take: it is worth another try, and nobody's mistake."""
    if (told := told_of(error)) is None:
        return _unexpected(error)
    route = request.url_rule.rule if request.url_rule else "none"
    # one line, no trace: on a full disk there may be thousands
    log.error("not_saved", code=told[0], route=route, method=request.method, reason=str(error))
    return answer(*told, 503)


def _bad_body(error: HTTPError) -> Any:
    """Answer what APIFlask found wrong with a body."""
    if isinstance(cause := error.__cause__, ValidationError):
        return _bad_input(cause)
    code, message = OF_HTTP.get(error.status_code, ("refused", "请求被拒绝，请检查后重试。"))
    return answer(code, message, error.status_code)


# -- a mistake in a body, as a sentence --------------------------------------------------------

SENTENCES = {
    "missing": "缺少 {name}",
    "extra_forbidden": "不认识 {name}",
    "string_type": "{name} 须为文字",
    "int_type": "{name} 须为整数",
    "int_parsing": "{name} 须为整数",
    "int_from_float": "{name} 须为整数",
    "list_type": "{name} 须为列表",
    "tuple_type": "{name} 须为列表",
    "bool_type": "{name} 须为 true 或 false",
    "model_type": "内容须为 JSON 对象",
    "model_attributes_type": "内容须为 JSON 对象",
    "dict_type": "{name} 须为 JSON 对象",
    "string_too_short": "{name} 不能为空",
    "string_too_long": "{name} 最多 {max_length} 个字",
    "too_long": "{name} 最多 {max_length} 项",
    "greater_than_equal": "{name} 不能小于 {ge}",
    "less_than_equal": "{name} 不能大于 {le}",
    "literal_error": "{name} 须为 {expected} 之一",
    "enum": "{name} 须为 {expected} 之一",
    "string_pattern_mismatch": "{name} 的写法不正确",
}


def sentence(mistakes: Sequence[Any]) -> str:
    """Return all mistakes of a body as one sentence."""
    return "；".join(_mistake(each) for each in mistakes) + "。请改正后重试。"


def _mistake(mistake: Any) -> str:
    name = ".".join(str(part) for part in mistake["loc"]) or "内容"
    form = SENTENCES.get(mistake["type"], "{name} 不符合要求")
    return form.format(name=name, **mistake.get("ctx", {}))


def register(app: APIFlask) -> None:
    """Let an app answer every refusal and every failure this way."""
    app.request_class = HallRequest
    app.register_error_handler(NotAllowed, _refused)
    app.register_error_handler(ValidationError, _bad_input)
    app.register_error_handler(HTTPError, _bad_body)
    app.register_error_handler(HTTPException, _not_http)
    app.register_error_handler(FileTrouble, _not_saved)
    app.register_error_handler(OverflowError, _too_large_a_number)
    app.register_error_handler(Exception, _unexpected)
