"""HTTP to the server: the only place that knows `requests`.

Every request has a total deadline, kept by a thread that shuts the socket down: `requests` has none, and a server
that trickles bytes defeats a check between reads. Answers are bounded in size, before and after inflating.
"""

import base64
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import requests
import zstandard
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from crm_desktop.errors import SessionError
from sync.deadline import Deadlines
from sync.ports import Body, Traffic
from sync.protocol.messages import (
    CONTENT_ENCODING,
    HEADER_DEVICE,
    HEADER_PROTOCOL,
    HEADER_REQUEST,
    HEADER_SCHEMA,
    PROTOCOL,
    Limits,
)
from sync.transport_answer import is_part, judge, read
from sync.transport_route import Route, RoutedAdapter, unreached
from sync.wire import Wire

COMPRESS_FROM = 512  # bytes; below it the frame costs more than it saves
DEADLINE_S = 180.0  # total time of one request on a poor line, beside a long poll's own wait
AGENT = "crm"
BLOBS = "/sync/v1/blobs/"
SNAPSHOT = "/sync/v1/snapshot"
_Take = tuple[int, Callable[[bytes], None]]


class _Bearer(AuthBase):
    """The device token as an auth object, so that no .netrc of the machine replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class HttpTransport:
    """One keep-alive connection to one server. One request at a time; `close` may come from any thread.

    `schema` is the version of the declaration; `route` is asked before each request for the way to the server.
    """

    def __init__(
        self,
        url: str,
        token: str,
        schema: int,
        *,
        limits: Limits | None = None,
        deadline_s: float = DEADLINE_S,
        route: Callable[[], Route] = Route,
    ) -> None:
        self._route = route
        self._taken: Route | None = None
        self._url = url.rstrip("/")
        self._device = ""
        self._schema = schema
        self._limits = limits or Limits()
        self._deadline_s = deadline_s
        self._wire = Wire()
        self._deadlines = Deadlines(self._expire)
        self._requests = 0
        self._http = requests.Session()
        self._http.auth = _Bearer(token)
        self._http.headers.clear()
        self._http.mount("http://", RoutedAdapter(self._wire))

    def identify(self, device_id: str) -> None:
        """Name this device in later requests."""
        self._device = device_id

    def hello(self, body: Mapping[str, Any]) -> Body:
        """Exchange positions."""
        return self._post("/sync/v1/hello", body)

    def push(self, body: Mapping[str, Any], before_send: Callable[[], None]) -> Body:
        """Send transactions; `before_send` is called when the connection stands, before the first byte leaves."""
        self._wire.before_send = before_send
        try:
            return self._post("/sync/v1/push", body)
        finally:
            self._wire.before_send = None

    def pull(self, body: Mapping[str, Any]) -> Body:
        """Ask for the next page; `wait` in the body is the long poll in seconds."""
        return self._post("/sync/v1/pull", body, wait_s=float(body.get("wait", 0)))

    def ask(self, call: str, body: Mapping[str, Any]) -> Body:
        """One of the calls beside push and pull."""
        return self._post(f"/sync/v1/{call}", body)

    def enrol(self, login: str, password: str, device_name: str, courier_keys: str = "") -> Body:
        """Exchange login and password for a device token (EnrolAnswer)."""
        body = {"login": login, "password": password, "device_name": device_name, "courier_keys": courier_keys}
        return self._post("/auth/v1/enrol", body)

    def courier(self, data: bytes) -> bytes:
        """Hand in anybody's courier file and get the file that answers it."""
        answer = self._post("/sync/v1/courier", {"file": base64.b64encode(data).decode()})
        return base64.b64decode(str(answer.get("file", "")))

    def traffic(self) -> Traffic:
        """Counters since the start."""
        return Traffic(self._wire.bytes_out, self._wire.bytes_in, self._requests)

    def close(self) -> None:
        """End a request under way at once; later ones fail."""
        self._wire.closed = True
        self._wire.shut()
        self._deadlines.close()
        self._http.close()

    def _expire(self) -> None:
        self._wire.overdue = True
        self._wire.shut()

    def break_line(self) -> None:
        """Give up the connection, from any thread; the request under way and later ones make another."""
        self._wire.shut()

    # bytes of files

    def put_blob(self, sha256: str, size: int, first: int = 0, data: bytes = b"") -> Body:
        """Add a piece to an upload at its place; without one, ask how far it is (BlobAnswer)."""
        place = f"{first}-{first + len(data) - 1}" if data else "*"
        return self._exchange("PUT", BLOBS + sha256, data, {"Content-Range": f"bytes {place}/{size}"})

    def get_blob(self, sha256: str, first: int, most: int, take: Callable[[bytes], None]) -> None:
        """Fetch at most `most` bytes from `first` on. `take` gets them as they come: what came before a cut is kept."""
        self._exchange("GET", BLOBS + sha256, None, {"Range": f"bytes={first}-{first + most - 1}"}, take=(first, take))

    # prepared parts of a first sync

    def snapshot(self, body: Mapping[str, Any]) -> Body:
        """The manifest; the server may take its time to make another part."""
        return self._post(SNAPSHOT, body, wait_s=float(self._limits.wait_s))

    def get_part(self, snapshot_id: str, number: int, size: int, data: bytearray) -> None:
        """Add the bytes of a part behind those that `data` holds already: what came before a cut is kept."""
        first = len(data)
        if first < size:
            place = {"Range": f"bytes={first}-{size - 1}"}
            self._exchange("GET", f"{SNAPSHOT}/{snapshot_id}/{number}", None, place, take=(first, data.extend))

    def _post(self, path: str, body: Mapping[str, Any], wait_s: float = 0.0) -> Body:
        data = orjson.dumps(body)
        headers: dict[str, Any] = {}
        if len(data) >= COMPRESS_FROM:
            data = zstandard.ZstdCompressor(level=3).compress(data)
            headers["Content-Encoding"] = CONTENT_ENCODING
        return self._exchange("POST", path, data, headers, wait_s)

    def _exchange(
        self,
        method: str,
        path: str,
        data: bytes | None,
        more: Mapping[str, Any],
        wait_s: float = 0.0,
        take: _Take | None = None,
    ) -> Body:
        if self._wire.closed:
            raise SessionError("stopped", "Synchronising was stopped.", "It goes on at the next start.")
        self._take_route()
        # No content type: there is one, and a sync with nothing to do has to stay below 1 KB.
        headers: dict[str, Any] = {
            "User-Agent": AGENT,
            "Accept-Encoding": CONTENT_ENCODING,
            HEADER_PROTOCOL: str(PROTOCOL),
            HEADER_SCHEMA: str(self._schema),
            HEADER_REQUEST: uuid.uuid4().hex[:8],
            **more,
        }
        if self._device:
            headers[HEADER_DEVICE] = self._device
        try:
            return self._answer(method, path, data, headers, wait_s, take)
        except _StaleConnection:  # every request may be repeated: the server keeps outcomes by number
            return self._answer(method, path, data, headers, wait_s, take, again=True)

    def _take_route(self) -> None:
        """Go the way that is chosen now. Not at the start: reading the system's certificates takes its time."""
        route = self._route()
        if route != self._taken and self._url.startswith("https://"):
            self._http.mount("https://", RoutedAdapter(self._wire, route.trust()))
        self._taken = route

    def _answer(
        self,
        method: str,
        path: str,
        data: bytes | None,
        headers: dict[str, Any],
        wait_s: float,
        take: _Take | None,
        *,
        again: bool = False,
    ) -> Body:
        self._wire.overdue = False

        deadline = self._deadlines.begin(self._deadline_s + wait_s)
        try:
            self._requests += 1
            response = self._http.request(
                method,
                self._url + path,
                data=data,
                headers=headers,
                stream=True,
                allow_redirects=False,
                timeout=(self._limits.connect_s, self._limits.read_s + wait_s),
                proxies=self._taken.proxies() if self._taken is not None else None,
            )
            with response:
                if take is not None and is_part(response, take[0]):
                    again = True  # what was taken is not taken twice
                    for chunk in response.raw.stream(65536, decode_content=False):
                        take[1](chunk)
                    return {}
                raw = read(response, self._limits)
        except (requests.RequestException, HTTPError, OSError) as error:
            if self._wire.closed:
                raise SessionError("stopped", "Synchronising was stopped.", "It goes on at the next start.") from error
            if not again and not self._wire.overdue and _is_stale(error):
                raise _StaleConnection from error
            raise unreached(error, "deadline" if self._wire.overdue else type(error).__name__) from error
        finally:
            self._deadlines.end(deadline)
        return judge(response, raw, self._limits)


class _StaleConnection(Exception):
    """The kept-alive connection had been closed by the server before our request arrived."""


def _is_stale(error: BaseException) -> bool:
    text = repr(error)
    return "RemoteDisconnected" in text or "ConnectionResetError" in text or "BrokenPipeError" in text
