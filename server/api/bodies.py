"""Request bodies within bounds, answers compressed where it pays."""

import re
from typing import Any, TypeVar

import orjson
import zstandard
from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ValidationError

from server.api.errors import ApiError
from server.settings import Settings
from sync.protocol import CONTENT_ENCODING, Code, Limits

Model = TypeVar("Model", bound=BaseModel)
_WINDOW = 8 * 1024 * 1024
_PIECE = 256 * 1024


async def read_body(request: Request, limits: Limits) -> bytes:
    """The body as JSON text, counted while it comes in and while it is inflated. ApiError 413, 415 or 422."""
    announced = request.headers.get("content-length", "")
    if re.fullmatch(r"\d+", announced) and int(announced) > limits.body_bytes:
        raise _too_large(limits)
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > limits.body_bytes:
            raise _too_large(limits)
        pieces.append(piece)
    body = b"".join(pieces)
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != CONTENT_ENCODING:
        raise ApiError(415, Code.MALFORMED, f"The encoding {encoding!r} is not known here.", "Use zstd or none.")
    return inflate(body, limits)


def inflate(body: bytes, limits: Limits) -> bytes:
    """The body without its compression; ApiError 413 as soon as it grows past the bound."""
    pieces: list[bytes] = []
    size = 0
    try:
        with zstandard.ZstdDecompressor(max_window_size=_WINDOW).stream_reader(body) as reader:
            while piece := reader.read(_PIECE):
                size += len(piece)
                if size > limits.inflated_bytes:
                    raise _too_large(limits)
                pieces.append(piece)
    except zstandard.ZstdError as error:
        raise ApiError(422, Code.MALFORMED, "The compressed request is damaged.", "Try again.") from error
    return b"".join(pieces)


def parse(model: type[Model], body: bytes) -> Model:
    """The request as a message. ApiError 422 naming the place, and the operation where it lies in one."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ApiError(422, Code.MALFORMED, "The request is not JSON.", "Update the program.") from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ApiError(
            422,
            Code.MALFORMED,
            f"The request does not fit at {place or 'its top'}: {first['msg']}.",
            "Update the program.",
            **_whose(data, first["loc"]),
        ) from error


def answer(request: Request, body: bytes, settings: Settings) -> Response:
    """A JSON answer, compressed when it is long and the client takes zstd."""
    headers: dict[str, str] = {}
    accepted = request.headers.get("accept-encoding", "")
    if len(body) > settings.compress_above and CONTENT_ENCODING in accepted:
        body = zstandard.ZstdCompressor(level=settings.compress_level).compress(body)
        headers = {"Content-Encoding": CONTENT_ENCODING, "Vary": "Accept-Encoding"}
    return Response(body, media_type="application/json", headers=headers)


def _whose(data: Any, place: tuple[int | str, ...]) -> dict[str, Any]:
    """txn_id and op_id of the part of a push that does not fit."""
    found: dict[str, Any] = {}
    for step in place:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
        if isinstance(data, dict):
            found |= {name: data[name] for name in ("txn_id", "client_seq", "op_id") if name in data}
    return found


def _too_large(limits: Limits) -> ApiError:
    return ApiError(
        413,
        Code.TOO_LARGE,
        "The request is larger than the server takes.",
        "Send less at once.",
        body_bytes=limits.body_bytes,
        inflated_bytes=limits.inflated_bytes,
    )
