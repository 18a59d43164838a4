"""Marking what matches, and which commands are offered."""

from pathlib import Path

import pytest

from crm_desktop.clock import SystemClock
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import create
from ui.presenters.search import Found, commands, find, segments

TARGET = ("account", {"account_id": "a"})


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


def test_commands_need_a_match_or_a_name() -> None:
    best = Found("account", "a", "x", "Alfreds", "", "", "a", TARGET)
    pages = [("outbox", "Postausgang", "cloud-upload")]
    assert [command.key for command in commands("alf", best, pages)] == ["search.note_for", "search.quote_for"]
    assert [command.page for command in commands("post", None, pages)] == ["outbox"]
    assert commands("", None, pages) == []


def test_commands_name_the_account_of_what_was_found() -> None:
    note = Found("visit", "v", "x", "Tasting", "Wartian Herkku", "notes", "a", ("note", {"visit_id": "v"}))
    assert {command.name for command in commands("chai", note, [])} == {"Wartian Herkku"}


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
        found = {item.title: item for item in store.read(lambda reader: find(reader, "grund", "all")).found}
    assert found["Grundriss.pdf"].target == ("note", {"visit_id": "v"})
    assert found["Grundbuch.pdf"].target == ("account", {"account_id": "a"})
    assert {item.second for item in found.values()} == {"Adler"}
