"""``backup`` and ``verify``: care for the hall's file."""

from pathlib import Path

import upkeep
from commandline.asked import Asked, say
from hall import days


def backup(asked: Asked) -> int:
    """Copy the hall's file while it is in use."""
    name = f"{asked.database.stem}-{upkeep.stamp(days.now(), asked.config)}.db"
    target: Path = asked.words.file or asked.database.parent / "backups" / name
    size = upkeep.back_up(asked.database, target)
    say(f"已备份到 {target}（{size / 1024**2:.1f} MB），检查完好。")
    return 0


def verify(asked: Asked) -> int:
    """Prove that the file is whole, keeps the hall's rules, and its months add up."""
    found = upkeep.verify(asked.database, asked.config)
    for each in found:
        say(f"✗ {each}")
    for each in [] if found else upkeep.changed_since(asked.database, asked.config):
        say(f"！ {each}")
    say(
        "✓ 数据完好，规则无一违反，月报与记录一致。" if not found else f"发现 {len(found)} 处问题。"
    )
    return 1 if found else 0
