"""What an HTTP answer means: bytes of a file, a JSON body, the refusal it carries, or no honest answer at all."""

import io

import orjson
import requests
import zstandard

from crm_desktop.errors import SessionError
from crm_desktop.failpoints import failpoint
from sync.ports import Body
from sync.protocol.messages import CONTENT_ENCODING, HEADER_PROTOCOL, PROTOCOL, Limits


def _offline(why: str) -> SessionError:
    return SessionError(
        "offline", "The server cannot be reached.", "Your changes wait here and are sent later.", why=why
    )


def read(response: requests.Response, limits: Limits) -> bytes:
    """The body as sent, at most the limit."""
    failpoint("C7")
    most = limits.body_bytes * 2
    chunks = bytearray()
    for chunk in response.raw.stream(65536, decode_content=False):
        chunks += chunk
        if len(chunks) > most:
            raise _offline("answer too large")
    return bytes(chunks)


def judge(response: requests.Response, raw: bytes, limits: Limits) -> Body:
    """The JSON answer, or the SessionError it stands for; anything not from our server is 'offline'."""
    spoken = response.headers.get(HEADER_PROTOCOL)
    if spoken is None or 300 <= response.status_code < 400:
        raise _offline("not our server")
    try:
        body = orjson.loads(_inflate(raw, response.headers.get("Content-Encoding", ""), limits))
    except (orjson.JSONDecodeError, zstandard.ZstdError) as error:
        raise _offline("broken answer") from error
    if not isinstance(body, dict):
        raise _offline("broken answer")
    if response.status_code == 200 and spoken == str(PROTOCOL):
        return body
    if "code" not in body:
        if spoken != str(PROTOCOL):
            raise SessionError(
                "other_protocol",
                f"The server speaks protocol {spoken}, this program {PROTOCOL}.",
                "Update the program. What you wrote is kept and sent afterwards.",
                server=spoken,
                program=PROTOCOL,
            )
        raise _offline(f"status {response.status_code}")
    details = body.get("details") or {}
    after = response.headers.get("Retry-After")
    if after and after.isdigit():
        details = {"after": int(after)} | details
    raise SessionError(
        str(body["code"]),
        str(body.get("message", "")),
        str(body.get("advice", "")),
        **{str(name): value for name, value in details.items() if name not in ("code", "title", "advice", "self")},
    )


def _inflate(raw: bytes, encoding: str, limits: Limits) -> bytes:
    if encoding != CONTENT_ENCODING:
        return raw
    most = limits.inflated_bytes
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(raw)) as reader:
        data: bytes = reader.read(most + 1)
    if len(data) > most:
        raise _offline("answer too large")
    return data


def is_part(response: requests.Response, first: int) -> bool:
    """Whether these are the bytes asked for, and from our server. Something in between may ignore the range."""
    if response.status_code not in (200, 206) or HEADER_PROTOCOL not in response.headers:
        return False
    place = response.headers.get("Content-Range", "bytes 0-")
    if not place.startswith(f"bytes {first}-"):
        raise _offline("other bytes than asked")
    return True
