"""Settings of the copies of a hall's file: the second disk, the nights, how long they stay."""

from datetime import time

from pydantic import Field

from hall.hall_settings import Section


class BackupSection(Section):
    """Copies of the hall's file 备份: continuous on a second disk, and one every night."""

    folder: str = Field(
        "",
        description="第二块磁盘上已建好的文件夹，如 E:/hall-copy 或 /mnt/copy；数据连续备份到这里，"
        "落后不超过 5 秒，每夜备份也存在这里；空为没有第二块磁盘",
    )
    nightly: bool = Field(True, description="每夜备份并检查；关机错过的，开机后补做")
    at: time = Field(time(2, 0), description="每夜备份的时间")
    daily: int = Field(14, ge=1, le=366, description="保留最近多少天的备份，每天一个")
    weekly: int = Field(8, ge=0, le=106, description="另保留最近多少周的备份，每周一个")
    monthly: int = Field(12, ge=0, le=240, description="另保留最近多少个月的备份，每月一个")
