"""A briefing as PDF, to be printed or read on a telephone."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from crm_desktop.documents.plain_text import one_line, printable


@dataclass(frozen=True, slots=True)
class BriefingRow:
    """One thing to know: a title, what is said of it, at the right a day or an amount."""

    title: str
    text: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class BriefingSection:
    """A heading with its rows."""

    title: str
    rows: tuple[BriefingRow, ...]


def briefing_pdf(
    title: str,
    lines: Sequence[str],
    sections: Sequence[BriefingSection],
    *,
    footer: str,
    language: str,
    made_at: datetime,
) -> bytes:
    """PDF of words that are already in the language. KnownError cannot_print_sign."""
    from crm_desktop.documents.typesetting import typeset  # the typesetter is loaded when something is printed

    sheet = {
        "title": one_line(title),
        "lines": [one_line(line) for line in lines if line],
        "sections": [
            {
                "title": one_line(section.title),
                "rows": [{name: printable(value) for name, value in asdict(row).items()} for row in section.rows],
            }
            for section in sections
        ],
        "footer": one_line(footer),
        "language": language,
    }
    return typeset("briefing.typ", sheet, made_at)
