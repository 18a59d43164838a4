"""German is German: what it shares with English stands in one list of words that both languages have."""

import re
from collections.abc import Iterator

from crm_desktop.documents.wording import WORDS as PAPER_WORDS
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import field_facts
from ui.catalogue import Message, catalogue
from ui.cli.words import WORDS

# Words of both languages, names, and signs of units. A new one is added here on purpose or gets its translation.
BOTH_HAVE = {
    "A", "Administrator", "Alt", "B", "Berlin", "C", "CRM", "Chance", "Chance (%)", "Esc", "Fax", "KB", "Key", "Laptop",
    "Language: English", "MB", "Müller", "N", "Name", "Navigation", "Normal", "Offline", "Online", "Option", "Optional",
    "Passphrase",
    "Person", "Position", "Region", "Server", "Sprache: Deutsch", "Status", "Text", "Version", "Website", "Tab", "km",
    "name",
    "offline", "online", "optional", "s", "support.zip",
}  # fmt: skip
LETTERS = re.compile(r"[^\W\d_]")
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def bare(text: str) -> str:
    """A text without its placeholders."""
    return " ".join(PLACEHOLDER.sub(" ", text).split())


def texts(message: Message) -> list[str]:
    return list(message.values()) if isinstance(message, dict) else [message]


def pairs() -> Iterator[tuple[str, str, str]]:
    """Where it stands, English, German: messages, fields, choices, command line, papers."""
    english, german = catalogue("en"), catalogue("de")
    for key in english.keys() & german.keys():
        for one, other in zip(texts(english[key]), texts(german[key]), strict=True):
            yield key, one, other
    for entity, record in ENTITIES.items():
        yield entity, record.FACTS.en, record.FACTS.de
        yield entity, record.FACTS.plural_en, record.FACTS.plural_de
        for name, facts in field_facts(entity).items():
            yield f"{entity}.{name}", facts.en, facts.de
            for choice in facts.choices:
                yield f"{entity}.{name}={choice.value}", choice.en, choice.de
    for key, (one, other) in WORDS.items():
        yield f"command line {key}", one, other
    for key in PAPER_WORDS["en"]:
        yield f"paper {key}", PAPER_WORDS["en"][key], PAPER_WORDS["de"][key]


def test_what_is_equal_is_a_word_of_both_languages() -> None:
    equal = {
        f"{where}: {one}"
        for where, one, other in pairs()
        if one == other and LETTERS.search(bare(one)) and bare(one) not in BOTH_HAVE
    }
    assert not equal, "\n".join(sorted(equal))


def test_the_list_holds_nothing_that_is_translated() -> None:
    equal = {bare(one) for _, one, other in pairs() if one == other}
    assert BOTH_HAVE - equal == set()
