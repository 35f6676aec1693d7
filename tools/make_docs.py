"""Write what the docs repeat of the code: config.toml, docs/settings.md, docs/authorisation.md."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import who_may  # noqa: E402 - the house is found from here

from hall import config  # noqa: E402 - as above

if __name__ == "__main__":
    (ROOT / "config.toml").write_text(config.as_toml(), encoding="utf-8")
    (ROOT / "docs" / "settings.md").write_text(config.as_markdown(), encoding="utf-8")
    (ROOT / "docs" / "authorisation.md").write_text(who_may.as_markdown(), encoding="utf-8")
