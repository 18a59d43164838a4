"""No text is cut and none is untranslated: every page in German and in a longer, bracketed language."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.dates import get_day_names, get_month_names
from PySide6.QtWidgets import QApplication

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Choice, EntityFacts, Facts
from tests.unit.ui.window.every_page import SIZE, show, window_with_everything
from tests.unit.ui.window.seen_texts import Seen, outside, seen_texts
from tests.unit.ui.window.window_for_tests import shut
from ui.catalogue import Message, catalogue
from ui.window import i18n
from ui.window.main_window import MainWindow

_PLACEHOLDER = re.compile(r"\{[^}]*\}")
_BRACKETED = re.compile(r"\[[^\[\]]*\]")
# What is written alike in every language.
ALIKE = {"https", "crm", "example", "com", "English", "Deutsch", "Python", "Qt", "König"}


def stretched(text: str) -> str:
    """40 % longer, in brackets, its placeholders untouched; the lines of a choice apart."""
    if "|" in text:
        return "|".join(stretched(part) for part in text.split("|"))
    length = len(_PLACEHOLDER.sub("", text))
    more = "~" * max(1, round(length * 0.4))
    return f"[{text}{' '.join(more[at : at + 6] for at in range(0, len(more), 6))}]"


def _stretch(message: Message) -> Message:
    return stretched(message) if isinstance(message, str) else {k: stretched(v) for k, v in message.items()}


@pytest.fixture
def pseudo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English becomes the longer language, in the catalogue and in the declaration."""
    messages = catalogue("en")
    before = dict(messages)
    messages.update({key: _stretch(message) for key, message in before.items()})

    def bracket(label: Callable[..., str]) -> Callable[..., str]:
        return lambda *args, **more: stretched(label(*args, **more))

    monkeypatch.setattr(Choice, "label", bracket(Choice.label))
    monkeypatch.setattr(Facts, "label", bracket(Facts.label))
    monkeypatch.setattr(EntityFacts, "label", bracket(EntityFacts.label))
    yield
    messages.update(before)


@pytest.fixture
def window(app: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    """Something on every page."""
    made = window_with_everything(tmp_path / "profile")
    yield made
    shut(made)


def data(window: MainWindow) -> list[str]:
    """Every text the store holds, longest first."""

    def read(reader: Any) -> set[str]:
        return {
            part
            for entity in ENTITIES
            for row in reader.where(entity)
            for value in row.values()
            for part in ([value] if isinstance(value, str) else value if isinstance(value, list) else [])
            if len(part) > 1
        }

    return sorted(window.app.store.read(read), key=len, reverse=True)


def names_of_time() -> list[str]:
    """Months and days as the calendar of the language writes them."""
    return sorted(
        {
            name
            for width in ("wide", "abbreviated")
            for names in (get_month_names(width, locale="en_GB"), get_day_names(width, locale="en_GB"))
            for name in names.values()
        },
        key=len,
        reverse=True,
    )


def untranslated(text: str, known: list[str]) -> str:
    """What is left of a text without what is translated, stored, or a date or figure; '' where nothing is."""
    while (shorter := _BRACKETED.sub(" ", text)) != text:
        text = shorter
    for name in known:
        text = text.replace(name, " ")
    return " ".join(word for word in re.findall(r"[^\W\d_]{2,}", text) if word not in ALIKE)


def told(page: str, seen: Seen) -> str:
    """One line about a text that is cut."""
    return f"{page}: {seen.where} lacks {seen.lacks} px for “{seen.text}”"


def test_german_fits(window: MainWindow) -> None:
    i18n.set_language("de")
    cut = []
    for page, shown in show(window):
        assert shown.width() == SIZE[0], f"{page} made the window grow to {shown.size()}"
        cut += [told(page, seen) for seen in seen_texts(shown) if seen.lacks]
        cut += [f"{page}: {text}" for text in outside(shown)]
    assert not cut, "\n".join(cut)


@pytest.mark.usefixtures("pseudo")
def test_longer_words_fit_and_nothing_is_untranslated(window: MainWindow) -> None:
    window._retranslate("en")
    known = [str(window.app.folder), *data(window), *names_of_time()]
    cut, bare = [], set()
    for page, shown in show(window):
        assert shown.width() == SIZE[0], f"{page} made the window grow to {shown.size()}"
        for seen in seen_texts(shown):
            if seen.lacks:
                cut.append(told(page, seen))
            left = untranslated(seen.text, known)
            if left:
                bare.add(f"{page}: {seen.where} says “{seen.text}” ({left})")
        cut += [f"{page}: {text}" for text in outside(shown)]
    assert not bare, "\n".join(sorted(bare))
    assert not cut, "\n".join(cut)
