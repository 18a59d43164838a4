"""The HTTP face of the server: four calls of the protocol, enrolment, health, OpenAPI."""

import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter, fail_after
from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_desktop.model.schema import SCHEMA_VERSION
from server.api import blob_calls, courier_calls, errors, mending_calls, snapshot_calls
from server.api.bodies import answer, parse, read_body
from server.api.bulk import Bulk
from server.api.file_sweeper import FileSweeper
from server.api.notifier import Notifier
from server.api.requests import Caller, caller, check_protocol
from server.api.schemas import HealthAnswer, PullAnswer
from server.api.sync_calls import SyncCalls
from server.identity.enrolment import Identity
from server.storage.storage import Storage
from sync.protocol import (
    HEADER_PROTOCOL,
    HEADER_REQUEST,
    PROTOCOL,
    EnrolAnswer,
    EnrolRequest,
    ErrorBody,
    HelloAnswer,
    HelloRequest,
    PullRequest,
    PushAnswer,
    PushRequest,
)

_LOG = logging.getLogger("crm.server")
_T = TypeVar("_T")
_LARGE = 128 * 1024  # bytes; to compress more takes milliseconds, in which the loop would serve nobody
_BODIES: tuple[type[BaseModel], ...] = (EnrolRequest, HelloRequest, PullRequest, PushRequest)


def create_app(storage: Storage) -> FastAPI:
    """The app over one database."""
    settings = storage.settings
    identity = Identity(storage)
    calls = SyncCalls(storage, identity)
    notifier = Notifier(storage)
    bulk = Bulk(settings)
    sweeper = FileSweeper(storage)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.pulls = CapacityLimiter(settings.pull_threads)
        app.state.pushes = CapacityLimiter(settings.push_threads)
        app.state.files = CapacityLimiter(settings.file_threads)
        notifier.start()
        sweeper.start(app.state.files)
        yield
        await sweeper.stop()
        await notifier.stop()

    app = FastAPI(title="CRM server", version=str(PROTOCOL), lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app)
    blob_calls.install(app, storage, identity)
    courier_calls.install(app, storage, identity)
    snapshot_calls.install(app, storage, identity)
    mending_calls.install(app, storage, identity, bulk)

    async def in_thread(limiter: CapacityLimiter, call: Callable[[], _T]) -> _T:
        return await anyio.to_thread.run_sync(call, limiter=limiter)

    @app.get("/health", responses=_documented(HealthAnswer))
    async def health(request: Request) -> Response:
        await in_thread(app.state.pulls, storage.state)
        body = HealthAnswer(status="ok", proto=PROTOCOL, schema_ver=SCHEMA_VERSION)
        return answer(request, body.model_dump_json().encode(), settings)

    @app.post("/auth/v1/enrol", responses=_documented(EnrolAnswer), openapi_extra=_takes(EnrolRequest))
    async def enrol(request: Request) -> Response:
        check_protocol(request)
        asked = parse(EnrolRequest, await read_body(request, settings.limits))
        result = await in_thread(app.state.pushes, partial(identity.enrol, asked))
        return answer(request, result.model_dump_json().encode(), settings)

    @app.post("/sync/v1/hello", responses=_documented(HelloAnswer), openapi_extra=_takes(HelloRequest))
    async def hello(request: Request) -> Response:
        who = caller(request)
        body = await read_body(request, settings.limits)
        return answer(request, await in_thread(app.state.pushes, partial(calls.hello, who, body)), settings)

    @app.post("/sync/v1/push", responses=_documented(PushAnswer), openapi_extra=_takes(PushRequest))
    async def push(request: Request) -> Response:
        who = caller(request)
        body = await read_body(request, settings.limits)
        return answer(request, await in_thread(app.state.pushes, partial(calls.push, who, body)), settings)

    @app.post("/sync/v1/pull", responses=_documented(PullAnswer), openapi_extra=_takes(PullRequest))
    async def pull(request: Request) -> Response:
        who = caller(request)
        asked = calls.pull_request(await read_body(request, settings.limits))
        body = await _page(who, asked)
        if len(body) < _LARGE:
            return answer(request, body, settings)
        return await anyio.to_thread.run_sync(answer, request, body, settings)

    async def _page(who: Caller, asked: PullRequest) -> bytes:
        """A page at once when there is one, else as soon as a commit brings something, at the latest after `wait`."""
        until = time.monotonic() + max(0, min(asked.wait, settings.limits.wait_s))
        first = True
        while True:
            with notifier.waiter() as woken:
                call = partial(calls.pull, who, asked, first=first)
                # Whoever reads everything must not keep those waiting who are up to date.
                page = await (in_thread(app.state.pulls, call) if asked.cursor.seq else bulk.run(call))
                news = page.rows or page.own or page.more or (first and page.cursor != asked.cursor)
                left = until - time.monotonic()
                if news or left <= 0:
                    return page.body
                first = False
                try:
                    with fail_after(left):
                        await woken.wait()
                except TimeoutError:
                    until = 0.0

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _openapi(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_middleware(Envelope)
    return app


class Envelope:
    """Outermost layer: protocol header on every answer, one log line each, no error without our shape."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        given = dict(scope["headers"]).get(HEADER_REQUEST.lower().encode(), b"").decode("latin-1")
        request_id = given if given.isascii() and given.isprintable() and len(given) <= 64 else ""
        told: dict[str, int] = {"status": 0, "bytes": 0}

        async def send_on(message: Message) -> None:
            if message["type"] == "http.response.start":
                told["status"] = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (HEADER_PROTOCOL.lower().encode(), str(PROTOCOL).encode()),
                ]
            elif message["type"] == "http.response.body":
                told["bytes"] += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, send_on)
        except Exception as error:
            if told["status"]:
                raise
            await errors.response(errors.translate(error))(scope, receive, send_on)
        finally:
            _LOG.info(
                "%s %s %d %d B %.1f ms request=%s",
                scope["method"],
                # An address that is none of ours may hold anything.
                "-" if told["status"] == 404 else _shown(scope["path"]),
                told["status"],
                told["bytes"],
                (time.perf_counter() - began) * 1000,
                request_id or "-",
            )


def _shown(path: str) -> str:
    """A path without the hash in it: that names the content of somebody's file."""
    return blob_calls.PATH if path.startswith(blob_calls.PATH) else path


def _documented(model: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model}, "4XX": {"model": ErrorBody}, "5XX": {"model": ErrorBody}}


def _takes(model: type[BaseModel]) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": reference}}}}


def _openapi(app: FastAPI) -> dict[str, Any]:
    """The document with the messages that are read from the body by hand."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in _BODIES:
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        for name, part in schema.pop("$defs", {}).items():
            schemas.setdefault(name, part)
        schemas[model.__name__] = schema
    return document
