"""Which record on this device a row of a file, or a cell that names a record, means."""

from collections import defaultdict
from collections.abc import Sequence

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.folding import digits
from crm_desktop.rules.import_columns import NUMBER_FIELDS
from crm_desktop.rules.import_mapping import Child, MappedRecord, same_name
from crm_desktop.store.reader import Reader


def same_child(child: Child, siblings: Sequence[Row]) -> Row | None:
    """The sibling this child is: contact by name, address by kind, channel by value, else by kind and label."""
    values = child.values
    if child.entity == "contact":
        return next((row for row in siblings if same_name(row["name"]) == same_name(values["name"])), None)
    of_kind = [row for row in siblings if row["kind"] == values.get("kind", "")]
    if child.entity == "address":
        return of_kind[0] if of_kind else None
    spelled = _spelled(str(values["value"]))
    for row in of_kind:
        if _spelled(row["value"]) == spelled:
            values.pop("label", None)
            values["value"] = row["value"]
            return row
    return next((row for row in of_kind if row["label"] == values.get("label", "")), None)


def _spelled(value: str) -> str:
    """Telephone numbers alike by their digits, anything else without case and spaces."""
    return value.casefold().strip() if "@" in value or not digits(value) else digits(value)


class KnownRecords:
    """Records of one entity by number and by name."""

    def __init__(self, reader: Reader, entity: str) -> None:
        self._reader = reader
        self._entity = entity
        self._by_number: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self._by_name: dict[str, list[Row]] = defaultdict(list)
        self._titles = entity_facts(entity).title
        facts = field_facts(entity)
        self._numbers = [name for name in NUMBER_FIELDS if name in facts]
        for row in reader.where(entity):
            for name in self._numbers:
                if row[name]:
                    self._by_number[name, row[name]].append(row)
            title = next((str(row[name]) for name in self._titles if row.get(name)), "")
            self._by_name[same_name(title)].append(row)

    def candidates(self, record: MappedRecord) -> list[Row]:
        """Records that the row may mean, best first."""
        if record.key[0] != "name":
            found = self._by_number.get((record.key[0], record.key[1]))
            if found:
                return found
            # Known by name so far, without a number: the row brings it.
            named = [row for row in self._named(record) if not row[record.key[0]]]
            return named if len(named) == 1 else []
        return self._named(record)

    def _named(self, record: MappedRecord) -> list[Row]:
        known = record.values | record.references
        title = next((str(known[name]) for name in self._titles if known.get(name)), "")
        rows = self._by_name.get(same_name(title), []) if title else []
        if self._entity == "account":
            return self._in_city(record, rows)
        return [row for row in rows if self._tells_alike(record, row)]

    def _in_city(self, record: MappedRecord, rows: Sequence[Row]) -> list[Row]:
        city = next((same_name(str(c.values["city"])) for c in record.children if c.values.get("city")), "")
        if not city:
            return list(rows)
        found: list[tuple[bool, Row]] = []
        for row in rows:
            cities = {same_name(a["city"]) for a in self._reader.where("address", account_id=row["id"]) if a["city"]}
            if not cities or city in cities:
                found.append((not cities, row))
        return [row for _, row in sorted(found, key=lambda item: (item[0], item[1]["id"]))]

    def _tells_alike(self, record: MappedRecord, row: Row) -> bool:
        """Same days and quantities, and below the same account or parent (an open one fits any)."""
        facts = field_facts(self._entity)
        for name, item in facts.items():
            value = record.values.get(name)
            if value and (item.kind in (Kind.DATE, Kind.INSTANT) or name == "min_quantity") and row[name] != value:
                return False
        declared = entity_facts(self._entity)
        for name in (*declared.parents, *((declared.account,) if declared.account else ())):
            text = record.references.get(name)
            ref = facts[name].ref
            if text and ref and row[name]:
                owner = self._reader.get(ref, row[name])
                if owner is not None and same_name(text) not in _names(ref, owner):
                    return False
        return True


class Lookup:
    """Ids of an entity by id, number or name."""

    def __init__(self, reader: Reader, entity: str) -> None:
        self._entity = entity
        self._ids: dict[str, list[str]] = defaultdict(list)
        for row in reader.where(entity):
            self.add(row["id"], row)

    def add(self, record_id: str, row: Row) -> None:
        """A record more, with what names it."""
        for name in _names(self._entity, row | {"id": record_id}):
            if record_id not in self._ids[name]:
                self._ids[name].append(record_id)

    def find(self, text: str) -> list[str]:
        """Ids of all that are called so."""
        return self._ids.get(same_name(text), [])


def _names(entity: str, row: Row) -> set[str]:
    facts = entity_facts(entity)
    fields = ("id", *NUMBER_FIELDS, *(name for name in facts.title if field_facts(entity)[name].ref is None))
    return {same_name(str(row[name])) for name in fields if row.get(name)}
