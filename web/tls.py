"""TLS as the hall serves it: the context, and its certificate renewed while it serves."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import structlog

from hall.days import SECOND, Clock
from hall.hall_settings import ServerSection
from hall.refusals import NotAllowed
from web import certificates

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
LOOKED_EVERY = 3600 * SECOND
log = structlog.get_logger("tls")


def files_of(section: ServerSection, folder: Path) -> tuple[Path, Path]:
    """Return certificate and key: those named in the settings, or the hall's own."""
    if section.tls == "own-ca":
        own = folder / certificates.FOLDER / certificates.SERVER
        return own, own
    certificate = folder / section.tls_certificate
    return certificate, folder / section.tls_key if section.tls_key else certificate


class Tls:
    """The context connections are made with; a renewed certificate is used from the next one on."""

    def __init__(self, section: ServerSection, folder: Path, clock: Clock) -> None:
        self.own = folder / certificates.FOLDER if section.tls == "own-ca" else None
        self.certificate, self.key = files_of(section, folder)
        self.password = section.tls_key_password
        self.clock = clock
        self._looked = clock()
        self._loaded = 0.0
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_ciphers(CIPHERS)
        self.context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
        self._renew()
        self._load()

    def tick(self) -> None:
        """Every hour renew the hall's own certificate when it soon ends, and read changed files."""
        if 0 <= self.clock() - self._looked < LOOKED_EVERY:
            return
        self._looked = self.clock()
        self._renew()
        try:
            if self.certificate.stat().st_mtime != self._loaded:
                self._load()
        except (OSError, NotAllowed) as trouble:  # the one before serves on; asked in an hour
            log.warning("certificate_not_read", reason=str(trouble))

    def _renew(self) -> None:
        if self.own is None or not self.certificate.exists():
            return
        try:
            if certificates.renew(self.own, datetime.fromtimestamp(self.clock() / SECOND, UTC)):
                log.info("certificate_renewed", file=str(self.certificate))
        except (OSError, ValueError, NotAllowed) as trouble:
            log.warning("certificate_not_renewed", reason=str(trouble))

    def _load(self) -> None:
        try:
            # without a password OpenSSL would ask at the terminal
            password = self.password or "-"
            # half a renewal (the certificate, not yet its key) must not spoil what serves
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(
                self.certificate, self.key, password
            )
            self.context.load_cert_chain(self.certificate, self.key, password)
            self._loaded = self.certificate.stat().st_mtime
        except (OSError, ValueError) as error:  # SSLError is an OSError
            raise NotAllowed(
                "no_certificate",
                f"证书 {self.certificate} 或它的私钥打不开（{type(error).__name__}）。"
                "自己的 CA：先运行 server.py certificate 名称 地址；步骤见 docs/tls.md。",
            ) from None
