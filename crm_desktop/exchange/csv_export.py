"""Any list as CSV that a spreadsheet opens without harm and that the import reads back."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crm_desktop.model.facts import Facts, Kind
from crm_desktop.rules.permissions import NONE, Permissions, offered_fields

_BYTE_ORDER_MARK = "\ufeff"  # without it spreadsheets take UTF-8 for the code page of the machine
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


def export_csv(
    rows: Iterable[Mapping[str, Any]],
    entity: str,
    language: str = "en",
    *,
    permissions: Permissions = NONE,
    title: Callable[[str, str], str] | None = None,
) -> bytes:
    """CSV (UTF-8 with mark, CRLF) of wire rows, headed by the labels in 'de' or 'en'.

    German spreadsheets expect semicolons and decimal commas, so they get them. Dates are ISO in both.
    Confidential fields are left out unless their permission is among `permissions`. `title` names the record
    a reference points to, by entity and id; without it, or where it answers '', the id is written.
    """
    fields = offered_fields(entity, permissions)
    out = io.StringIO(_BYTE_ORDER_MARK, newline="")
    out.seek(0, io.SEEK_END)
    writer = csv.writer(out, delimiter=";" if language == "de" else ",")
    writer.writerow([facts.label(language) for facts in fields.values()])
    for row in rows:
        writer.writerow([_cell(facts, row.get(name), language, title) for name, facts in fields.items()])
    return out.getvalue().encode()


def _cell(facts: Facts, value: Any, language: str, title: Callable[[str, str], str] | None) -> str:
    if value is None or value == "":
        return ""
    if facts.kind is Kind.BOOLEAN:
        yes, no = ("ja", "nein") if language == "de" else ("yes", "no")
        return yes if value else no
    if facts.kind in (Kind.CHOICE, Kind.STATE):
        return facts.choice_label(str(value), language)
    if facts.kind is Kind.SET:
        # A closing separator keeps a single element with a comma in one piece.
        return guarded("; ".join(value) + (";" if len(value) == 1 and "," in value[0] else ""))
    if facts.kind is Kind.REFERENCE and facts.ref and title:
        return guarded(title(facts.ref, str(value)) or str(value))
    if facts.kind is Kind.DECIMAL:
        return str(value).replace(".", ",") if language == "de" else str(value)
    if facts.kind in (Kind.INTEGER, Kind.DATE, Kind.INSTANT):
        return str(value)
    return guarded(str(value))


def guarded(text: str) -> str:
    """Text that no spreadsheet runs as a formula: an apostrophe goes before what would start one.

    It goes before an apostrophe too, so that the import can take exactly one away.
    """
    return "'" + text if text.startswith(_FORMULA_STARTS) else text
