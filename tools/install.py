"""Install the hall from a bundle, or bring an installed one up to it – without a network.

    python3 install.py                    into /opt/hall (C:\\hall), or upgrade what is there
    python3 install.py --to FOLDER        into another folder
    python3 install.py --back             return to the former release, with its data
    python3 install.py --check            only compare the bundle with its checksums

Stands in the bundle beside `installer/`, which does it, `code/` and `wheels/`; standard library
only. Every step is noted in `upgrade.json` once it is done, so a machine that goes off in the
middle is no harm: run it again and it goes on, or `--back` and it returns. Why so:
docs/decisions/0016-upgrade.md.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Let the installer beside this file do it; a bundle that was not copied whole is told."""
    sys.dont_write_bytecode = True  # in the bundle it would be a file that no checksum names
    sys.path.insert(0, str(HERE))  # before an `installer` that this machine's Python may have
    try:
        from installer.command import run  # type: ignore[import-not-found]  # beside this file
    except (OSError, ImportError, SyntaxError, ValueError) as trouble:  # cut short, or zeros
        sys.exit(f"安装包不完整，没有安装：\n  {trouble}\n请重新复制一份。")
    run(HERE)


if __name__ == "__main__":
    main()
