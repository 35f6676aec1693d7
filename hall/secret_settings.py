"""Settings that are secrets: taken from the environment or a file, and never shown."""

import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

# Section and name; a list holds a secret in each place.
SECRET = (("notify", "citizen"), ("notify", "staff"), ("server", "tls_key_password"))
FROM_ENVIRONMENT, FROM_FILE = "env:", "file:"


class NoSecretError(Exception):
    """A secret is not where the settings say; the sentence names the setting, never the secret."""


def taken(
    content: dict[str, Any], folder: Path, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """Return settings with ``env:NAME`` and ``file:PATH`` replaced by what stands there.

    Files are relative to the folder of config.toml. Raises NoSecretError.
    """
    told = dict(content)
    for section, name in SECRET:
        inside = told.get(section)
        if not isinstance(inside, dict) or name not in inside:
            continue
        where, said = f"[{section}.{name}]", inside[name]
        found = (
            [_taken(each, where, folder, environment) for each in said]
            if isinstance(said, list)
            else _taken(said, where, folder, environment)
        )
        told[section] = {**inside, name: found}
    return told


def _taken(said: Any, where: str, folder: Path, environment: Mapping[str, str]) -> Any:
    if not isinstance(said, str):
        return said
    if said.startswith(FROM_ENVIRONMENT):
        name = said.removeprefix(FROM_ENVIRONMENT)
        if not environment.get(name):
            raise NoSecretError(f"{where} 环境变量 {name} 没有设置，或是空的")
        return environment[name]
    if said.startswith(FROM_FILE):
        file = folder / said.removeprefix(FROM_FILE)
        try:
            return file.read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise NoSecretError(f"{where} 文件 {file} 打不开（{type(error).__name__}）") from None
    return said


def written_out(content: Mapping[str, Any]) -> Iterator[str]:
    """Yield the settings that hold a secret in so many letters."""
    for section, name in SECRET:
        inside = content.get(section)
        said = inside.get(name) if isinstance(inside, dict) else None
        for each in said if isinstance(said, list) else [said]:
            if (
                isinstance(each, str)
                and each
                and not each.startswith((FROM_ENVIRONMENT, FROM_FILE))
            ):
                yield f"{section}.{name}"
                break


def others_may_read(file: Path) -> bool:
    """Return whether other accounts of the machine may read a file; Windows does not say."""
    return os.name != "nt" and bool(stat.S_IMODE(file.stat().st_mode) & 0o044)
