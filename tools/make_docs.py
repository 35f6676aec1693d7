"""Write what the docs repeat of the code: config.toml and docs/settings.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from hall import config  # noqa: E402 - the house is found from here

if __name__ == "__main__":
    (ROOT / "config.toml").write_text(config.as_toml(), encoding="utf-8")
    (ROOT / "docs" / "settings.md").write_text(config.as_markdown(), encoding="utf-8")
