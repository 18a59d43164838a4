"""What a laptop had to set aside because no server could read it, handed to inside sales as an entry of its own."""

from typing import Any

import orjson

from crm_desktop.model.operations import Create
from crm_desktop.model.wire import Row
from crm_desktop.rules.merged import Refused
from server.storage.devices import Device

_TOLD = frozenset({"txn_id", "reason", "detail", "payload", "refused_at", "handed_at", "note", "created_at"})
_KNOWN_HERE = frozenset({"user_id", "device_id", "touched", "created_by"})  # whatever is told of them


def check_handed_over(op: Create) -> None:
    """Refused where it is no such entry: the others are written by the server alone."""
    if not op.v.keys() <= _TOLD | _KNOWN_HERE or not op.v.get("handed_at"):
        raise Refused("no_permission", f"{op.e} is written by the server")
    _touched(op)


def by_server(op: Create, device: Device) -> Row:
    """The values of such an entry that the server says: who sent it, and what it is about."""
    return {"user_id": device.user_id, "device_id": device.device_id, "touched": orjson.dumps(_touched(op)).decode()}


def _touched(op: Create) -> list[str]:
    """Kind and id of the records in the payload, whose operations the server need not understand."""
    try:
        payload: Any = orjson.loads(str(op.v.get("payload") or ""))
        return sorted({f"{held['e']}/{held['id']}" for held in payload["ops"]})
    except (ValueError, LookupError, TypeError) as error:
        raise Refused("invalid_value", "payload") from error
