"""A page as PDF, through the system's Chromium: ``python -m reports.paper``, a process of its own.

It reads HTML from its input and writes the PDF to its output. Why Chromium stands in
docs/decisions/0010-bulletin.md.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

NAMES = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "chromium-headless-shell",
)
PLACES = (
    ("PROGRAMFILES", "Google/Chrome/Application/chrome.exe"),
    ("PROGRAMFILES(X86)", "Google/Chrome/Application/chrome.exe"),
    ("PROGRAMFILES(X86)", "Microsoft/Edge/Application/msedge.exe"),
    ("PROGRAMFILES", "Microsoft/Edge/Application/msedge.exe"),
)
ON_A_MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
# A second or two; on a machine that is busy with everything else ten times as long.
LONGEST_SECONDS = 80
MISSING = (
    "这台服务器上没有 Chromium，不能生成 PDF：请安装 chromium（Debian：apt install chromium "
    "fonts-noto-cjk），或打开预览后用浏览器的“打印 → 另存为 PDF”。"
)


def engine() -> str | None:
    """Return the path of Chromium, Chrome or Edge, None when there is none."""
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found:
        return found
    known = [Path(os.environ[name]) / rest for name, rest in PLACES if name in os.environ]
    return next((str(path) for path in (*known, Path(ON_A_MAC)) if path.is_file()), None)


def printed(html: bytes, path: str) -> bytes:
    """Return a page as PDF; CalledProcessError or TimeoutExpired when the browser fails."""
    with tempfile.TemporaryDirectory(prefix="bulletin-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        page, out = folder / "page.html", folder / "page.pdf"
        page.write_bytes(html)
        flags = [
            "--headless",
            "--disable-gpu",
            "--disable-extensions",
            "--disable-background-networking",
            "--no-first-run",
            "--no-pdf-header-footer",
            # the vendored font stands in a file, and a file may read files only when told so
            "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={out}",
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium's own sandbox refuses root
        subprocess.run(  # noqa: S603 - the browser of the system, with flags written above
            [path, *flags, page.as_uri()],
            check=True,
            timeout=LONGEST_SECONDS,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        return out.read_bytes()


def main() -> int:
    """Print the page on the standard input."""
    path = engine()
    if path is None:
        sys.stderr.write("no Chromium")
        return 1
    try:
        pdf = printed(sys.stdin.buffer.read(), path)
    except (subprocess.SubprocessError, OSError) as trouble:
        sys.stderr.write(f"{trouble}\n{getattr(trouble, 'stderr', b'') or b''!r}"[-2000:])
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
