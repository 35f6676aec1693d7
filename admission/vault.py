"""The secrets of second factors, sealed with a key that lies beside the hall's file, not in it.

Whoever gets a copy of the file (a backup, a disk that was thrown away) cannot make codes from it.
"""

import os
import secrets
from pathlib import Path

from hall.refusals import NotAllowed

NONCE_BYTES = 12
LOST = "这台服务器上没有打开二次验证的密钥文件。请用恢复码登录，或请安全管理员重置您的二次验证。"


class Vault:
    """Seals and opens short texts with AES-256-GCM; the key is made at the first use."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def seal(self, text: str, whose: str) -> bytes:
        """Return a text sealed for one person."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self._key()).encrypt(nonce, text.encode(), whose.encode())

    def open(self, sealed: bytes, whose: str) -> str:
        """Return the text; NotAllowed ``no_key`` when the key is gone or is another one."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return AESGCM(self._kept()).decrypt(nonce, rest, whose.encode()).decode()
        except (OSError, ValueError, InvalidTag) as error:
            raise NotAllowed("no_key", LOST) from error

    def _kept(self) -> bytes:
        return bytes.fromhex(self.path.read_text("ascii"))

    def _key(self) -> bytes:
        try:
            return self._kept()
        except FileNotFoundError:
            made = secrets.token_bytes(32)
        # only the server's own account may read it, from its first moment on
        place = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(place, "w", encoding="ascii") as file:
            file.write(made.hex())
            file.flush()
            os.fsync(file.fileno())
        return made
