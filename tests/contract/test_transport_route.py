"""The way through a company: its own certificate authority and its proxy, both real, and which of them failed."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TypeVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from crm_desktop.errors import KnownError, SessionError
from sync.ports import UNREACHED
from sync.transport import HttpTransport
from sync.transport_route import DIRECT, Route, checked_proxy

ANSWER = b"HTTP/1.1 200 OK\r\nX-Proto: 1\r\nContent-Length: 2\r\n\r\n{}"
PATIENCE_S = 60


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "requests_ca_bundle", "curl_ca_bundle"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


class Authority:
    """A company's own certificate authority and one server certificate of it."""

    def __init__(self, folder: Path) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Company {folder.name}")])
        root = self._certificate(name, name, key.public_key(), key, authority=True)
        self.file = folder / "company.pem"
        self.file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        leaf_key = ec.generate_private_key(ec.SECP256R1())
        leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        leaf = self._certificate(leaf_name, name, leaf_key.public_key(), key, authority=False)
        self.server = folder / "server.pem"
        self.server.write_bytes(
            leaf_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + leaf.public_bytes(serialization.Encoding.PEM)
        )

    @staticmethod
    def _certificate(
        subject: x509.Name,
        issuer: x509.Name,
        public: ec.EllipticCurvePublicKey,
        signer: ec.EllipticCurvePrivateKey,
        *,
        authority: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
            .sign(signer, hashes.SHA256())
        )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


class Door:
    """A listening socket of this machine; `serve` gets each connection in a thread of its own."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self.heard: list[bytes] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            connection.settimeout(PATIENCE_S)
            threading.Thread(target=self._guarded, args=(connection,), daemon=True).start()

    def _guarded(self, connection: socket.socket) -> None:
        try:
            self.serve(connection)
        except OSError:
            pass  # the other side left; what was heard is kept
        finally:
            connection.close()

    def serve(self, connection: socket.socket) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._listening.close()


class Server(Door):
    """Answers one request per connection inside TLS."""

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate)
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as secured:
            self.heard.append(secured.recv(65536))
            secured.sendall(ANSWER)
            while secured.recv(65536):  # closing with bytes unread would take the answer away again
                continue


class Proxy(Door):
    """CONNECT and nothing else: it joins two sockets, or refuses."""

    def __init__(self, *, refuses: bool = False) -> None:
        self._refuses = refuses
        super().__init__()

    def serve(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        self.heard.append(head)
        host, _, port = head.split()[1].decode().partition(":")
        if self._refuses:
            connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return
        with socket.create_connection((host, int(port)), PATIENCE_S) as onward:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_pour, args=(onward, connection))
            back.start()
            _pour(connection, onward)
            back.join(PATIENCE_S)


def _pour(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return


AnyDoor = TypeVar("AnyDoor", bound=Door)


@contextmanager
def opened(door: AnyDoor) -> Iterator[AnyDoor]:
    try:
        yield door
    finally:
        door.close()


def push(port: int, route: Route) -> list[str]:
    """What was noted as about to be sent; SessionError of the line."""
    noted: list[str] = []
    line = HttpTransport(f"https://127.0.0.1:{port}", "token", 1, route=lambda: route)
    try:
        line.push({"txns": ["secret"]}, lambda: noted.append("sent"))
    finally:
        line.close()
    return noted


def refusal(port: int, route: Route) -> str:
    with pytest.raises(SessionError) as caught:
        push(port, route)
    assert caught.value.code in UNREACHED, "what waits is kept, as without network"
    return caught.value.code


def test_the_company_vouches_for_its_server(authority: Authority) -> None:
    with opened(Server(authority.server)) as server:
        assert push(server.port, Route(ca_file=str(authority.file))) == ["sent"]
        assert server.heard[0].startswith(b"POST /sync/v1/push")
        assert refusal(server.port, Route()) == "certificate_untrusted"


def test_the_companys_authority_takes_none_of_the_others_away(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file))
    with opened(Server(authority.server)) as server:
        assert push(server.port, Route(ca_file=str(Authority(elsewhere).file))) == ["sent"]


def test_a_file_without_certificates_is_named(authority: Authority, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.pem"
    wrong.write_text("no certificate")
    with opened(Server(authority.server)) as server:
        assert refusal(server.port, Route(ca_file=str(wrong))) == "ca_file_unreadable"
        assert refusal(server.port, Route(ca_file=str(tmp_path / "missing.pem"))) == "ca_file_unreadable"
        assert server.heard == []


@pytest.mark.parametrize("told_by", ["settings", "environment"])
def test_through_the_proxy(authority: Authority, monkeypatch: pytest.MonkeyPatch, told_by: str) -> None:
    with opened(Server(authority.server)) as server, opened(Proxy()) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        if told_by == "environment":
            monkeypatch.setenv("HTTPS_PROXY", address)
        route = Route(address if told_by == "settings" else "", str(authority.file))
        assert push(server.port, route) == ["sent"]
        assert proxy.heard[0].startswith(f"CONNECT 127.0.0.1:{server.port}".encode())
        assert b"token" not in proxy.heard[0], "the proxy reads no token"
        assert b"token" in server.heard[0]


def test_settings_outweigh_the_environment(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    with opened(Server(authority.server)) as server, opened(Proxy()) as wrong, opened(Proxy()) as right:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{wrong.port}")
        push(server.port, Route(DIRECT, str(authority.file)))
        assert wrong.heard == []
        push(server.port, Route(f"http://127.0.0.1:{right.port}", str(authority.file)))
        assert (wrong.heard, len(right.heard)) == ([], 1)


def test_another_way_is_taken_by_the_next_request(authority: Authority) -> None:
    chosen = [Route()]
    with opened(Server(authority.server)) as server:
        line = HttpTransport(f"https://127.0.0.1:{server.port}", "token", 1, route=lambda: chosen[0])
        with pytest.raises(SessionError):
            line.hello({})
        chosen[0] = Route(ca_file=str(authority.file))
        assert line.hello({}) == {}
        line.close()


def test_which_of_them_failed_is_said(authority: Authority) -> None:
    nobody = socket.create_server(("127.0.0.1", 0))
    gone = nobody.getsockname()[1]
    nobody.close()
    with opened(Server(authority.server)) as server:
        assert refusal(server.port, Route(f"http://127.0.0.1:{gone}", str(authority.file))) == "proxy_unreachable"
        with opened(Proxy(refuses=True)) as closed:
            assert refusal(server.port, Route(f"http://127.0.0.1:{closed.port}", "")) == "proxy_refused"
        with opened(Proxy()) as proxy:
            assert refusal(server.port, Route(f"http://127.0.0.1:{proxy.port}", "")) == "certificate_untrusted"
        assert server.heard == []
    assert refusal(gone, Route(DIRECT, str(authority.file))) == "offline"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("", ""),
        ("direct", "direct"),
        (" proxy.example.com:8080 ", "http://proxy.example.com:8080"),
        ("https://proxy.example.com:443", "https://proxy.example.com:443"),
    ],
)
def test_addresses_of_proxies(typed: str, address: str) -> None:
    assert checked_proxy(typed) == address


@pytest.mark.parametrize("typed", ["proxy", "ftp://proxy:21", "http://:8080", "proxy:port", "proxy:99999"])
def test_what_is_no_proxy_is_refused(typed: str) -> None:
    with pytest.raises(KnownError, match="no proxy address"):
        checked_proxy(typed)
