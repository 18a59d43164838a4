"""A round of the sync as two files: what a laptop would push and ask, and what the server answers.

Both are sealed (crm_desktop/sealed.py) with a header of the kind and the device alone; the body is zstd of JSON.
"""

from typing import Any, Literal

from pydantic import BaseModel

from sync.protocol.messages import Cursor, TxnResult

OUT: Literal["crm-outbox"] = "crm-outbox"
BACK: Literal["crm-answer"] = "crm-answer"


class CourierRequest(BaseModel):
    """Everything unacknowledged, and where the laptop stands. `txns` are read one by one: one may be malformed."""

    schema_ver: int
    epoch: str
    cursor: Cursor
    client_seq: int
    txn_id: str
    txns: list[dict[str, Any]]


class Refusal(BaseModel):
    """Why the server stopped: a code of the protocol with its details."""

    code: str
    message: str
    advice: str = ""
    details: dict[str, Any] = {}


class CourierAnswer(BaseModel):
    """Outcomes of what was pushed, then the pages from the laptop's cursor on.

    `refused` stops the push, never the pages. `epoch`, `last_client_seq` and `last_txn_id` are what hello tells.
    """

    epoch: str
    last_client_seq: int
    last_txn_id: str
    results: list[TxnResult] = []
    refused: Refusal | None = None
    pages: list[dict[str, Any]] = []
