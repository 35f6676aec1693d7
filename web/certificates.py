"""A hall's own certificate authority and the server's certificate, made and renewed here."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hall.refusals import NotAllowed, NotValid

FOLDER = "tls"
CA, CA_KEY = "ca.pem", "ca.key"
SERVER = "server.pem"
CA_YEARS = 10
# Browsers take no server certificate that is good for longer than 398 days.
SERVER_DAYS, RENEWED_BEFORE_DAYS = 397, 30
# A device whose clock is a little behind must not find a certificate of tomorrow.
BACK = timedelta(days=1)
LONGEST_NAME = 60
Key = ec.EllipticCurvePrivateKey


def alternative(name: str) -> x509.GeneralName:
    """Return a host name or an IP address as a certificate names it; NotValid for anything else."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        pass
    labels = name.split(".")
    if all(each and each.replace("-", "").isalnum() and each.isascii() for each in labels):
        return x509.DNSName(name.lower())
    raise NotValid("bad_name", f"“{name}”不是主机名，也不是 IP 地址。")


def make_ca(folder: Path, hall: str, now: datetime) -> Path:
    """Make a hall's own CA; NotAllowed when there is one, since all devices would forget it."""
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / CA_KEY).exists() or (folder / CA).exists():
        raise NotAllowed(
            "ca_exists", f"{folder} 里已经有 CA；换掉它，所有设备都要重新信任。要换，请先移走旧的。"
        )
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"{hall[:40]} 内部 CA")
    made = (
        _begin(name, name, key, now, timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(ca=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    _write(folder / CA_KEY, _pem_of(key), secret=True)
    _write(folder / CA, made.public_bytes(serialization.Encoding.PEM))
    return folder / CA


def make_server(folder: Path, names: Sequence[str], now: datetime) -> Path:
    """Make the server's certificate for names and addresses, signed by the CA in the folder."""
    if not names:
        raise NotValid("no_names", "请写明设备打开大厅所用的名称和 IP 地址。")
    try:
        authority = x509.load_pem_x509_certificate((folder / CA).read_bytes())
        ca_key = serialization.load_pem_private_key((folder / CA_KEY).read_bytes(), None)
    except (OSError, ValueError) as error:
        raise NotAllowed(
            "no_ca", f"{folder} 里没有能用的 CA。请先运行 server.py certificate 名称 地址。"
        ) from error
    assert isinstance(ca_key, Key)
    key = ec.generate_private_key(ec.SECP256R1())
    sans = [alternative(each) for each in dict.fromkeys(names)]
    made = (
        _begin(_name(names[0]), authority.subject, key, now, timedelta(days=SERVER_DAYS))
        .add_extension(x509.SubjectAlternativeName(sans), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(ca=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False
        )
        .sign(ca_key, hashes.SHA256())
    )
    # one file holds both, so that no moment has the key of one and the certificate of the other
    both = made.public_bytes(serialization.Encoding.PEM) + _pem_of(key)
    _write(folder / SERVER, both, secret=True)
    return folder / SERVER


def names_in(certificate: Path) -> list[str]:
    """Return for which names and addresses a certificate is."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    found = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [str(each.value) for each in found]


def good_until(certificate: Path) -> datetime:
    """Return until when a certificate is good (UTC); OSError or ValueError when it is none."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc


def renew(folder: Path, now: datetime) -> bool:
    """Make the server's certificate anew when it soon ends; False when it need not be."""
    server = folder / SERVER
    if good_until(server) - now > timedelta(days=RENEWED_BEFORE_DAYS):
        return False
    make_server(folder, names_in(server), now)
    return True


def fingerprint(certificate: Path) -> str:
    """Return the SHA-256 of a certificate, as devices show it."""
    read = x509.load_pem_x509_certificate(certificate.read_bytes())
    return read.fingerprint(hashes.SHA256()).hex(":").upper()


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:LONGEST_NAME])])


def _begin(
    subject: x509.Name, issuer: x509.Name, key: Key, now: datetime, good: timedelta
) -> x509.CertificateBuilder:
    public = key.public_key()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACK)
        .not_valid_after(now - BACK + good)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem_of(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(target: Path, content: bytes, *, secret: bool = False) -> None:
    """Write a file whole or not at all; a secret one is never readable by others."""
    half = target.with_name(f"{target.name}.new")
    half.unlink(missing_ok=True)
    number = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if secret else 0o644)
    with os.fdopen(number, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(target)
