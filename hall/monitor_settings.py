"""Settings of the live monitor: the cameras above the windows."""

import re

from pydantic import Field, field_validator

from hall.hall_settings import Section

# What may stand in braces in the address of a camera.
CAMERA_WORDS = ("window", "camera", "start", "end", "start_seconds", "end_seconds")


class MonitorSection(Section):
    """The live monitor 实时监控: what its alarms link to; the rules are edited on its page."""

    camera_url: str = Field(
        "",
        description="窗口监控录像的网址，可用 {window} {camera} {start} {end} {start_seconds} "
        "{end_seconds}，如 https://video.example.cn/{window}?from={start}&to={end}；空为没有",
    )
    camera_before_seconds: int = Field(60, ge=0, le=3600, description="录像从告警前多少秒看起")
    camera_after_seconds: int = Field(300, ge=10, le=7200, description="看到告警后多少秒")
    cameras: dict[str, str] = Field(
        {}, description='窗口的摄像机编号，填入 {camera}，如 { 3 = "34020000001320000003" }'
    )

    @field_validator("camera_url")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        if not text:
            return text
        if not re.fullmatch(r"https?://[\w.:\[\]-]+([/?]\S*)?", text, re.ASCII):
            raise ValueError("须是 http:// 或 https:// 开头的完整网址")
        words = re.findall(r"\{(.*?)\}", text)
        if strangers := [word for word in words if word not in CAMERA_WORDS]:
            raise ValueError(f"没有 {{{strangers[0]}}} 可以填，可以写：{'、'.join(CAMERA_WORDS)}")
        if not {"window", "camera"} & set(words):
            raise ValueError("须含有 {window} 或 {camera}，否则每个窗口都是同一画面")
        if re.sub(r"\{\w+\}", "", text).count("{") or re.sub(r"\{\w+\}", "", text).count("}"):
            raise ValueError("花括号须成对，里面写可用的名称")
        return text

    @field_validator("cameras")
    @classmethod
    def _are_of_windows(cls, cameras: dict[str, str]) -> dict[str, str]:
        for window in cameras:
            if not re.fullmatch(r"[1-9][0-9]{0,3}", window):
                raise ValueError(f"“{window[:20]}”不是窗口号")
        return cameras
