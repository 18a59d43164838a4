"""What prepared parts write by SQL is what pages write by Python: folded texts, sort keys, search documents."""

import pytest

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import clean_row, field_facts
from crm_desktop.store import fill_sql
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import Connection
from crm_desktop.store.schema import entity_indexes
from crm_desktop.store.tables import ENTITY_NAMES, folded, table

TEXTS = [
    "",
    "Mueller & Soehne",
    "MÜLLER & SÖHNE",
    "aebleskiver oe UE Ae",
    "tab\tand\nline",
    "straße Łódź Øre Æble Œuvre",
    "İstanbul ıI",
    "Железо ΣΟΦΟΣ",
    "\x7f\x01 ~",
    "e\u0301te\u0301 \ufb01n",
    "日本語 ' \" %_*?[",
]


def in_sql(store: ClientStore, sql: str, *parameters: object) -> object:
    """The value of an expression in the store's file."""

    def work(connection: Connection) -> object:
        fill_sql.functions(connection)
        return connection.execute(f"SELECT {sql}", parameters).fetchone()[0]

    return store._writer.call(work)


@pytest.mark.parametrize("text", TEXTS)
def test_sql_folds_as_python_does(store: ClientStore, text: str) -> None:
    assert in_sql(store, fill_sql.folding("?1"), text) == folded(text)


def test_no_text_folds_to_no_text(store: ClientStore) -> None:
    assert in_sql(store, fill_sql.folding("?1"), None) is None


@pytest.mark.parametrize("entity", ENTITY_NAMES)
def test_rows_get_the_sort_key_of_their_title(store: ClientStore, entity: str) -> None:
    spec = table(entity)
    for text in ("Ärger & Söhne", "Mueller", ""):
        row = clean_row(entity, {spec.names[at]: text for at in spec.title[:1] if _is_text(entity, spec.names[at])})
        values = spec.values(row)

        def work(connection: Connection, values: list[object] = values) -> object:
            rowid = 10**6
            encoded = spec.encode(list(values))
            parameters = [rowid, f"id{rowid}", *encoded, 1, 0, "[]", ""]
            connection.execute(fill_sql.insert_rows(entity), parameters)
            key = connection.execute(f'SELECT sort_key FROM "{entity}" WHERE rowid = ?', (rowid,)).fetchone()[0]
            connection.execute(f'DELETE FROM "{entity}" WHERE rowid = ?', (rowid,))
            return key

        assert store._writer.call(work, mode="apply") == spec.sort_key(values)


def _is_text(entity: str, name: str) -> bool:
    return field_facts(entity)[name].kind is Kind.TEXT


def test_indexes_taken_off_come_back_as_they_were(store: ClientStore) -> None:
    def names(connection: Connection) -> set[tuple[str, str]]:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        return {(name, sql.replace("IF NOT EXISTS ", "")) for name, sql in found}

    before = store._writer.call(names)
    store._writer.call(fill_sql.drop_indexes)
    without = store._writer.call(names)
    for statement in entity_indexes():
        store._writer.call(lambda connection, sql=statement: connection.execute(sql))  # type: ignore[misc]
    assert len(before) > len(without) + 10
    assert store._writer.call(names) == before
