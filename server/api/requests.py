"""What stands before every call: protocol, schema, token."""

from dataclasses import dataclass

from fastapi import Request

from crm_desktop.model.schema import SCHEMA_VERSION
from server.api.errors import ApiError
from sync.protocol import HEADER_DEVICE, HEADER_PROTOCOL, HEADER_SCHEMA, PROTOCOL, Code

OLDEST_SCHEMA = 1  # what was added since can be left out by an older program


@dataclass(frozen=True, slots=True)
class Caller:
    """Who says to speak: token and device id, both still unproven."""

    token: str
    device_id: str
    schema_ver: int

    @property
    def knows_all(self) -> bool:
        """Whether the program knows every column, so that its sums can be compared with ours."""
        return self.schema_ver >= SCHEMA_VERSION


def caller(request: Request) -> Caller:
    """Token and device of a request; ApiError 401 without a token, 426 for another protocol."""
    check_protocol(request)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ApiError(401, Code.TOKEN_EXPIRED, "The request carries no device token.", "Sign in again.")
    device_id = request.headers.get(HEADER_DEVICE, "")
    if len(device_id) > 64:
        raise ApiError(422, Code.MALFORMED, "The device id is too long.", "Update the program.")
    return Caller(token.strip(), device_id, _number(request, HEADER_SCHEMA, SCHEMA_VERSION))


def check_protocol(request: Request) -> None:
    """ApiError 426 where client and server speak different protocols."""
    theirs = _number(request, HEADER_PROTOCOL, 0)
    if theirs == PROTOCOL:
        return
    which = "program" if theirs < PROTOCOL else "server"
    raise ApiError(
        426,
        Code.UPGRADE_REQUIRED,
        f"This server speaks protocol {PROTOCOL}, the program speaks {theirs or 'none'}.",
        f"Update the {which}. Nothing is lost.",
        proto=PROTOCOL,
        schema_ver=SCHEMA_VERSION,
    )


def check_schema(who: Caller) -> None:
    """ApiError 426 where the program cannot make sense of the data any more. What it wrote is taken all the same.

    A program that only lacks newer columns or kinds of records leaves them out, and fetches them after its update.
    """
    if who.schema_ver < OLDEST_SCHEMA:
        raise ApiError(
            426,
            Code.UPGRADE_REQUIRED,
            "The program is older than the server's data.",
            "Update the program. What you wrote is sent all the same.",
            proto=PROTOCOL,
            schema_ver=SCHEMA_VERSION,
        )


def _number(request: Request, name: str, absent: int) -> int:
    text = request.headers.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else absent
