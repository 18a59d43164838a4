"""Verbs on any record: list, show, search, new, set, delete."""

import argparse

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.permissions import offered_fields, seen_row
from crm_desktop.rules.search_query import kinds_named, parse
from crm_desktop.services.changes import record_title
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.reader import Reader
from ui.cli.lookup import entity_named, filter_of, find, values_of
from ui.cli.output import Output, text_of
from ui.cli.verbs_sync import Verb
from ui.compose import App
from ui.presenters.search import names_of_kinds

LIST_COLUMNS = 6


def declare(verb: Verb) -> None:
    """Add the verbs of this module."""
    listing = verb("list", "records of one kind")
    listing.add_argument("entity", metavar="ENTITY")
    listing.add_argument("--filter", action="append", default=[], metavar="FIELD=VALUE", help="also != < <= > >= ~")
    listing.add_argument("--sort", default="", metavar="FIELD")
    listing.add_argument("--descending", action="store_true")
    listing.add_argument("--limit", type=int, default=50)
    listing.add_argument("--search", default="", metavar="TEXT")
    listing.set_defaults(run=_list)
    show = verb("show", "one record with what belongs to it")
    show.add_argument("entity", metavar="ENTITY")
    show.add_argument("record", metavar="ID_OR_NUMBER")
    show.set_defaults(run=_show)
    search = verb("search", "find records by words; name: city: tag: since: type: narrow it; umlauts do not matter")
    search.add_argument("text", metavar="TEXT")
    search.add_argument("--limit", type=int, default=20)
    search.set_defaults(run=_search)
    new = verb("new", "create a record")
    new.add_argument("entity", metavar="ENTITY")
    new.add_argument("values", nargs="*", metavar="FIELD=VALUE")
    new.set_defaults(run=_new)
    change = verb("set", "change fields of a record")
    change.add_argument("entity", metavar="ENTITY")
    change.add_argument("record", metavar="ID_OR_NUMBER")
    change.add_argument("values", nargs="+", metavar="FIELD=VALUE")
    change.set_defaults(run=_set)
    delete = verb("delete", "delete a record")
    delete.add_argument("entity", metavar="ENTITY")
    delete.add_argument("record", metavar="ID_OR_NUMBER")
    delete.set_defaults(run=_delete)


def _list(app: App, arguments: argparse.Namespace, out: Output) -> int:
    entity = entity_named(arguments.entity)
    query = ListQuery(
        entity,
        tuple(filter_of(entity, condition, app.permissions) for condition in arguments.filter),
        arguments.sort,
        arguments.descending,
        arguments.search,
    )
    rows = app.store.read(lambda reader: reader.rows(entity, reader.row_ids(query)[: max(0, arguments.limit)]))
    rows = [seen_row(entity, row, app.permissions) for row in rows]
    fields = offered_fields(entity, app.permissions)
    names = [name for name, facts in fields.items() if facts.kind is not Kind.LONG_TEXT]
    shown = [name for name in names if any(row.get(name) not in (None, "", [], False) for row in rows)][:LIST_COLUMNS]
    labels = [field_facts(entity)[name].label(out.language) for name in shown]
    out.table(rows, ("id", *labels), ((row["id"], *(row.get(name) for name in shown)) for row in rows))
    return 0


def _show(app: App, arguments: argparse.Namespace, out: Output) -> int:
    entity = entity_named(arguments.entity)

    def read(reader: Reader) -> tuple[Row, dict[str, list[Row]], str]:
        row = find(reader, entity, arguments.record)
        return row, _belongings(reader, entity, row["id"]), reader.record_state(entity, row["id"])

    row, children, state = app.store.read(read)
    row = seen_row(entity, row, app.permissions)
    children = {kind: [seen_row(kind, child, app.permissions) for child in rows] for kind, rows in children.items()}
    lines = [f"{entity_facts(entity).label(out.language)} {record_title(entity, row)}  [{state}]", f"id: {row['id']}"]
    for name, facts in field_facts(entity).items():
        if row.get(name) not in (None, "", [], False):
            value = facts.choice_label(str(row[name]), out.language) if facts.choices else row[name]
            lines.append(f"{facts.label(out.language)}: {text_of(value)}")
    for kind, rows in children.items():
        lines.append(f"{entity_facts(kind).label(out.language, plural=True)}:")
        lines += [f"    {child['id']}  {record_title(kind, child)}" for child in rows]
    out.say(row | {"state": state, "children": children}, *lines)
    return 0


def _belongings(reader: Reader, entity: str, record_id: str) -> dict[str, list[Row]]:
    """Records that have this one as their parent or account, by kind."""
    from crm_desktop.model import ENTITIES

    found: dict[str, list[Row]] = {}
    for kind, record in ENTITIES.items():
        owners = (*record.FACTS.parents, *((record.FACTS.account,) if record.FACTS.account else ()))
        for name in owners:
            if field_facts(kind)[name].ref == entity:
                rows = reader.where(kind, **{name: record_id})
                if rows:
                    found.setdefault(kind, []).extend(rows)
    return found


def _search(app: App, arguments: argparse.Namespace, out: Output) -> int:
    query = parse(arguments.text, app.clock.now().astimezone().date())
    odd = [*(f"{name}:" for name in query.unknown), *([query.not_a_day] if query.not_a_day else [])]
    kinds = kinds_named(query.types, names_of_kinds()) if query.types else None
    if odd or kinds == frozenset():
        raise InvalidInput(
            "unknown_condition",
            f"{(odd or query.types)[0]!r} is no condition of a search.",
            "There are name:, city:, tag:, since: with a day, and type: with a kind of record.",
            given=(odd or query.types)[0],
        )
    wanted = None if kinds is None else tuple(sorted(kinds))
    hits = app.store.read(lambda reader: reader.find(query, arguments.limit, wanted))
    data = [
        {"entity": hit.entity, "id": hit.id, "root": list(hit.root), "title": hit.title, "snippet": hit.snippet}
        for hit in hits
    ]
    rows = [(entity_facts(hit.entity).label(out.language), hit.title, hit.snippet, hit.id) for hit in hits]
    out.table(data, ("", "", "", "id"), rows)
    return 0


def _new(app: App, arguments: argparse.Namespace, out: Output) -> int:
    entity = entity_named(arguments.entity)
    values = values_of(entity, arguments.values, app.permissions)
    if all(value in (None, [], False) or not str(value).strip() for value in values.values()):
        # As in the form: it would only stand in everybody's lists, and nobody could tell what it is.
        example = f"{next(iter(offered_fields(entity, app.permissions)))}=..."
        raise InvalidInput(
            "record_says_nothing",
            "Nothing entered yet. One field is enough.",
            f"Write FIELD=VALUE, for example {example}.",
            example=example,
        )
    record_id = app.records.create(entity, values)
    out.say({"id": record_id}, out.word("created", what=record_id))
    return 0


def _set(app: App, arguments: argparse.Namespace, out: Output) -> int:
    entity = entity_named(arguments.entity)
    record_id = app.store.read(lambda reader: find(reader, entity, arguments.record))["id"]
    values = values_of(entity, arguments.values, app.permissions)
    states = [name for name in values if field_facts(entity)[name].kind is Kind.STATE]
    if states and len(values) > 1:
        raise InvalidInput("state_alone", f"{states[0]!r} is a state.", "Set it by itself.", name=states[0])
    if states:
        changes = app.records.transition(entity, record_id, values[states[0]], states[0])
    else:
        changes = app.records.update(entity, record_id, values)
    out.say({"id": record_id, "changed": bool(changes)}, out.word("changed" if changes else "unchanged"))
    return 0


def _delete(app: App, arguments: argparse.Namespace, out: Output) -> int:
    entity = entity_named(arguments.entity)
    record_id = app.store.read(lambda reader: find(reader, entity, arguments.record))["id"]
    app.records.delete(entity, record_id)
    out.say({"id": record_id}, out.word("deleted"))
    return 0
