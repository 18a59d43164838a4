"""Wire messages between client and server (JSON over HTTP, zstd)."""

from enum import StrEnum
from typing import Any, NotRequired, TypedDict

from pydantic import BaseModel, ConfigDict

from crm_desktop.model.operations import Outcome, Transaction

PROTOCOL = 1
HEADER_PROTOCOL = "X-Proto"
HEADER_SCHEMA = "X-Schema"
HEADER_DEVICE = "X-Device"
HEADER_REQUEST = "X-Request-Id"
CONTENT_ENCODING = "zstd"


class Limits(BaseModel):
    """Bounds of one request; starting values, told by the server in hello."""

    body_bytes: int = 4 * 1024 * 1024
    inflated_bytes: int = 32 * 1024 * 1024
    transaction_ops: int = 500
    transaction_bytes: int = 1024 * 1024
    push_ops: int = 500
    page_rows: int = 2000
    catch_up: int = 3  # a page asked for behind one that had more may hold so many times the rows and bytes
    file_bytes: int = 64 * 1024 * 1024
    page_bytes: int = 2 * 1024 * 1024
    connect_s: float = 5.0
    read_s: float = 30.0
    wait_s: int = 25


class Code(StrEnum):
    """Stable error codes of the server."""

    TOKEN_EXPIRED = "token_expired"
    WRONG_LOGIN = "wrong_login"
    DEVICE_REVOKED = "device_revoked"
    EPOCH_CHANGED = "epoch_changed"
    SEQ_GAP = "seq_gap"
    DEVICE_FORK = "device_fork"
    CURSOR_EXPIRED = "cursor_expired"
    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    UPGRADE_REQUIRED = "upgrade_required"
    RETRY = "retry"
    NOT_FOUND = "not_found"
    WRONG_OFFSET = "wrong_offset"  # of a file's bytes; details: offset
    DAMAGED_FILE = "damaged_file"  # the bytes sent are not those of the hash
    NO_FILES = "no_files"  # the server keeps none
    SERVER_DISK = "server_disk"  # full or broken: nothing is taken until somebody has seen to it
    SERVER_ERROR = "server_error"


class ErrorBody(BaseModel):
    """The one JSON error shape: {code, message, advice, details}."""

    code: Code
    message: str
    advice: str = ""
    details: dict[str, Any] = {}


class Cursor(BaseModel):
    """Position in the commit sequence; `commit_id` proves that it is the same history."""

    seq: int = 0
    commit_id: str = ""


class EnrolRequest(BaseModel):
    """Login and password once; the answer holds the device token."""

    login: str
    password: str
    device_name: str
    courier_keys: str = ""  # public halves for files that travel instead of requests


class EnrolAnswer(BaseModel):
    """The token is shown once and stored hashed on the server; `device_code` starts quote numbers."""

    token: str
    device_id: str
    device_code: str
    user_id: str
    user_name: str
    epoch: str
    courier_keys: str = ""


class HelloRequest(BaseModel):
    """Where the device stands, at the start and after an error. `client_seq` and `txn_id`: its newest transaction.

    `confirmed`: the newest the server has answered: one that has not is a restored backup. `clock` is its time in wire
    form, by which the server learns how far it is off.
    """

    device_id: str
    epoch: str = ""
    cursor: Cursor = Cursor()
    client_seq: int = 0
    txn_id: str = ""
    confirmed: int = 0
    schema_ver: int
    proto: int = PROTOCOL
    clock: str


class HelloAnswer(BaseModel):
    """What the server knows of this device and what it should do (`action`).

    `server_seq` is the newest commit, `min_schema` the oldest schema that may pull, `server_time` in wire form.
    """

    epoch: str
    server_seq: int
    last_client_seq: int
    last_txn_id: str
    scopes: list[str]
    limits: Limits
    min_schema: int
    action: str  # ok | rebootstrap | replay | new_device_id | wipe
    server_time: str
    device_code: str = ""


class PushRequest(BaseModel):
    """Transactions in the order of the device's sequence."""

    model_config = ConfigDict(extra="forbid")

    epoch: str
    txns: list[Transaction]
    cursor: Cursor | None = None  # where the device stands: proves that both speak of the same history
    clock: str = ""  # the device's time: where it is far off, its edit times decide nothing


class OpResult(BaseModel):
    """Outcome of one operation; `detail` carries codes and ids, and no content: it outlives the record."""

    op_id: str
    outcome: Outcome
    detail: dict[str, Any] | None = None


class TxnResult(BaseModel):
    """Stored outcome of one transaction."""

    client_seq: int
    txn_id: str
    commit_seq: int
    ops: list[OpResult]


class PushAnswer(BaseModel):
    """No rows: server rows enter the client by pull alone."""

    results: list[TxnResult]
    last_client_seq: int


class PullRequest(BaseModel):
    """`client_seq` and `txn_id` are the device's highest, so that a cloned laptop is recognised.

    `confirmed` is the highest the server has answered, so that a restored server is.
    """

    epoch: str
    cursor: Cursor
    limit: int = 2000
    wait: int = 0
    client_seq: int = 0
    txn_id: str = ""
    confirmed: int = 0
    backfill: int | None = None  # grants after this commit are fetched beside the pulls; absent: they come with them


class BlobAnswer(BaseModel):
    """After a piece of a file: how many of its bytes the server has; `complete`: all, and their hash is right."""

    offset: int
    complete: bool


class RowTable(TypedDict):
    """Rows of one entity in one commit. rows: [id, root_id, scopes index, value, value, ...] by `cols`."""

    e: str
    cols: list[str]
    rows: list[list[Any]]


class PageCommit(TypedDict):
    """What one commit leaves visible: full rows, deletions and evictions ([entity, id] pairs)."""

    seq: int
    put: list[RowTable]
    gone: list[list[str]]  # deleted
    evict: list[list[str]]  # left the scope


class PullPage(TypedDict):
    """Answer of a pull, read and written as plain JSON for speed.

    scope_sets: list of scope lists; rows name theirs by index. digest: scope -> 64-bit sum as hex text,
    present with more = False (a row with n scopes counts in each). scopes: those of the user; left out where the
    digest names them.
    """

    epoch: str
    asked: dict[str, Any]
    cursor: dict[str, Any]
    more: bool
    scopes: NotRequired[list[str]]
    scope_sets: list[list[str]]
    commits: list[PageCommit]
    digest: dict[str, str] | None
