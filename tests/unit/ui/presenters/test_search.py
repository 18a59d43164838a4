"""Marking what matches, and which commands are offered."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from ui.presenters.search import count_records, find, segments
from ui.presenters.search_commands import Command, matching


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Königlich Essen", "konig", ["König"]),
        ("Königlich Essen", "Koenig", ["König"]),
        ("Jörg Mueller", "müll", ["Muell"]),
        ("Kaffeehaus Müller & Sohn", "muller sohn", ["Müller", "Sohn"]),
        ("Straße 5", "strasse", ["Straße"]),
        ("0711-020361", "020361", ["020361"]),
        ("Chai", "x", []),
        ("ungemüllt", "müll", []),
    ],
)
def test_the_beginnings_of_words_that_fold_alike_are_marked(text: str, query: str, marked: list[str]) -> None:
    pieces = segments(text, query)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.hit] == marked


def test_commands_by_the_beginnings_of_their_words_in_both_languages() -> None:
    made = [
        Command("sync", "Sync now", "x", list, ("Jetzt abgleichen",), always=True),
        Command("new", "New quote", "x", list, ("Neues Angebot",)),
        Command("again", "New quote", "x", list),
    ]

    def found(text: str) -> list[str]:
        return [command.id for command in matching(made, text)]

    assert found("sy") == ["sync"]
    assert found("neu ang") == ["new"]
    assert found("> quote") == ["new"], "a sentence stands there once"
    assert found(">") == ["sync", "new"]
    assert found("") == ["sync"]
    assert found("zzz") == []


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClientStore]:
    with ClientStore.open(tmp_path_factory.mktemp("search"), bytes(32), SystemClock()) as store:
        store.commit(
            [
                create("account", "a", {"name": "Adler Logistik", "tags": ["Messe"]}),
                create("address", "d", {"account_id": "a", "city": "Köln"}),
                create("contact", "c", {"account_id": "a", "name": "Rita Müller"}),
                create("channel", "n", {"contact_id": "c", "kind": "phone", "value": "+49 221 4711-0"}),
                create("lead", "l", {"name": "Eva Berg", "company": "Neu & Co"}),
                create("contract", "k", {"account_id": "a", "name": "Rahmenvertrag"}),
                create("case", "s", {"account_id": "a", "subject": "Bruch", "description": "Paletten kaputt"}),
                create("opportunity", "o", {"account_id": "a", "name": "Regalbau"}),
                create("quote", "q", {"account_id": "a", "number": "D7F-00012"}),
            ]
        )
        yield store


@pytest.mark.parametrize(
    ("typed", "kind", "found"),
    [
        ("rahmen", "all", ("contract", "k")),
        ("paletten", "all", ("case", "s")),
        ("regal", "all", ("opportunity", "o")),
        ("eva", "contacts", ("lead", "l")),
        ("d7f", "quotes", ("quote", "q")),
        ("0221/4711", "all", ("contact", "c")),
        ("ort:köln art:kunde", "all", ("account", "a")),
        ("tag:messe type:opp", "all", ("opportunity", "o")),
    ],
)
def test_every_kind_of_record_is_found(filled: ClientStore, typed: str, kind: str, found: tuple[str, str]) -> None:
    results = filled.read(lambda reader: find(reader, typed, kind))
    assert results is not None
    assert [(item.entity, item.id) for item in results.found] == [found]


def test_what_was_not_understood_is_told(filled: ClientStore) -> None:
    results = filled.read(lambda reader: find(reader, "colour:red type:unicorn since:soon", "all"))
    assert results is not None
    assert (results.query.unknown, results.unknown_kinds) == (("colour",), ("unicorn",))
    assert (results.query.not_a_day, results.found) == ("soon", ())


def test_a_search_nobody_waits_for_finds_nothing(filled: ClientStore) -> None:
    assert filled.read(lambda reader: find(reader, "rahmen", "all", lambda: False)) is None


def test_all_kinds_have_a_place_among_the_records_counted(filled: ClientStore) -> None:
    assert filled.read(count_records) == 7


def test_a_file_is_found_where_it_belongs(tmp_path: Path) -> None:
    with ClientStore.open(tmp_path, bytes(32), SystemClock()) as store:
        store.commit(
            [
                create("account", "a", {"name": "Adler"}),
                create("visit", "v", {"account_id": "a", "subject": "Rundgang"}),
                create("attachment", "f", {"visit_id": "v", "name": "Grundriss.pdf"}),
                create("attachment", "g", {"account_id": "a", "name": "Grundbuch.pdf"}),
            ]
        )
        results = store.read(lambda reader: find(reader, "grund", "all"))
        assert results is not None
        found = {item.title: item for item in results.found}
    assert found["Grundriss.pdf"].target == ("note", {"visit_id": "v"})
    assert found["Grundbuch.pdf"].target == ("account", {"account_id": "a"})
    assert {item.second for item in found.values()} == {"Adler"}


def test_what_is_called_so_comes_before_what_lies_there(tmp_path: Path) -> None:
    with ClientStore.open(tmp_path, bytes(32), SystemClock()) as store:
        store.commit(
            [
                create("account", "there", {"name": "Magazzini Riuniti"}),
                create("address", "d", {"account_id": "there", "city": "Bergamo"}),
                create("account", "named", {"name": "Berglunds snabbköp"}),
                create("contact", "person", {"account_id": "there", "name": "Jonas Bergulfsen"}),
            ]
        )
        results = store.read(lambda reader: find(reader, "ber", "all"))
    assert results is not None
    assert [item.title for item in results.found] == ["Berglunds snabbköp", "Jonas Bergulfsen", "Magazzini Riuniti"]
