"""Words, figures and dates in both languages."""

import string
from datetime import date, datetime
from decimal import Decimal

import pytest
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from crm_desktop.errors import BugError
from ui.catalogue import Message, catalogue
from ui.window import i18n
from ui.window.i18n import Language

NOW = datetime(2026, 11, 19, 10, 31)
HARD = "\u00a0"


def placeholders(message: Message) -> set[str]:
    texts = message.values() if isinstance(message, dict) else [message]
    return {name for text in texts for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_catalogues_say_the_same() -> None:
    english, german = catalogue("en"), catalogue("de")
    # An error carries its English sentence: the English catalogue has only those the window says in its own way.
    assert {key for key in english.keys() ^ german.keys() if key in english or not key.startswith("error.")} == set()
    differing = [
        key
        for key in english
        if type(english[key]) is not type(german[key]) or placeholders(english[key]) != placeholders(german[key])
    ]
    assert differing == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_words_keep_the_house_style(language: Language) -> None:
    texts = {
        f"{key}: {text}"
        for key, message in catalogue(language).items()
        for text in (message.values() if isinstance(message, dict) else [message])
    }
    assert {text for text in texts if text.endswith(("!", "…"))} == set()


def test_plural_is_chosen_by_count_and_written_with_separators(app: QApplication) -> None:
    assert i18n.tr("strip.wait", count=1) == "1 change waits"
    assert i18n.tr("strip.wait", count=4000) == "4,000 changes wait"
    i18n.set_language("de")
    assert i18n.tr("strip.wait", count=4000) == "4.000 Änderungen warten"


def test_unknown_key_and_missing_value_are_our_mistakes(app: QApplication) -> None:
    with pytest.raises(BugError, match=r"no message for nav\.nowhere"):
        i18n.tr("nav.nowhere")
    with pytest.raises(BugError, match="needs a value for 'when'"):
        i18n.tr("day.as_of", who="Laura")


@pytest.mark.parametrize(
    ("language", "amount", "shown"),
    [
        ("en", Decimal("3011.22"), "€3,011.22"),
        ("de", Decimal("3011.22"), f"3.011,22{HARD}€"),
        ("en", "-0.90", "−€0.90"),
        ("de", "-0.90", f"−0,90{HARD}€"),
        ("de", None, "–"),
    ],
)
def test_money(app: QApplication, language: Language, amount: Decimal | str | None, shown: str) -> None:
    i18n.set_language(language)
    assert i18n.fmt_money(amount, "EUR") == shown


def test_figures(app: QApplication) -> None:
    assert i18n.fmt_number(12480) == "12,480"
    assert i18n.fmt_number("1.5", 2) == "1.50"
    assert i18n.fmt_percent("-14.3") == f"−14.3{HARD}%"
    i18n.set_language("de")
    assert i18n.fmt_number(12480) == "12.480"
    assert i18n.fmt_percent("-14.3") == f"−14,3{HARD}%"


@pytest.mark.parametrize(
    ("when", "english", "german"),
    [
        (datetime(2026, 11, 19, 7, 41), "Today 07:41", "Heute 07:41"),
        (date(2026, 11, 18), "Yesterday", "Gestern"),
        (date(2026, 11, 17), "Tue 17", "Di 17"),
        (datetime(2026, 11, 23, 14, 0), "Mon 23", "Mo 23"),
        (date(2026, 11, 3), "3 November 2026", "3. November 2026"),
        (None, "–", "–"),
    ],
)
def test_near_days(app: QApplication, when: date | None, english: str, german: str) -> None:
    assert i18n.fmt_near_day(when, NOW) == english
    i18n.set_language("de")
    assert i18n.fmt_near_day(when, NOW) == german


def test_near_day_within_a_sentence(app: QApplication) -> None:
    when = i18n.fmt_near_day(datetime(2026, 11, 19, 7, 41), NOW, capital=False)
    assert i18n.tr("strip.last_sync", when=when) == "Last sync today 07:41"


def test_open_pages_hear_a_switch_and_qt_speaks_german(app: QApplication, qtbot: QtBot) -> None:
    with qtbot.waitSignal(i18n.language_changed) as heard:
        i18n.set_language("de")
    assert heard.args == ["de"]
    assert i18n.tr("nav.today") == "Heute"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"
    i18n.set_language("en")
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
