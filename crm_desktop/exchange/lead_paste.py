"""What somebody pastes as new leads: business cards, rows of a table, or lines that say who it is by themselves."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.vcard_cards import decoded, is_vcard, read_cards
from crm_desktop.rules.delimited import Problem, TableRow, read_table
from crm_desktop.rules.import_mapping import map_columns, map_rows
from crm_desktop.rules.telephone import national_number

_GUESSED = ("name", "company", "job_title", "city")  # what is neither an address nor a number, in this order
_MOST_LETTERS = 3  # in a telephone number: an extension is named


@dataclass(frozen=True, slots=True)
class PastedLead:
    """One lead to be: values by field; `line` is where it stands in what was pasted."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Pasted:
    """Everything that could be read, what could not, and which columns belong to no field."""

    leads: tuple[PastedLead, ...]
    problems: tuple[Problem, ...]
    unmapped: tuple[str, ...] = ()


def read_pasted(pasted: str | bytes) -> Pasted:
    """Leads of a text or file. InvalidInput empty_file, not_a_table where it holds nothing to read."""
    text = decoded(pasted) if isinstance(pasted, bytes) else pasted
    if is_vcard(text):
        cards = read_cards(text)
        return Pasted(tuple(PastedLead(card.line, card.values) for card in cards.cards), tuple(cards.problems))
    if not text.strip():
        raise InvalidInput("empty_file", "There is nothing to read.", "Copy cards or rows first, then paste them.")
    return _rows(text)


def _rows(text: str) -> Pasted:
    lines = [line for line in text.splitlines() if line.strip()]
    if not any(sign in lines[0] for sign in ",;\t|"):
        # One thing a line: addresses from a mail, names from a list.
        found = [PastedLead(number, _guessed([line])) for number, line in enumerate(text.splitlines(), 1)]
        return Pasted(tuple(lead for lead in found if lead.values), ())
    table = read_table(text.encode())
    mapping = map_columns("lead", table.header)
    if any(not target.group and target.entity == "lead" for target in mapping.targets):
        mapped = map_rows(mapping, table)
        leads = [
            PastedLead(record.line, {name: str(value) for name, value in record.values.items() if value})
            for record in mapped.records
        ]
        return Pasted(tuple(leads), (*table.problems, *mapped.problems), mapping.unmapped)
    # No heading: the first line is a row like the others.
    rows = [TableRow(1, table.header), *table.rows]
    guessed = [PastedLead(row.line_number, _guessed(row.cells)) for row in rows]
    return Pasted(tuple(lead for lead in guessed if lead.values), tuple(table.problems))


def _guessed(cells: Sequence[str]) -> dict[str, str]:
    """Which cell is what, by what it looks like."""
    values: dict[str, str] = {}
    free = iter(_GUESSED)
    for cell in cells:
        text = cell.strip().strip("<>")
        if not text:
            continue
        if "@" in text and " " not in text and "email" not in values:
            values["email"] = text
        elif _is_number(text) and "phone" not in values:
            values["phone"] = text
        else:
            name = next(free, "interest")
            values[name] = f"{values[name]}, {text}" if name in values else text
    return values


def _is_number(text: str) -> bool:
    return sum(char.isalpha() for char in text) <= _MOST_LETTERS and bool(national_number(text))
