"""The words of matters (事项): their kinds, and the ways they are applied for; pure."""

AT_ONCE, PROMISED = "at_once", "promised"
KINDS = {AT_ONCE: "即办件", PROMISED: "承诺件"}
WAYS = {
    "window": "窗口办理",
    "online": "网上办理",
    "mobile": "掌上办理",
    "self": "自助终端办理",
    "post": "邮寄办理",
    "once": "一次办好",
    "home": "上门办理",
}
# The longest limit a law names for one step is a year and a half; nobody promises more.
MOST_DAYS = 400


def days_said(kind: str, days: int) -> str:
    """Return a limit as people say it: 当场办结, 5 个工作日; empty without one."""
    if kind == AT_ONCE and not days:
        return "当场办结"
    return f"{days} 个工作日" if days else ""
