"""What the sample loaders make: records with ids that are the same on every run."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_desktop.model.wire import Row, clean_row

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "sample.northwind.example")


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One record; `row` is complete and in wire form, without the id."""

    entity: str
    id: str
    row: Row


def sample_id(entity: str, key: str) -> str:
    """Id of the sample record of that entity and key; the folder it came from does not matter."""
    return str(uuid.uuid5(_NAMESPACE, f"{entity}:{key}"))


def sample_record(entity: str, key: str, values: Mapping[str, Any]) -> SampleRecord:
    """A record from some of its values; InvalidInput for a value that the declaration refuses."""
    return SampleRecord(entity, sample_id(entity, key), clean_row(entity, values))
