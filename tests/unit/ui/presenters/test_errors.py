"""Errors in words: by code where a catalogue knows it, else the text they carry; defects never raw."""

from crm_desktop.errors import BugError, KnownError
from ui.errors import shown

MESSAGES = {
    "error.file_bad.title": "Die Datei {file} ist schlecht.",
    "error.defect.title": "Fehler im Programm.",
    "error.half.title": "Es fehlt {nothing_known}.",
}


def test_a_known_code_is_translated_with_its_values() -> None:
    said = shown(KnownError("file_bad", "The file is bad.", "Take another.", file="a.csv"), MESSAGES.get)
    assert said.title == "Die Datei a.csv ist schlecht."
    assert said.advice == "Take another."


def test_an_unknown_code_keeps_its_own_text() -> None:
    said = shown(KnownError("rare", "Rare.", "Do this."), MESSAGES.get)
    assert (said.title, said.advice) == ("Rare.", "Do this.")


def test_a_message_that_wants_more_than_there_is_gives_way() -> None:
    assert shown(KnownError("half", "Half."), MESSAGES.get).title == "Half."


def test_a_defect_is_never_shown_raw() -> None:
    said = shown(BugError("KeyError: 'secret'"), MESSAGES.get)
    assert "secret" not in said.title + said.advice
