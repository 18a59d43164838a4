"""Errors in words: by code where a catalogue knows it, else the text they carry; defects never raw."""

from datetime import date
from decimal import Decimal

import pytest

from crm_desktop.errors import BugError, KnownError
from crm_desktop.model.wire import field_facts
from ui.errors import shown


def test_a_known_code_is_told_in_german_with_its_values() -> None:
    error = KnownError("cannot_read", "The file a.csv cannot be read.", "Check its name.", file="a.csv")
    assert shown(error, "de").title == "Die Datei a.csv kann nicht gelesen werden."
    assert shown(error, "de").advice == "Prüfen Sie den Namen."
    assert (shown(error, "en").title, shown(error, "en").advice) == (error.title, error.advice)


def test_values_are_written_as_the_language_does() -> None:
    least = KnownError("no_price_for_quantity", "From 2.5 on.", "At least 2.5.", min_quantity=Decimal("2.50"))
    assert shown(least, "de").advice == "Geben Sie mindestens 2,5 ein."
    rate = KnownError("no_tax_rate", "No rate.", "", tax_class="voll", on=date(2026, 11, 3))
    assert shown(rate, "de").title == "Die Steuerklasse „voll“ hat am 03.11.2026 keinen Satz."


def test_fields_and_choices_are_named_by_their_labels() -> None:
    status = field_facts("task")["status"]
    here, there = status.choices[0], status.choices[1]
    error = KnownError("no_such_transition", "No.", "", label=status, here=here, to=there)
    assert shown(error, "de").title == f"„{status.de}“ kann nicht von „{here.de}“ nach „{there.de}“ wechseln."


def test_an_unknown_code_keeps_its_own_text() -> None:
    said = shown(KnownError("rare", "Rare.", "Do this."), "de")
    assert (said.title, said.advice) == ("Rare.", "Do this.")


def test_a_message_that_wants_more_than_there_is_gives_way() -> None:
    assert shown(KnownError("cannot_read", "It cannot be read."), "de").title == "It cannot be read."


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_defect_is_never_shown_raw(language: str) -> None:
    said = shown(BugError("KeyError: 'secret'"), language)
    assert said.title
    assert "secret" not in said.title + said.advice
