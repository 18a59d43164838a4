"""One JSON error shape with stable codes for everything that goes wrong."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from crm_desktop.errors import KnownError, StoreError
from server.identity.enrolment import Denied
from server.storage.database import Busy
from server.storage.history import CursorExpired, HistoryError
from server.storage.sequence import SequenceError
from server.storage.storage import TransactionFailed
from sync.protocol import Code, ErrorBody

_LOG = logging.getLogger("crm.server")


class ApiError(Exception):
    """A refusal with everything the client needs to act."""

    def __init__(
        self, status: int, code: Code, message: str, advice: str = "", *, after_s: int = 0, **details: Any
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = ErrorBody(code=code, message=message, advice=advice, details=details)
        self.after_s = after_s


def response(error: ApiError) -> Response:
    """The error as it travels."""
    if error.after_s:
        error.body.details.setdefault("after", error.after_s)
    headers = {"Retry-After": str(error.after_s)} if error.after_s else {}
    return Response(
        error.body.model_dump_json(), status_code=error.status, media_type="application/json", headers=headers
    )


def translate(error: Exception) -> ApiError:
    """The API's word for an error of the layers below."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, Denied):
        return _denied(error)
    if isinstance(error, HistoryError):
        return ApiError(
            409,
            Code.EPOCH_CHANGED,
            "The server's data begins a new history.",
            "The program sends again what it kept.",
            epoch=error.epoch,
        )
    if isinstance(error, CursorExpired):
        return ApiError(
            410,
            Code.CURSOR_EXPIRED,
            "This laptop was away for longer than the server remembers single changes.",
            "The program reads everything again. What you wrote is kept.",
        )
    if isinstance(error, SequenceError):
        if error.fork:
            return ApiError(
                409,
                Code.DEVICE_FORK,
                "Another laptop uses the identity of this one.",
                "The program takes a new identity.",
            )
        return ApiError(
            409,
            Code.SEQ_GAP,
            f"Change {error.expected} of this device is missing.",
            "The program sends again from there.",
            expected=error.expected,
        )
    if isinstance(error, KnownError) and error.code == Code.DEVICE_REVOKED:
        return _denied(Denied("revoked"))  # locked while the push waited for its turn
    if isinstance(error, StoreError) and error.code == "no_files":
        return ApiError(501, Code.NO_FILES, error.title, "Ask your administrator.")
    if isinstance(error, StoreError) and error.code == Code.SERVER_DISK:
        return ApiError(507, Code.SERVER_DISK, error.title, error.advice, after_s=60)
    if isinstance(error, Busy):
        return ApiError(503, Code.RETRY, "The server is busy.", "Try again in a moment.", after_s=1)
    if isinstance(error, TransactionFailed):
        return ApiError(503, Code.RETRY, "The server could not carry this out.", "Try again in a moment.", after_s=5)
    _LOG.error("unexpected error", exc_info=error)
    return ApiError(
        500,
        Code.SERVER_ERROR,
        "The server met an error of its own.",
        "Try again later; tell your administrator if it stays.",
    )


def _denied(error: Denied) -> ApiError:
    if error.reason == "wrong_login":
        return ApiError(401, Code.WRONG_LOGIN, "Login or password is wrong.", "Check both and try again.")
    if error.reason == "throttled":
        after = int(error.wait_s) + 1
        return ApiError(
            429, Code.RETRY, "Too many wrong passwords for this login.", f"Wait {after} seconds.", after_s=after
        )
    if error.reason == "revoked":
        return ApiError(403, Code.DEVICE_REVOKED, "This device may not connect any more.", "Ask your administrator.")
    return ApiError(401, Code.TOKEN_EXPIRED, "The server does not know this device.", "Sign in again.")


def install(app: FastAPI) -> None:
    """Give the app the one error shape for its own refusals too."""

    async def _http(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status == 404:
            return response(ApiError(404, Code.NOT_FOUND, "There is nothing at this address.", "Check the address."))
        if status == 405:
            return response(
                ApiError(405, Code.NOT_FOUND, f"{request.method} is not offered at this address.", "Check the method.")
            )
        return response(ApiError(status, Code.MALFORMED, "The request could not be read."))

    async def _validation(request: Request, error: Exception) -> Response:
        return response(ApiError(422, Code.MALFORMED, "The request could not be read.", "Update the program."))

    async def _any(request: Request, error: Exception) -> Response:
        return response(translate(error))

    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    for kind in (ApiError, Denied, HistoryError, CursorExpired, SequenceError, Busy, TransactionFailed, StoreError):
        app.add_exception_handler(kind, _any)
