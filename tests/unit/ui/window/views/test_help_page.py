"""Help without a network: every topic in both languages, by keys, from every page, with links that lead somewhere."""

import re
from importlib import resources

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from tests.unit.ui.window.shell_for_tests import TestShell, focus, press, shots
from ui.presenters.help_texts import TOPICS, pictures_of, read_text, topic_about
from ui.window import i18n
from ui.window.pages import PAGES
from ui.window.views.help_page import HelpPage

NAMES = [topic for topic, _ in TOPICS]


def test_every_topic_is_written_in_both_languages_alike() -> None:
    for topic in NAMES:
        english, german = (read_text(topic, language) for language in i18n.LANGUAGES)
        assert english.startswith("# ")
        assert german.startswith("# ")
        assert links(english) == links(german), topic
        assert set(links(english)) <= set(NAMES), topic
        assert pictures(topic, "en") == pictures(topic, "de"), topic
    assert {file.name for file in (resources.files("resources") / "help" / "en").iterdir()} == {
        f"{topic}.md" for topic in NAMES
    }


def test_every_page_has_a_topic() -> None:
    assert {topic_about(page) for page in PAGES} <= set(NAMES)
    general = [page for page in PAGES if topic_about(page) == "first-steps"]
    assert general == ["start", "enrol", "help"]  # every other page has its own
    assert topic_about("record", "contract") == "contracts"
    assert topic_about("record", "contact") == "customer"
    for topic in NAMES:  # and every topic is about a page or led to by another
        about = any(topic_about(page) == topic for page in PAGES)
        assert about or any(topic in links(read_text(other, "en")) for other in NAMES), topic


def test_topics_are_read_by_keys_and_links_lead_on(shell: TestShell) -> None:
    page = HelpPage(shell)
    shell.put(page)
    page.open(topic="first-steps")
    shell.settle()
    assert page.text.toPlainText().startswith("First steps")
    assert QApplication.focusWidget() is page.topics
    press(focus(), Qt.Key.Key_Down)
    press(focus(), Qt.Key.Key_Return)
    shell.settle()
    assert page.text.toPlainText().startswith("The day")
    for _ in range(2):  # to the second link
        press(page.text, Qt.Key.Key_Tab)
    press(page.text, Qt.Key.Key_Return)
    shell.settle()
    assert page.topic == "note"
    assert page.text.toPlainText().startswith("Writing a note")
    i18n.set_language("de")
    page.retranslate()
    shell.settle()
    assert page.text.toPlainText().startswith("Einen Bericht schreiben")
    shots(shell, "help")


def test_a_scroll_bar_that_comes_while_the_text_is_laid_out_leaves_its_letters(shell: TestShell) -> None:
    page = HelpPage(shell)
    shell.put(page)
    i18n.set_language("de")
    shell.resize_to(1280, 500)
    for topic in ("keys", "first-steps", "keys", "first-steps"):
        page.open(topic=topic)
        shell.settle()
    assert page.text.verticalScrollBar().maximum() > 0
    paragraph = page.text.document().begin().next()
    assert paragraph.text().startswith("Alles, was Sie sehen")
    assert paragraph.begin().fragment().charFormat().fontWeight() == 400


def test_what_follows_a_list_stands_apart_from_it(shell: TestShell) -> None:
    page = HelpPage(shell)
    shell.put(page)
    page.open(topic="plan")
    shell.settle()
    block, margins = page.text.document().begin(), []
    while block.isValid():
        if block.textList() is not None:
            margins.append(block.blockFormat().bottomMargin())
        block = block.next()
    assert set(margins[:-1]) == {2.0}
    assert margins[-1] == 10.0


@pytest.mark.parametrize("topic", NAMES)
def test_a_title_is_the_one_of_the_list(app: QApplication, topic: str) -> None:
    for language in i18n.LANGUAGES:
        i18n.set_language(language)
        assert read_text(topic, language).splitlines()[0] == f"# {i18n.tr(f'help.topic.{topic}')}"


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([\w-]+)\.md\)", text)


def pictures(topic: str, language: str) -> tuple[str, ...]:
    file = resources.files("resources") / "help" / language / f"{topic}.md"
    return pictures_of(file.read_text(encoding="utf-8"))
