"""Certificates: given as files, or made for the occasion."""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from voicelab.clock import unix_s
from voicelab.errors import InputError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_LOCAL_NAMES = ("localhost",)
_LOCAL_ADDRESSES = ("127.0.0.1", "::1")
_VALID_DAYS = 30
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SelfSigned:
    """A certificate that signs itself.

    Attributes:
        context: serves with it.
        certificate: PEM, for clients to trust.
        sha256: its fingerprint, as tools print it.
    """

    context: ssl.SSLContext
    certificate: str
    sha256: str


def context_from_files(certificate: Path, key: Path) -> ssl.SSLContext:
    """Return what serves with the certificate and the key of two PEM files.

    Raises:
        InputError: a file cannot be read, or the two do not belong together.
    """
    for file in (certificate, key):
        _check_readable(file)
    context = _context()
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
    except (ssl.SSLError, ValueError) as error:
        raise InputError(
            f"the certificate and the key in {key} cannot be used ({_why(error)})",
            file=certificate,
            fix="give two PEM files that belong together, the key without a password",
        ) from error
    return context


def self_signed(host: str) -> SelfSigned:
    """Return a new certificate for this machine's own names and for `host`."""
    from cryptography.hazmat.primitives import (  # noqa: PLC0415 -- slow
        hashes,
        serialization,
    )
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 -- slow

    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(key, host)
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    key_pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    context = _context()
    # OpenSSL takes a certificate from a file only; the folder is for us alone
    with tempfile.TemporaryDirectory(prefix="voicelab-") as folder:
        file = Path(folder) / "both.pem"
        file.write_bytes(pem + key_pem)
        context.load_cert_chain(file)
    return SelfSigned(
        context, pem.decode(), certificate.fingerprint(hashes.SHA256()).hex(":").upper()
    )


def _signed(key: EllipticCurvePrivateKey, host: str) -> x509.Certificate:
    from cryptography import x509  # noqa: PLC0415 -- slow
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 -- slow
    from cryptography.x509.oid import (  # noqa: PLC0415 -- slow
        ExtendedKeyUsageOID,
        NameOID,
    )

    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "voicelab serve")])
    now = datetime.fromtimestamp(unix_s(), UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(_names(host)), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
        )
    )
    return builder.sign(key, hashes.SHA256())


def _names(host: str) -> list[x509.GeneralName]:
    from cryptography import x509  # noqa: PLC0415 -- slow

    names: list[x509.GeneralName] = [x509.DNSName(name) for name in _LOCAL_NAMES]
    names += [x509.IPAddress(ip_address(address)) for address in _LOCAL_ADDRESSES]
    try:
        own: x509.GeneralName = x509.IPAddress(ip_address(host))
    except ValueError:
        own = x509.DNSName(host)
    return names if not host or own in names else [*names, own]


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _check_readable(file: Path) -> None:
    try:
        file.open("rb").close()
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror or error})", file=file
        ) from error


def _why(error: ssl.SSLError | ValueError) -> str:
    """Return what is wrong; OpenSSL gives no reason for what is not PEM at all."""
    if not isinstance(error, ssl.SSLError):
        return str(error)
    return error.reason.replace("_", " ").lower() if error.reason else "not PEM"


def _no_password() -> str:
    raise ValueError("it is protected by a password")
