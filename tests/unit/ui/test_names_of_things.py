"""Every kind of record has one name in each language: in the navigation, on buttons, in forms and in the help."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.model.wire import entity_facts
from crm_desktop.rules.import_columns import map_columns
from tests.unit.ui.test_two_languages import pairs
from ui.catalogue import catalogue
from ui.presenters.list_columns import SPECS

HELP = Path(__file__).parents[3] / "resources" / "help"
OTHER_NAMES = {
    "de": {
        "Ansprechpartner": "Kontakt",
        "Kontaktperson": "Kontakt",
        "Produkt": "Artikel",
        "Lead": "Interessent",
        "Opportunity": "Verkaufschance",
        "Treffen": "Besprechung",
        "Ticket": "Fall",
        "Offerte": "Angebot",
        "Satz auf diesem Laptop": "Datensatz auf diesem Laptop",
    },
    "en": {"Deal": "Opportunity", "Ticket": "Case", "Client": "Account"},
}
"""What somebody might call a thing, and what it is called here."""
NOT_NAMED_ALIKE = {("en", "pipeline")}  # the page is called as every seller calls it, its records are opportunities


def every_text(language: str) -> Iterator[tuple[str, str]]:
    for where, english, german in pairs():
        yield where, german if language == "de" else english
    for path in sorted((HELP / language).iterdir()):
        yield path.name, path.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_thing_has_a_second_name(language: str) -> None:
    wrong = [
        f"{where}: {text[:80]} (is called {name})"
        for where, text in every_text(language)
        for other, name in OTHER_NAMES[language].items()
        if re.search(rf"\b{other}(s|e|en|er)?\b", text, re.IGNORECASE)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", ["de", "en"])
def test_pages_and_buttons_call_a_record_what_its_declaration_calls_it(language: str) -> None:
    said = catalogue(language)
    for page, spec in SPECS.items():
        facts = entity_facts(spec.entity)
        if (language, page) not in NOT_NAMED_ALIKE:
            assert said[f"nav.{page}"] == facts.label(language, plural=True)
        for key in (f"word.{spec.entity}", f"action.new_{spec.entity}"):
            if key in said:
                assert facts.label(language).casefold() in str(said[key]).casefold(), key


def test_files_written_with_a_former_name_are_still_read() -> None:
    for entity in ("visit", "quote", "contract", "case"):
        (target,) = map_columns(entity, ["Ansprechpartner"]).targets
        assert target.field == "contact_id"
