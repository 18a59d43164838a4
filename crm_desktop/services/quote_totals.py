"""What the lines of quotes come to: of one revision, and of thousands read together."""

from collections.abc import Iterable, Sequence

from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.pricing import TotalLine, Totals, totals
from crm_desktop.services.quote_approvals import lines_of
from crm_desktop.services.quote_revisions import kept
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader


def revision_totals(reader: Reader, revision_id: str) -> Totals:
    """Totals of a revision from its kept lines."""
    revision = kept(reader, "quote_revision", revision_id)
    return _sum(lines_of(reader, revision), _charges(reader), revision)


def totals_of(reader: Reader, revisions: Sequence[Row]) -> dict[str, Totals]:
    """Totals of many revisions by their id, with one look at the lines of all of them."""
    lines: dict[str, list[Row]] = {revision["id"]: [] for revision in revisions}
    of_quotes = Filter("quote_id", "in", sorted({revision["quote_id"] for revision in revisions}))
    for line in reader.rows("quote_line", reader.row_ids(ListQuery("quote_line", (of_quotes,)))):
        if line["revision_id"] in lines:
            lines[line["revision_id"]].append(line)
    charges = _charges(reader)
    return {revision["id"]: _sum(lines[revision["id"]], charges, revision) for revision in revisions}


def _charges(reader: Reader) -> set[str]:
    return {row["id"] for row in reader.where("product", is_charge=True)}


def _sum(lines: Iterable[Row], charges: set[str], revision: Row) -> Totals:
    found = [
        TotalLine(
            net=decimal_of(line["line_total"]),
            tax_percent=decimal_of(line["tax_percent"]),
            optional=line["optional"],
            charge=line["product_id"] in charges,
        )
        for line in lines
    ]
    return totals(found, revision["currency"] or "EUR")
