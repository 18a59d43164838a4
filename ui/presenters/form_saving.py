"""What a form writes: the record and its repeated rows as one action, or what a refused action sends instead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_desktop.model.wire import Value
from crm_desktop.services.records import RecordService
from crm_desktop.services.refusals import RefusalService
from ui.presenters.record_form import FormData, changed

INITIATOR = "record form"
_NOTHING: tuple[Value, ...] = (None, "", [], False)


@dataclass(slots=True)
class FormChanges:
    """`values` of the record; `children` to write by entity, each with its id (None: new); `gone` to delete."""

    values: dict[str, object]
    children: dict[str, Sequence[tuple[str | None, dict[str, object]]]] = field(default_factory=dict)
    gone: dict[str, Sequence[str]] = field(default_factory=dict)

    def say_something(self) -> bool:
        """Whether there is anything to write: a record that says nothing would only stand in everybody's lists."""
        return bool(self.values) or any(self.children.values())


def changed_values(data: FormData, typed: Mapping[str, Value], shown: frozenset[str]) -> dict[str, object]:
    """Of a known record what differs, of a new one what says anything; of a refused action also what no field shows."""
    if data.record_id:
        values = changed(data.row, typed)
    else:
        values = {name: value for name, value in typed.items() if value not in _NOTHING}
    if data.refused:
        return {name: value for name, value in data.proposed.items() if name not in shown} | values
    return values


def save_form(records: RecordService, refusals: RefusalService, data: FormData, changes: FormChanges) -> str:
    """Write it; returns the id of the record ('' where a refused action made it under an id of its own)."""
    if data.refused:
        seen, version = (data.row, data.version) if data.record_id else (None, None)
        refusals.save(data.refused, changes.values, seen=seen, seen_ver=version, initiator=INITIATOR)
        return data.record_id or ""
    with records.batch(INITIATOR) as batch:
        if data.record_id is None:
            record_id = batch.create(data.entity, changes.values)
        else:
            record_id = data.record_id
            if changes.values:
                batch.update(data.entity, record_id, changes.values, seen=data.row, seen_ver=data.version)
        for entity, pending in changes.children.items():
            for child_id, values in pending:
                if child_id is None:
                    batch.create(entity, values | {f"{data.entity}_id": record_id})
                else:
                    batch.update(entity, child_id, values)
        for entity, ids in changes.gone.items():
            for child_id in ids:
                batch.delete(entity, child_id)
    return record_id
