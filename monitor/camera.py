"""The address of a window's camera at a minute, as the hall's recorder takes it; pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote
from zoneinfo import ZoneInfo

from hall import days
from hall.days import SECOND, Instant


@dataclass(frozen=True, slots=True)
class Camera:
    """The settings of ``[monitor]``: an address with words in braces, and the time around."""

    camera_url: str = ""
    camera_before_seconds: int = 60
    camera_after_seconds: int = 300
    cameras: Mapping[str, str] = field(default_factory=dict)

    def link(self, window: int | None, at: Instant, zone: ZoneInfo) -> str:
        """Return where a window's picture at an instant is seen, empty where there is none."""
        if not self.camera_url or window is None:
            return ""
        own = self.cameras.get(str(window), "")
        if "{camera}" in self.camera_url and not own:
            return ""
        start = at - self.camera_before_seconds * SECOND
        end = at + self.camera_after_seconds * SECOND
        words = {
            "window": window,
            "camera": own,
            "start": days.iso(start, zone),
            "end": days.iso(end, zone),
            "start_seconds": start // SECOND,
            "end_seconds": end // SECOND,
        }
        address = self.camera_url
        for word, value in words.items():
            address = address.replace(f"{{{word}}}", quote(str(value), safe=""))
        return address
