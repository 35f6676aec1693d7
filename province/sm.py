"""SM3 and SM4, the hash and the cipher of GB/T 32905-2016 and GB/T 32907-2016; pure."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 16


def digest(content: bytes) -> bytes:
    """Return the SM3 hash, 32 bytes."""
    counted = hashes.Hash(hashes.SM3())
    counted.update(content)
    return counted.finalize()


def signature(key: bytes, content: bytes) -> str:
    """Return the HMAC-SM3 of a content as hex."""
    signed = hmac.HMAC(key, hashes.SM3())
    signed.update(content)
    return signed.finalize().hex()


def is_signed(key: bytes, content: bytes, given: str) -> bool:
    """Return whether a signature in hex is the content's, in the same time for every wrong one."""
    signed = hmac.HMAC(key, hashes.SM3())
    signed.update(content)
    try:
        signed.verify(bytes.fromhex(given))
    except (ValueError, InvalidSignature):
        return False
    return True


def encrypted(key: bytes, iv: bytes, content: bytes) -> bytes:
    """Return a content under SM4-CBC with PKCS#7 padding; key and iv are 16 bytes."""
    padder = padding.PKCS7(BLOCK * 8).padder()
    whole = padder.update(content) + padder.finalize()
    cipher = Cipher(algorithms.SM4(key), modes.CBC(iv)).encryptor()
    return cipher.update(whole) + cipher.finalize()


def decrypted(key: bytes, iv: bytes, content: bytes) -> bytes:
    """Return what was encrypted; ValueError when it was not under this key or is cut short."""
    cipher = Cipher(algorithms.SM4(key), modes.CBC(iv)).decryptor()
    whole = cipher.update(content) + cipher.finalize()
    padder = padding.PKCS7(BLOCK * 8).unpadder()
    return padder.update(whole) + padder.finalize()
