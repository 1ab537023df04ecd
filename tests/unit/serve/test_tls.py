from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.serving import client_of, serving
from tests.support.sockets import on_sockets
from voicelab.errors import InputError
from voicelab.serve.tls import context_from_files, self_signed


def trust(pem: str) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=pem)


def test_a_client_that_trusts_the_certificate_is_served() -> None:
    made = self_signed("127.0.0.1")

    async def main() -> None:
        async with (
            serving(tls=made.context) as server,
            client_of(server, ssl=trust(made.certificate)) as client,
        ):
            assert server.url.startswith("wss://127.0.0.1:")
            await client.send("response.create")
            await client.until("response.done")

    on_sockets(main)


def test_a_client_that_does_not_is_not() -> None:
    made, other = self_signed(""), self_signed("")

    async def main() -> None:
        async with serving(tls=made.context) as server:
            with pytest.raises(ssl.SSLCertVerificationError):
                async with client_of(server, ssl=trust(other.certificate)):
                    pass

    on_sockets(main)


def test_who_speaks_plainly_to_it_is_cut_off() -> None:
    made = self_signed("")

    async def main() -> None:
        async with serving(tls=made.context) as server:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert b"200" not in await reader.read()
            writer.close()

    on_sockets(main)


def test_plain_http_over_tls() -> None:
    made = self_signed("localhost")

    async def main() -> None:
        async with serving(tls=made.context) as server:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", server.port, ssl=trust(made.certificate)
            )
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
            writer.close()

    on_sockets(main)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "192.0.2.7", "box.example", ""])
def test_the_self_signed_names_this_machine_and_the_host(host: str) -> None:
    made = self_signed(host)
    certificate = x509.load_pem_x509_certificate(made.certificate.encode())
    names = certificate.extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value
    told = {str(each) for each in names.get_values_for_type(x509.IPAddress)}
    told |= set(names.get_values_for_type(x509.DNSName))
    assert told == {"localhost", "127.0.0.1", "::1"} | ({host} if host else set())
    now = datetime.now(UTC)  # noqa: TID251 -- a certificate is valid in real time
    assert certificate.not_valid_before_utc < now < certificate.not_valid_after_utc
    assert ipaddress.ip_address("127.0.0.1") in names.get_values_for_type(
        x509.IPAddress
    )


def test_the_fingerprint_is_that_of_the_certificate() -> None:
    made = self_signed("")
    der = ssl.PEM_cert_to_DER_cert(made.certificate)
    assert made.sha256.replace(":", "").lower() == hashlib.sha256(der).hexdigest()


def test_no_key_is_left_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    self_signed("")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    made = self_signed("")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate.write_text(made.certificate)
    write_key(key)
    return certificate, key


def write_key(file: Path, password: bytes | None = None) -> None:
    protection = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    file.write_bytes(
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )
    )


def test_files_that_do_not_belong_together(files: tuple[Path, Path]) -> None:
    with pytest.raises(InputError, match=r"cert\.pem: .*key values mismatch"):
        context_from_files(*files)


def test_a_key_with_a_password(files: tuple[Path, Path]) -> None:
    certificate, key = files
    write_key(key, b"secret")
    with pytest.raises(InputError, match="without a password"):
        context_from_files(certificate, key)


def test_a_file_that_holds_no_certificate(files: tuple[Path, Path]) -> None:
    certificate, key = files
    certificate.write_text("nothing")
    with pytest.raises(InputError, match=r"cert\.pem: the certificate and the key"):
        context_from_files(certificate, key)


def test_a_file_that_is_not_there(files: tuple[Path, Path]) -> None:
    certificate, key = files
    key.unlink()
    with pytest.raises(InputError, match=r"key\.pem: cannot be read \(No such file"):
        context_from_files(certificate, key)
