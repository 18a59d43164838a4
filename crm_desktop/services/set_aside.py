"""What never reached the server (malformed, too large) handed to inside sales: an entry that holds it as a text.

As the content of a field it can be read by every server. What is too large goes in several entries, each smaller
than what was refused.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import orjson

from crm_desktop.errors import InvalidInput
from crm_desktop.services.retrying import payload_of
from crm_desktop.store.intents import Intent, create
from crm_desktop.store.outbox import MAX_BYTES
from crm_desktop.store.reader import Reader

_TOO_LARGE = "too_large"
PART_BYTES = MAX_BYTES * 3 // 4  # of operations in one entry, as they count inside a text
Payload = Mapping[str, Any]


def entries(
    reader: Reader, payload: Payload, reason: str, detail: str, refused_at: str | None, handed_at: str, note: str
) -> list[Intent]:
    """The entries that hold a set-aside transaction; each may be a transaction of its own.

    Entries that are here already are left out. InvalidInput where a single change is too large for any entry.
    """
    state = reader.sync_state()
    smaller = reason == _TOO_LARGE
    inner, reason, detail = _unwrapped(payload, reason, detail)
    parts = _parts(inner["ops"], smaller=smaller)
    made = []
    for place, ops in enumerate(parts):
        part_id = str(uuid5(NAMESPACE_OID, f"{inner['txn_id']}/{place}/{len(parts)}"))
        if reader.get("quarantine", part_id) is not None:
            continue
        txn_id = inner["txn_id"] if len(parts) == 1 else part_id
        kept = {name: inner[name] for name in ("client_seq", "at", "seen_cursor")} | {"txn_id": txn_id, "part": place}
        values = {
            "txn_id": txn_id,
            "reason": reason,
            "detail": detail,
            "payload": orjson.dumps(kept | {"ops": ops}).decode(),
            "touched": orjson.dumps(sorted({f"{op['e']}/{op['id']}" for op in ops})).decode(),
            "user_id": state.user_id,
            "device_id": state.device_id,
            "refused_at": refused_at,
            "handed_at": handed_at,
            "note": note,
        }
        made.append(create("quarantine", part_id, values))
    return made


def _unwrapped(payload: Payload, reason: str, detail: str) -> tuple[dict[str, Any], str, str]:
    """The transaction itself, also where handing it over was set aside in its turn."""
    inner = dict(payload)
    ops: list[dict[str, Any]] = []
    for op in payload["ops"]:
        if op["k"] == "create" and op["e"] == "quarantine":
            held = payload_of(op["v"])
            inner |= {name: held[name] for name in ("txn_id", "client_seq", "at", "seen_cursor")}
            reason, detail = op["v"].get("reason", reason), op["v"].get("detail", detail)
            ops += held["ops"]
        else:
            ops.append({name: value for name, value in op.items() if name != "base"})
    return inner | {"ops": ops}, reason, detail


def _parts(ops: Sequence[dict[str, Any]], *, smaller: bool) -> list[list[dict[str, Any]]]:
    """The operations in their order, as many together as an entry holds; `smaller`: at most half of them all."""
    sizes = [len(orjson.dumps(orjson.dumps(op).decode())) for op in ops]
    most = min(PART_BYTES, max(sum(sizes) // 2, *sizes)) if smaller and len(ops) > 1 else PART_BYTES
    if max(sizes, default=0) > most or (smaller and len(ops) == 1):
        raise InvalidInput(
            "too_large_to_hand_over",
            "This change is too large to be handed over.",
            "Save the outbox as a file and send that.",
        )
    parts: list[list[dict[str, Any]]] = []
    room = 0
    for op, size in zip(ops, sizes, strict=True):
        if not parts or size > room:
            parts.append([])
            room = most
        parts[-1].append(op)
        room -= size
    return parts
