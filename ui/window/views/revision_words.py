"""How a revision is called: by its number, and by its author's name where two have the same."""

from ui.window.i18n import tr


def revision_words(number: int, author: str = "") -> str:
    """“Revision 3”, or “Revision 3 (Anna)” for a version that was split off."""
    called = tr("word.revision", number=number)
    return tr("quote.version", name=called, author=author) if author else called
