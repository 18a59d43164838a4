"""Prepared parts over HTTP: a manifest that grows while parts are made, and the parts by range."""

import shutil
import tempfile
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio.to_thread
import orjson
from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, Response
from pydantic import BaseModel, ConfigDict

from crm_desktop.ids import new_id
from crm_desktop.model.schema import SCHEMA_VERSION
from server.api.bodies import answer, parse, read_body
from server.api.errors import ApiError
from server.api.requests import Caller, caller
from server.identity.enrolment import Identity
from server.storage import prepared_folder
from server.storage.devices import Device
from server.storage.snapshot import SnapshotGone, Snapshots
from server.storage.storage import Storage
from sync.protocol import Code, ErrorBody

PATH = "/sync/v1/snapshot"
_T = TypeVar("_T")


class SnapshotRequest(BaseModel):
    """`resume`: snapshots whose parts the client has begun with; `have`: how many parts it knows of them."""

    model_config = ConfigDict(extra="forbid")

    resume: list[str] = []
    have: int = 0


class PartEntry(BaseModel):
    """A part: fetched as `/sync/v1/snapshot/{snapshot_id}/{i}`; `sha256` is of the bytes as they travel (zstd)."""

    snapshot_id: str
    i: int
    entity: str
    rows: int
    bytes: int
    sha256: str


class SnapshotManifest(BaseModel):
    """Parts made so far, in the order of use; not `complete`: ask again for the rest.

    After the last part the cursor is `as_of`. `scope_sets` says what the numbers in the parts mean to this user.
    """

    epoch: str = ""
    as_of: dict[str, int | str] = {}
    snapshots: list[str] = []
    scopes: list[str] = []
    scope_sets: dict[str, list[str]] = {}
    parts: list[PartEntry]
    complete: bool


def install(app: FastAPI, storage: Storage, identity: Identity) -> None:
    """Add the calls."""
    settings = storage.settings
    snapshots = Snapshots(storage, _folder(storage))
    # Those who wait for a part to be made sit in threads of their own and keep nobody from pulling or fetching.
    waiting = CapacityLimiter(settings.snapshot_waiters)
    fetching = CapacityLimiter(settings.file_threads)

    async def in_thread(limiter: CapacityLimiter, call: Callable[[], _T]) -> _T:
        return await anyio.to_thread.run_sync(call, limiter=limiter)

    def device_of(who: Caller) -> Device:
        device = identity.device(who.token, who.device_id)
        if who.schema_ver != SCHEMA_VERSION:
            raise _gone()  # a part is in the form of this version's columns: pages serve every version
        return device

    @app.post(PATH, responses={200: {"model": SnapshotManifest}, "4XX": {"model": ErrorBody}})
    async def manifest(request: Request) -> Response:
        who = caller(request)
        asked = parse(SnapshotRequest, await read_body(request, settings.limits))

        def told(wait_s: float) -> bytes:
            return orjson.dumps(snapshots.manifest(device_of(who), asked.resume, asked.have, wait_s))

        return answer(request, await in_thread(waiting, partial(told, settings.snapshot_wait_s)), settings)

    @app.get(PATH + "/{snapshot_id}/{number}", responses={200: {"content": {"application/octet-stream": {}}}})
    async def part(request: Request, snapshot_id: str, number: int) -> Response:
        who = caller(request)
        try:
            path, sha256 = await in_thread(fetching, lambda: snapshots.part(device_of(who), snapshot_id, number))
        except SnapshotGone as error:
            raise _gone() from error
        return FileResponse(path, media_type="application/octet-stream", headers={"ETag": f'"{sha256}"'})


def _gone() -> ApiError:
    return ApiError(404, Code.NOT_FOUND, "There is no such prepared part.", "The program asks for a new list.")


def _folder(storage: Storage) -> Path:
    """Beside the files of the company; a folder of this process's own where the server keeps none."""
    if storage.blobs.folder is not None:
        return prepared_folder.beside(storage.blobs.folder)
    folder = Path(tempfile.gettempdir(), f"crm-parts-{new_id()}")
    weakref.finalize(storage, shutil.rmtree, folder, ignore_errors=True)
    return folder
