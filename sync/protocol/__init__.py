"""What client and server share: wire types, limits, error codes, headers."""

from crm_desktop.model.operations import Outcome, Transaction
from sync.protocol.messages import (
    CONTENT_ENCODING,
    HEADER_DEVICE,
    HEADER_PROTOCOL,
    HEADER_REQUEST,
    HEADER_SCHEMA,
    PROTOCOL,
    Code,
    Cursor,
    EnrolAnswer,
    EnrolRequest,
    ErrorBody,
    HelloAnswer,
    HelloRequest,
    Limits,
    OpResult,
    PageCommit,
    PullPage,
    PullRequest,
    PushAnswer,
    PushRequest,
    RowTable,
    TxnResult,
)

__all__ = [
    "CONTENT_ENCODING", "HEADER_DEVICE", "HEADER_PROTOCOL", "HEADER_REQUEST", "HEADER_SCHEMA", "PROTOCOL",
    "Code", "Cursor", "EnrolAnswer", "EnrolRequest", "ErrorBody", "HelloAnswer", "HelloRequest", "Limits",
    "OpResult", "Outcome", "PageCommit", "PullPage", "PullRequest", "PushAnswer", "PushRequest", "RowTable",
    "Transaction", "TxnResult",
]
