"""Catalogue and customers from files: what a row means is decided by the shared mapping, what it meets here.

A row finds its record again by number, else by name, so that importing twice changes nothing. The whole file
is one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from crm_desktop.errors import InvalidInput
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.delimited import read_table
from crm_desktop.rules.import_mapping import Child, MappedRecord, map_columns, map_rows, same_name
from server.storage.commit import Commit
from server.storage.parents import prefetch_parents
from server.storage.record_writing import write_chunk
from server.storage.records import all_rows
from server.storage.storage import Storage

KINDS = {"products": "product", "prices": "price_item", "tax": "tax_rate", "accounts": "account"}
_NAMED_BY = {
    "user": ("login", "name", "email"),
    "territory": ("code", "name"),
    "product": ("number", "name"),
    "account": ("external_id", "name"),
    "price_list": ("name",),
}
_TELLING = {"product": ("number", "name"), "account": ("external_id", "name"), "tax_rate": ("tax_class", "valid_from")}


@dataclass(slots=True)
class ImportReport:
    """What a file led to. `problems`: one sentence per cell or row that could not be read."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: list[str] = field(default_factory=list)
    unmapped: tuple[str, ...] = ()


class _DryRun(Exception):
    """Everything was tried; nothing is to be kept."""


def import_file(storage: Storage, entity: str, data: bytes, valid_from: date | None, *, dry_run: bool) -> ImportReport:
    """Import a delimited file. InvalidInput where it holds nothing of this kind."""
    table = read_table(data)
    mapping = map_columns(entity, table.header)
    if not mapping.targets:
        facts = entity_facts(entity)
        raise InvalidInput(
            "no_columns",
            f"No column of the file belongs to {facts.plural_en.lower()}.",
            "The first line must hold column names, such as “" + facts.title[0] + "”.",
        )
    mapped = map_rows(mapping, table)
    report = ImportReport(unmapped=mapping.unmapped)
    report.problems = [problem.text for problem in (*table.problems, *mapped.problems)]
    try:
        with storage.write(actor="import") as commit:
            _Importer(commit, entity, valid_from, report).run(mapped.records)
            if dry_run:
                raise _DryRun
    except _DryRun:
        pass
    return report


class _Importer:
    def __init__(self, commit: Commit, entity: str, valid_from: date | None, report: ImportReport) -> None:
        self._commit = commit
        self._entity = entity
        self._valid_from = valid_from
        self._report = report
        self._names: dict[str, dict[str, str]] = {}
        self._children: dict[tuple[str, str], dict[tuple[str, ...], str]] = {}
        self._known = {} if entity == "price_item" else self._index()
        if entity == "account":
            for kind in ("contact", "address", "channel"):
                self._index_children(kind)

    def run(self, records: Sequence[MappedRecord]) -> None:
        """Write all records in file order."""
        price_list = self._price_list() if self._entity == "price_item" else ""
        rows: list[tuple[MappedRecord, Row]] = []
        for record in records:
            values = record.values | self._references(record)
            if self._entity == "price_item":
                if "product_id" not in values:
                    continue
                values |= {"price_list_id": price_list}
                values.setdefault("min_quantity", "1.000")
            elif self._entity == "tax_rate" and self._valid_from is not None:
                values.setdefault("valid_from", self._valid_from.isoformat())
            elif self._entity == "account":
                values.setdefault("kind", "company")
            rows.append((record, values))
        prefetch_parents(self._commit, [(self._entity, "", values) for _, values in rows])
        for record, values in rows:
            self._write_row(record, values)

    def _write_row(self, record: MappedRecord, values: Row) -> None:
        keys = self._keys(values)
        record_id = next((self._known[key] for key in keys if key in self._known), "")
        is_new = not record_id
        record_id = record_id or new_id()
        for key in keys:
            self._known.setdefault(key, record_id)
        rows = [(self._entity, record_id, values), *self._child_rows(record_id, record.children)]
        written = write_chunk(self._commit, rows)
        if is_new:
            self._report.created += 1
        elif written:
            self._report.changed += 1
        else:
            self._report.unchanged += 1

    # -- finding records again ------------------------------------------------------------------------

    def _keys(self, values: Row) -> list[tuple[str, ...]]:
        """What finds the record again."""
        if self._entity == "price_item":
            return [("price", *(str(values[n]) for n in ("price_list_id", "product_id", "min_quantity")))]
        first, second = _TELLING[self._entity]
        if self._entity == "tax_rate":
            return [("tax", str(values.get(first)), str(values.get(second)))]
        # A number tells records apart; only rows without one are found by name.
        if values.get(first):
            return [("number", str(values[first]))]
        return [("name", same_name(str(values.get(second, ""))))]

    def _index(self) -> dict[tuple[str, ...], str]:
        index: dict[tuple[str, ...], str] = {}
        first, second = _TELLING[self._entity]
        for row in all_rows(self._commit.connection, self._entity, (first, second)):
            for key in self._keys(row):
                index.setdefault(key, row["id"])
            if self._entity != "tax_rate":
                index.setdefault(("name", same_name(str(row[second]))), row["id"])
        return index

    def _index_children(self, kind: str) -> None:
        names = {
            "contact": ("account_id", "name"),
            "address": ("account_id", "contact_id", "kind"),
            "channel": ("account_id", "contact_id", "kind", "label"),
        }[kind]
        for row in all_rows(self._commit.connection, kind, names):
            owner = row["account_id"] or row.get("contact_id") or ""
            self._children.setdefault((kind, owner), {}).setdefault(_child_key(kind, row), row["id"])

    def _child_rows(self, record_id: str, children: Sequence[Child]) -> list[tuple[str, str, Row]]:
        rows: list[tuple[str, str, Row]] = []
        contact_id = ""
        for child in sorted(children, key=lambda child: child.entity != "contact"):
            on_contact = child.of == "contact" and contact_id
            owner = {"contact_id": contact_id} if on_contact else {"account_id": record_id}
            known = self._children.setdefault((child.entity, contact_id if on_contact else record_id), {})
            child_id = known.setdefault(_child_key(child.entity, child.values), new_id())
            if child.entity == "contact":
                contact_id = child_id
            rows.append((child.entity, child_id, child.values | owner))
        return rows

    # -- what a row refers to -------------------------------------------------------------------------

    def _references(self, record: MappedRecord) -> Row:
        found: Row = {}
        for name, text in record.references.items():
            facts = field_facts(self._entity)[name]
            known = self._by_name(str(facts.ref)).get(same_name(text))
            if known is None:
                self._report.problems.append(
                    f"Line {record.line}: {facts.en} “{text}” is not known here; the cell was left out."
                )
            else:
                found[name] = known
        return found

    def _by_name(self, entity: str) -> dict[str, str]:
        if entity not in self._names:
            names = _NAMED_BY.get(entity, entity_facts(entity).title)
            index: dict[str, str] = {}
            for name in names:
                for row in all_rows(self._commit.connection, entity, (name,)):
                    if row[name]:
                        index.setdefault(same_name(str(row[name])), row["id"])
            self._names[entity] = index
        return self._names[entity]

    def _price_list(self) -> str:
        """The list that begins on the day; the one that was open till then ends the day before."""
        starts = self._valid_from or date.fromisoformat(self._commit.at[:10])
        lists = all_rows(self._commit.connection, "price_list", ("name", "currency", "valid_from", "valid_until"))
        same = next((row["id"] for row in lists if row["valid_from"] == starts.isoformat()), None)
        if same is None:
            same = new_id()
            before = [row for row in lists if not row["valid_until"] and (row["valid_from"] or "") < starts.isoformat()]
            rows: list[tuple[str, str, Row]] = [
                ("price_list", row["id"], {"valid_until": (starts - timedelta(days=1)).isoformat()}) for row in before
            ]
            currency = before[-1]["currency"] if before else "EUR"
            values = {
                "name": f"Prices from {starts.isoformat()}",
                "currency": currency or "EUR",
                "rounding": "line",
                "valid_from": starts.isoformat(),
            }
            write_chunk(self._commit, [*rows, ("price_list", same, values)])
        for row in all_rows(self._commit.connection, "price_item", ("price_list_id", "product_id", "min_quantity")):
            if row["price_list_id"] == same:
                quantity = f"{(row['min_quantity'] or 0) // 1000}.{(row['min_quantity'] or 0) % 1000:03d}"
                self._known["price", same, str(row["product_id"]), quantity] = row["id"]
        return str(same)


def _child_key(kind: str, values: Row) -> tuple[str, ...]:
    if kind == "contact":
        return (same_name(str(values.get("name", ""))),)
    if kind == "address":
        return (str(values.get("kind", "")),)
    return str(values.get("kind", "")), str(values.get("label", ""))
