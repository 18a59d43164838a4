"""The line over TLS: a stranger's certificate gets not one byte of a push, and nothing counts as sent."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_desktop.errors import SessionError
from sync.transport import HttpTransport

ANSWER = b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine that nobody trusts, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def _request(connection: ssl.SSLSocket) -> bytes:
    """All of a request. Who closes before its end resets the connection, and the answer with it."""
    data = b""
    while chunk := connection.recv(65536):
        data += chunk
        head, ended, body = data.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if ended and len(body) >= int(lengths[0]):
            break
    return data


@contextmanager
def serving(certificate: Path, heard: list[bytes]) -> Iterator[str]:
    """A TLS server for one connection; what is said inside the TLS is kept."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(60)

    def serve() -> None:
        connection, _ = listening.accept()
        try:
            with context.wrap_socket(connection, server_side=True) as secured:
                heard.append(_request(secured))
                secured.sendall(ANSWER)
        except (ssl.SSLError, OSError):
            connection.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        thread.join()
        listening.close()


def test_a_stranger_hears_nothing_and_nothing_counts_as_sent(certificate: Path) -> None:
    heard: list[bytes] = []
    noted: list[str] = []
    with serving(certificate, heard) as url:
        line = HttpTransport(url, "token", 1)
        with pytest.raises(SessionError) as caught:
            line.push({"txns": ["secret"]}, lambda: noted.append("sent"))
        line.close()
    assert (caught.value.code, heard, noted) == ("certificate_untrusted", [], [])


def test_after_the_handshake_it_is_noted_and_sent(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    heard: list[bytes] = []
    noted: list[int] = []
    with serving(certificate, heard) as url:
        line = HttpTransport(url, "token", 1)
        assert line.push({"txns": ["secret"]}, lambda: noted.append(len(heard))) == {}
        line.close()
    assert noted == [0]
    assert heard[0].startswith(b"POST /sync/v1/push")
