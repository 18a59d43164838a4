"""The outbox as a file, for when there is no server to send it to."""

import json
from pathlib import Path

import orjson

from crm_desktop.errors import StoreError
from crm_desktop.store.connection import Connection
from crm_desktop.store.sending import operations


def export(connection: Connection, path: Path) -> int:
    """Write what is not covered yet, and what was refused, as JSON lines; returns how many. Works without a server.

    What was taken back or given up is neither.
    """
    found = connection.execute(
        "SELECT t.n, t.client_seq, t.txn_id, t.at, t.state, t.void, q.code, q.message FROM outbox_txn t "
        "LEFT JOIN quarantine_local q ON q.txn = t.n WHERE (t.state <> 'covered' AND t.void = 0) OR "
        "(q.txn IS NOT NULL AND q.closed_at IS NULL) ORDER BY t.n"
    ).fetchall()
    refused = connection.execute(
        "SELECT payload, reason, detail FROM quarantine WHERE status = 'open' ORDER BY refused_at, id"
    ).fetchall()
    try:
        with path.open("w", encoding="utf-8", newline="\n") as target:
            for n, client_seq, txn_id, at, state, void, code, message in found:
                entry = {
                    "client_seq": client_seq,
                    "txn_id": txn_id,
                    "at": at,
                    "state": "void" if void else state,
                    "code": code,
                    "message": message,
                    "ops": [orjson.loads(text) for text in operations(connection, n)],
                }
                target.write(json.dumps(entry, ensure_ascii=False) + "\n")
            for payload, reason, detail in refused:
                kept = orjson.loads(payload or "{}") | {"state": "refused", "code": reason, "message": detail}
                target.write(json.dumps(kept, ensure_ascii=False) + "\n")
    except OSError as error:
        raise StoreError(
            "cannot_write_file", f"“{path.name}” cannot be written.", "Choose another place.", file=path.name
        ) from error
    return len(found) + len(refused)
