"""Import of a foreign CSV file: read, map, plan, write in transactions of whole rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.import_plan import RowPlan, Step, plan_import
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import entity_facts, field_facts
from crm_desktop.rules.closing import IMPORTED_WITHOUT_REASON, LOST, WON
from crm_desktop.rules.delimited import Problem, read_table
from crm_desktop.rules.import_mapping import Mapping, map_columns, map_rows
from crm_desktop.rules.permissions import NONE, Permissions, may_see
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore

Progress = Callable[[int, int], bool]

# Below the server's limits for one transaction (500 operations, 1 MiB), with room for what the wire adds.
_OPERATIONS = 400
_CHARACTERS = 300_000
_ROW_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would do. `created`, `updated`, `unchanged` count rows of the file."""

    entity: str
    rows: int
    created: int
    updated: int
    unchanged: int
    problems: tuple[Problem, ...]
    unmapped: tuple[str, ...]
    mapped: tuple[tuple[str, str], ...]  # (header, entity.field)
    encoding: str
    delimiter: str
    dry_run: bool = False
    cancelled: bool = False


def import_csv(
    data: bytes,
    entity: str,
    store: ClientStore,
    records: RecordService,
    *,
    permissions: Permissions = NONE,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Import a CSV file. Importing the same file again changes nothing; empty cells never erase anything.

    Columns of fields that need more than `permissions` are nobody's. `progress` hears (rows done, rows in all) and
    answers whether to go on; what was written by then stays and the next import of the file completes it.
    InvalidInput for a file that is no table or fits nothing.
    """
    declared = entity_facts(entity)
    if declared.server_only:
        raise InvalidInput(
            "not_importable",
            f"{declared.plural_en} are kept on the server.",
            "Ask the administrator to import them there.",
            records=declared,
        )
    table = read_table(data)
    mapping = _permitted(map_columns(entity, table.header), permissions)
    _check(mapping, table.header)
    mapped = map_rows(mapping, table)
    plans, unknown = store.read(lambda reader: plan_import(reader, entity, mapped.records))
    plans, too_long = _writable(plans)
    found = [*table.problems, *mapped.problems, *unknown, *too_long]
    problems = sorted(found, key=lambda item: (item.line, item.message_code))
    done = len(plans) if dry_run else _write(plans, records, progress)
    counted = plans[:done]
    return ImportReport(
        entity,
        len(plans),
        sum(1 for plan in counted if plan.is_new),
        sum(1 for plan in counted if not plan.is_new and plan.steps),
        sum(1 for plan in counted if not plan.steps),
        tuple(problems),
        mapping.unmapped,
        tuple((t.header, f"{t.entity}.{t.field}") for t in sorted(mapping.targets, key=lambda t: t.column)),
        table.encoding,
        table.delimiter,
        dry_run,
        done < len(plans),
    )


def _permitted(mapping: Mapping, permissions: Permissions) -> Mapping:
    """The mapping without what the person may not see; such a column is nobody's."""
    hidden = [item for item in mapping.targets if not may_see(field_facts(item.entity)[item.field], permissions)]
    if not hidden:
        return mapping
    kept = tuple(item for item in mapping.targets if item not in hidden)
    return Mapping(mapping.entity, kept, (*mapping.unmapped, *(item.header for item in hidden)))


def _check(mapping: Mapping, header: Sequence[str]) -> None:
    """At least one column must belong to the record itself."""
    if not any(not target.group for target in mapping.targets):
        facts = entity_facts(mapping.entity)
        raise InvalidInput(
            "no_known_column",
            f"No column of the file belongs to {facts.plural_en.lower()}: {', '.join(header)[:200]}.",
            "Name at least one column like a field, for instance “Name”.",
            columns=", ".join(header)[:200],
        )


def _writable(plans: Sequence[RowPlan]) -> tuple[list[RowPlan], list[Problem]]:
    """The rows one transaction can hold, and a word on each that it cannot or that needs one left out."""
    kept: list[RowPlan] = []
    problems: list[Problem] = []
    missing: set[str] = set()
    for plan in plans:
        needed = {step.id for step in plan.steps if not step.is_new}
        needed |= {value for step in plan.steps for value in step.values.values() if isinstance(value, str)}
        size = sum(len(orjson.dumps(step.values, default=str)) for step in plan.steps)
        if size <= _ROW_BYTES and missing.isdisjoint(needed):
            kept.append(plan)
            continue
        missing |= {step.id for step in plan.steps if step.is_new}
        problems.append(_left_out(plan.line, size))
    return kept, problems


def _left_out(line: int, size: int) -> Problem:
    if size <= _ROW_BYTES:
        return Problem(
            line,
            "row_without_its_record",
            f"Line {line} belongs to a record that could not be imported; it was left out.",
            f"Zeile {line} gehört zu einem Datensatz, der nicht importiert werden konnte; sie wurde ausgelassen.",
        )
    return Problem(
        line,
        "row_too_large",
        f"Line {line} holds more than one step may (1 MiB); it was left out. Shorten its text and import again.",
        f"Zeile {line} enthält mehr, als ein Schritt fasst (1 MiB); sie wurde ausgelassen. Kürzen Sie den Text und "
        "importieren Sie erneut.",
    )


def _write(plans: Sequence[RowPlan], records: RecordService, progress: Progress | None) -> int:
    """Write the plans, rows never torn apart; returns how many were carried out."""
    done = 0
    for chunk in _chunks(plans):
        with records.batch("import") as batch:
            for plan in chunk:
                for step in plan.steps:
                    values = _closed_elsewhere(step)
                    if step.is_new:
                        batch.create(step.entity, values, step.id)
                    else:
                        batch.update(step.entity, step.id, values)
        done += len(chunk)
        if progress is not None and not progress(done, len(plans)):
            break
    return done


def _closed_elsewhere(step: Step) -> dict[str, Any]:
    """A sale closed in another program was closed on the day it says, and lost without a reason; that is said."""
    stage = step.values.get("stage")
    if step.entity != "opportunity" or stage not in (LOST, WON):
        return step.values
    told = {"closed_on": step.values["closes_on"]} if step.values.get("closes_on") else {}
    return told | (IMPORTED_WITHOUT_REASON if stage == LOST else {}) | step.values


def _chunks(plans: Sequence[RowPlan]) -> Iterator[list[RowPlan]]:
    chunk: list[RowPlan] = []
    operations = characters = 0
    for plan in plans:
        cost = sum(_operations(step.entity, step.values) for step in plan.steps)
        size = sum(len(repr(step.values)) for step in plan.steps)
        if chunk and (operations + cost > _OPERATIONS or characters + size > _CHARACTERS):
            yield chunk
            chunk, operations, characters = [], 0, 0
        chunk.append(plan)
        operations, characters = operations + cost, characters + size
    if chunk:
        yield chunk


def _operations(entity: str, values: dict[str, object]) -> int:
    """Operations a step costs at most: one for plain fields, one for each text, two for each set."""
    kinds = [field_facts(entity)[name].kind for name in values]
    return 1 + kinds.count(Kind.LONG_TEXT) + 2 * kinds.count(Kind.SET)
