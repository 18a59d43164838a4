"""What is kept of a prepared snapshot beside its parts, so that another process can serve it too."""

import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from server.storage.snapshot_rows import Audience

_LOG = logging.getLogger("crm.server")
ABOUT = "about.json"


@dataclass(frozen=True, slots=True)
class PartInfo:
    """A part as the manifest names it."""

    snapshot_id: str
    i: int
    entity: str
    rows: int
    bytes: int
    sha256: str


@dataclass(slots=True)
class Snapshot:
    """One audience at one moment. `parts` grows until `done`; `failed` ones are made again when asked for."""

    snapshot_id: str
    epoch: str
    schema_ver: int
    as_of: int
    commit_id: str
    audience: Audience
    parts: list[PartInfo] = field(default_factory=list)
    done: bool = False
    failed: bool = False


def about_done(one: Snapshot) -> bytes:
    """The content of ABOUT for a finished snapshot."""
    audience = one.audience
    told = {"scopes": sorted(audience.scopes), "without": sorted(audience.without), "full": audience.full}
    return orjson.dumps(asdict(one) | {"audience": told, "done": True})


def read_about(path: Path) -> Snapshot | None:
    """A finished snapshot; None where the file is none."""
    try:
        told = orjson.loads(path.read_bytes())
        audience = told["audience"]
        return Snapshot(
            **told
            | {
                "audience": Audience(frozenset(audience["scopes"]), frozenset(audience["without"]), audience["full"]),
                "parts": [PartInfo(**part) for part in told["parts"]],
            }
        )
    except (OSError, ValueError, TypeError, KeyError):
        _LOG.warning("a prepared snapshot cannot be read: %s", path.parent.name)
        return None
