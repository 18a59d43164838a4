"""The bytes of files over HTTP: sent in pieces that may break off anywhere, fetched by range.

`PUT` without a place tells how much of a device's upload is here, `PUT` with one adds a piece exactly there, `GET`
gives the bytes to whom may see a record of them. Every piece is a request of its own: none outlives its deadline.
"""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from starlette.requests import ClientDisconnect

from crm_desktop.model.files import is_sha256
from server.api.errors import ApiError
from server.api.requests import Caller, caller
from server.identity.enrolment import Identity
from server.storage.devices import Device
from server.storage.storage import Storage
from sync.protocol import BlobAnswer, Code, ErrorBody

PATH = "/sync/v1/blobs/"
_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15})")
_T = TypeVar("_T")


class _Uploads:
    """Who writes which upload now. A later request takes over from one whose line broke unnoticed."""

    def __init__(self) -> None:
        self._current: dict[tuple[str, str], object] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}

    def begin(self, key: tuple[str, str]) -> tuple[object, asyncio.Lock]:
        ticket = object()
        self._current[key] = ticket
        return ticket, self._locks.setdefault(key, asyncio.Lock())

    def stands(self, key: tuple[str, str], ticket: object) -> bool:
        return self._current.get(key) is ticket

    def end(self, key: tuple[str, str], ticket: object) -> None:
        if self.stands(key, ticket):
            del self._current[key]
            self._locks.pop(key, None)


def install(app: FastAPI, storage: Storage, identity: Identity) -> None:
    """Add the calls. `app.state.files` is the limiter of their threads."""
    uploads = _Uploads()

    async def in_thread(call: Callable[[], _T]) -> _T:
        try:
            return await anyio.to_thread.run_sync(call, limiter=app.state.files)
        except OSError as error:
            raise ApiError(
                503, Code.RETRY, "The server could not keep the file.", "It is sent again later.", after_s=300
            ) from error

    @app.put(PATH + "{sha256}", responses={200: {"model": BlobAnswer}, "4XX": {"model": ErrorBody}})
    async def put(request: Request, sha256: str) -> Response:
        who = _asked(request, sha256)
        place, total = _place(request, storage.settings.limits.body_bytes, storage.settings.limits.file_bytes)
        if place is None:
            offset, complete = await in_thread(partial(_standing, storage, identity, who, sha256))
            if complete or offset < total:
                return _told(offset, complete=complete)
            place = offset, offset  # every byte is here and the server died before it said so: that comes now
        first, end = place
        device = await in_thread(partial(identity.device, who.token, who.device_id))
        files = storage.blobs.files
        key = (device.device_id, sha256)
        ticket, lock = uploads.begin(key)
        try:
            async with lock:
                here = await in_thread(partial(files.offset, *key))
            if here != first:
                async for _ in request.stream():  # an answer before the end of the question would be lost
                    pass
                raise _elsewhere(here)
            try:
                async for piece in request.stream():
                    async with lock:
                        if not uploads.stands(key, ticket) or here + len(piece) > end:
                            raise _elsewhere(here)
                        if piece:
                            here = await in_thread(partial(files.append, *key, piece))
            except ClientDisconnect:
                return Response(status_code=400)  # nobody reads it; what arrived is kept
            if here < total:
                return _told(here, complete=False)
            async with lock:
                if not uploads.stands(key, ticket):
                    raise _elsewhere(here)
                await in_thread(partial(_publish, storage, device, sha256))
            return _told(total, complete=True)
        finally:
            uploads.end(key, ticket)

    @app.get(PATH + "{sha256}", responses={200: {"content": {"application/octet-stream": {}}}})
    async def get(request: Request, sha256: str) -> Response:
        who = _asked(request, sha256)

        def may_read() -> bool:
            device = identity.device(who.token, who.device_id)
            with storage.read() as connection:
                return storage.blobs.may_read(connection, device.user_id, sha256)

        path = storage.blobs.files.path(sha256)
        if not await in_thread(may_read) or not await in_thread(path.is_file):
            raise ApiError(404, Code.NOT_FOUND, "There is no such file.", "It may have been deleted.")
        return FileResponse(path, media_type="application/octet-stream", headers={"ETag": f'"{sha256}"'})


def _asked(request: Request, sha256: str) -> Caller:
    who = caller(request)
    if not is_sha256(sha256):
        raise ApiError(404, Code.NOT_FOUND, "There is no such file.", "Update the program.")
    return who


def _place(request: Request, piece_bytes: int, file_bytes: int) -> tuple[tuple[int, int] | None, int]:
    """((first byte, byte behind the last) of a piece, bytes of the whole); without a piece: how far is it?"""
    found = _RANGE.fullmatch(request.headers.get("content-range", ""))
    first, last, total = (int(text or 0) for text in found.groups()) if found else (0, -1, 0)
    if not found or not first <= last < total:
        raise ApiError(422, Code.MALFORMED, "The place of the piece in its file is missing.", "Update the program.")
    if total > file_bytes:
        raise ApiError(
            413,
            Code.TOO_LARGE,
            f"The server takes files of at most {file_bytes // 1024 // 1024} MiB.",
            "Attach a smaller one.",
            file_bytes=file_bytes,
        )
    if found.group(1) is None:
        return None, total
    if last + 1 - first > piece_bytes:
        raise ApiError(413, Code.TOO_LARGE, "The piece is too large.", "Send less at once.", body_bytes=piece_bytes)
    return (first, last + 1), total


def _standing(storage: Storage, identity: Identity, who: Caller, sha256: str) -> tuple[int, bool]:
    device = identity.device(who.token, who.device_id)
    files = storage.blobs.files
    with storage.read() as connection:
        if storage.blobs.proven(connection, device.user_id, sha256):
            files.keep(sha256)
            return files.size(sha256) or 0, True
    return files.offset(device.device_id, sha256), False


def _publish(storage: Storage, device: Device, sha256: str) -> None:
    if not storage.blobs.files.publish(device.device_id, sha256):
        raise ApiError(
            422, Code.DAMAGED_FILE, "The bytes sent are not those of the file.", "The program sends the file again."
        )
    with storage.plain_write() as connection:
        storage.blobs.note_proof(connection, device.user_id, sha256, storage.clock)


def _elsewhere(offset: int) -> ApiError:
    return ApiError(
        409, Code.WRONG_OFFSET, "The upload goes on at another place.", "The program goes on there.", offset=offset
    )


def _told(offset: int, *, complete: bool) -> Response:
    return Response(BlobAnswer(offset=offset, complete=complete).model_dump_json(), media_type="application/json")
