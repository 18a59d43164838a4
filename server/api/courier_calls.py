"""Anybody's courier file, handed in over somebody's connection."""

import base64
import binascii

import anyio.to_thread
import orjson
from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel

from crm_desktop.errors import KnownError
from server.api.bodies import answer, parse, read_body
from server.api.errors import ApiError
from server.api.requests import caller
from server.courier import exchange
from server.identity.enrolment import Identity
from server.storage.storage import Storage
from sync.protocol import Code
from sync.protocol.courier import LINE_BYTES

PATH = "/sync/v1/courier"


class CourierFile(BaseModel):
    """A sealed file in base64; only its own laptop and the server can read it."""

    file: str


def install(app: FastAPI, storage: Storage, identity: Identity) -> None:
    """Add the call. Who carries needs a token of his own; what is in the file he never sees."""

    @app.post(PATH)
    async def courier(request: Request) -> Response:
        who = caller(request)
        asked = parse(CourierFile, await read_body(request, storage.settings.limits))

        def work() -> bytes:
            identity.device(who.token, who.device_id)
            try:
                data = base64.b64decode(asked.file, validate=True)
                return base64.b64encode(exchange(storage, data, LINE_BYTES))
            except binascii.Error as error:
                raise ApiError(422, Code.MALFORMED, "The file did not arrive whole.", "Try again.") from error
            except KnownError as error:
                raise ApiError(422, Code.MALFORMED, error.title, error.advice) from error

        packed = await anyio.to_thread.run_sync(work, limiter=app.state.pushes)
        return answer(request, orjson.dumps({"file": packed.decode()}), storage.settings)
