"""The way to the server: through the company's proxy, trusting the company's own certificate authority.

Without a setting the machine's own proxy holds (environment, on Windows and macOS the system's; proxy scripts are
not run). Trusted are the authorities the program brings, those of the system, REQUESTS_CA_BUNDLE and one file of
the user's choice: adding a company's authority takes none of the others away.
"""

import ssl
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidProxyURL, ProxyError, SSLError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from crm_desktop.errors import KnownError, SessionError
from sync.wire import Wire, watched

DIRECT = "direct"
_TUNNEL_REFUSED = "Tunnel connection failed"


@dataclass(frozen=True, slots=True)
class Route:
    """`proxy`: its address, empty for the machine's own, DIRECT for none. `ca_file`: a PEM file, empty for none."""

    proxy: str = ""
    ca_file: str = ""

    def proxies(self) -> dict[str, Any] | None:
        """What `requests` is told with each request; None leaves it to the machine."""
        if not self.proxy:
            return None
        proxy = None if self.proxy == DIRECT else self.proxy
        return {"http": proxy, "https": proxy}

    def trust(self) -> ssl.SSLContext:
        """Whom TLS believes. SessionError where the file is none or cannot be read."""
        context = create_urllib3_context()
        context.load_default_certs()
        if self.ca_file:
            try:
                context.load_verify_locations(cafile=self.ca_file)
            except (OSError, ssl.SSLError) as error:
                raise SessionError(
                    "ca_file_unreadable",
                    f"The certificate file {self.ca_file} cannot be used.",
                    "Choose a file with certificates in PEM form in the settings, or remove it there.",
                    file=self.ca_file,
                ) from error
        return context


class RoutedAdapter(HTTPAdapter):
    """One connection, direct or through a proxy, within reach of the deadline either way."""

    def __init__(self, wire: Wire, trust: ssl.SSLContext | None = None) -> None:
        self._wire = wire
        self._tls: dict[str, Any] = {} if trust is None else {"ssl_context": trust}
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Connections made straight to the server."""
        super().init_poolmanager(*args, **(kwargs | self._tls))
        self._watch(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        """Connections made through a proxy."""
        known = proxy in self.proxy_manager
        manager = super().proxy_manager_for(proxy, **kwargs, **({} if known else self._tls))
        if not known:
            self._watch(manager)
        return manager

    def _watch(self, manager: Any) -> None:
        plain = type("Plain", (HTTPConnectionPool,), {"ConnectionCls": watched(HTTPConnection, self._wire)})
        tls = type("Tls", (HTTPSConnectionPool,), {"ConnectionCls": watched(HTTPSConnection, self._wire)})
        manager.pool_classes_by_scheme = {"http": plain, "https": tls}


def unreached(error: BaseException, why: str) -> SessionError:
    """Why there was no answer: proxy, certificate, or simply no line."""
    if isinstance(error, ProxyError | InvalidProxyURL):
        if _TUNNEL_REFUSED in str(error):
            return SessionError(
                "proxy_refused",
                "The proxy of the company does not let this connection through.",
                "Ask your administrator to allow the CRM server. Your changes wait here.",
                why=why,
            )
        return SessionError(
            "proxy_unreachable",
            "The proxy of the company cannot be reached.",
            "Check its address in the settings, or choose no proxy outside the company. Your changes wait here.",
            why=why,
        )
    if isinstance(error, SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return SessionError(
            "certificate_untrusted",
            "Nobody this laptop trusts vouches for the server's certificate.",
            "If your company has its own certificate authority, choose its file in the settings. Nothing was sent.",
            why=why,
        )
    return SessionError(
        "offline", "The server cannot be reached.", "Your changes wait here and are sent later.", why=why
    )


def checked_proxy(given: str) -> str:
    """A proxy's address as typed, made whole; KnownError where it is none."""
    text = given.strip()
    if text in ("", DIRECT):
        return text
    whole = text if "://" in text else f"http://{text}"
    try:
        parts = urlsplit(whole)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port is not None
    except ValueError:
        sound = False
    if not sound:
        raise KnownError(
            "bad_proxy", f"{given!r} is no proxy address.", "Enter it like proxy.example.com:8080.", given=given
        )
    return whole
