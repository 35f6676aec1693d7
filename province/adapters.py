"""The adapters by their names in the settings, and the keys they sign with."""

import re
from pathlib import Path

from hall.config import BadConfig, Config
from province.adapter import Adapter
from province.example import Example, Secret

SECRET = re.compile(r"[0-9a-fA-F]{64}")


def example_of(config: Config, folder: Path) -> Example | None:
    """Return the example's adapter with its keys, None when the settings name no keys.

    Raises BadConfig when the file of the keys cannot be used.
    """
    section = config.province
    if not section.secret_file:
        return None
    secret = read_secret(folder / section.secret_file)
    return Example(section.address, section.app_id, secret, config.hall.zone)


def adapter_of(config: Config, folder: Path) -> Adapter | None:
    """Return the adapter that tells the province of ratings, None for none.

    Raises BadConfig when the file of the keys cannot be used.
    """
    return example_of(config, folder) if config.province.adapter == "example" else None


def read_secret(path: Path) -> Secret:
    """Return the keys of a file: 64 hex digits, first the cipher's, then the signature's."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"[province.secret_file] {path} 打不开") from error
    if not SECRET.fullmatch(text):
        raise BadConfig(f"[province.secret_file] {path} 须是 64 位十六进制")
    both = bytes.fromhex(text)
    return Secret(both[:16], both[16:])
