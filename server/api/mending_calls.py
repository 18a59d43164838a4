"""Calls of a laptop whose copy differs from what it should hold, or that holds what a restored server lacks."""

from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from server.api.bodies import answer, parse, read_body
from server.api.bulk import Bulk
from server.api.errors import ApiError
from server.api.requests import Caller, caller
from server.identity.enrolment import Identity
from server.storage import copies, digest
from server.storage.pull import backfill_page
from server.storage.storage import Storage
from sync.protocol import Code, Cursor


class DigestRequest(BaseModel):
    """Where the laptop stands."""

    epoch: str
    cursor: Cursor


class BackfillRequest(DigestRequest):
    """Grants up to commit `after` are there."""

    after: int


class RefetchRequest(DigestRequest):
    """Numbers of the buckets that differ, by scope."""

    buckets: dict[str, list[int]]


class StandingRequest(DigestRequest):
    """Records (kind, id) a page is about to take away."""

    records: list[tuple[str, str]]


class CopiesRequest(BaseModel):
    """Records the new history does not know: kind, id and row of each."""

    model_config = ConfigDict(extra="forbid")

    epoch: str
    rows: list[dict[str, Any]]


class MendingCalls:
    """The calls, in a worker thread; every one proves its token anew."""

    def __init__(self, storage: Storage, identity: Identity) -> None:
        self._storage = storage
        self._identity = identity

    def digest(self, who: Caller, body: bytes) -> bytes:
        """The sums of all buckets."""
        device = self._identity.device(who.token, who.device_id)
        asked = parse(DigestRequest, body)
        with self._storage.read() as connection:
            return orjson.dumps({"buckets": digest.bucket_sums(connection, device, asked.epoch, asked.cursor)})

    def backfill(self, who: Caller, body: bytes) -> bytes:
        """The next rows a grant made visible."""
        device = self._identity.device(who.token, who.device_id)
        asked = parse(BackfillRequest, body)
        with self._storage.read() as connection:
            return backfill_page(connection, device, asked.epoch, asked.cursor, asked.after)

    def refetch(self, who: Caller, body: bytes) -> bytes:
        """The rows of some buckets."""
        device = self._identity.device(who.token, who.device_id)
        asked = parse(RefetchRequest, body)
        try:
            with self._storage.read() as connection:
                return digest.rows_of(connection, device, asked.epoch, asked.cursor, asked.buckets)
        except digest.TooMany as error:
            raise ApiError(413, Code.TOO_LARGE, "Too much differs.", "Read everything again.") from error

    def standing(self, who: Caller, body: bytes) -> bytes:
        """Which of some records the user may see."""
        device = self._identity.device(who.token, who.device_id)
        asked = parse(StandingRequest, body)
        with self._storage.read() as connection:
            found = digest.standing(connection, device, asked.epoch, asked.cursor, asked.records)
        return orjson.dumps({"records": found})

    def copies(self, who: Caller, body: bytes) -> bytes:
        """Keep what the server does not know."""
        device = self._identity.device(who.token, who.device_id)
        asked = parse(CopiesRequest, body)
        return orjson.dumps({"kept": copies.keep(self._storage, device, asked.epoch, asked.rows)})


def install(app: FastAPI, storage: Storage, identity: Identity, bulk: Bulk) -> None:
    """Add the calls. They travel in the lane of what can wait."""
    calls = MendingCalls(storage, identity)

    async def run(request: Request, call: Callable[[Caller, bytes], bytes]) -> Response:
        who = caller(request)
        body = await read_body(request, storage.settings.limits)
        packed = await bulk.run(lambda: call(who, body))
        return answer(request, packed, storage.settings)

    @app.post("/sync/v1/backfill")
    async def backfill(request: Request) -> Response:
        return await run(request, calls.backfill)

    @app.post("/sync/v1/digest")
    async def digest_sums(request: Request) -> Response:
        return await run(request, calls.digest)

    @app.post("/sync/v1/refetch")
    async def refetch(request: Request) -> Response:
        return await run(request, calls.refetch)

    @app.post("/sync/v1/standing")
    async def standing(request: Request) -> Response:
        return await run(request, calls.standing)

    @app.post("/sync/v1/copies")
    async def record_copies(request: Request) -> Response:
        return await run(request, calls.copies)
