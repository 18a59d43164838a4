"""What the customer may see of a quote. Cost, margin, floor and notes have no field here: they cannot be shown."""

from dataclasses import dataclass
from decimal import Decimal

from crm_desktop.rules.pricing import Totals
from ui.presenters.quote_contents import QuoteContents

_SIGNABLE = ("sent", "superseded")


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A line as it stands on the paper. `off_list` is all that is taken off the list price, in percent."""

    number: int
    name: str
    unit: str
    quantity: Decimal
    list_price: Decimal | None
    off_list: Decimal
    net_price: Decimal | None
    tax_percent: Decimal | None
    total: Decimal | None


@dataclass(frozen=True, slots=True)
class CustomerPaper:
    """The quote as it is shown over the table. `signed_by` is empty until somebody has signed."""

    company: str
    number: str
    revision: int
    account: str
    contact: str
    valid_until: str | None
    currency: str
    intro: str
    terms: str
    lines: tuple[CustomerLine, ...]
    optional: tuple[CustomerLine, ...]
    totals: Totals
    signable: bool
    signed_by: str
    signed_at: str | None


def customer_paper(contents: QuoteContents, company: str) -> CustomerPaper:
    """The part of a quote that is for the customer; what is optional stands apart."""
    revision = contents.revision
    made = [
        (
            line.optional,
            CustomerLine(
                number=number,
                name=line.name,
                unit=line.unit,
                quantity=line.quantity,
                list_price=line.list_price,
                off_list=line.ladder.discount_percent if line.ladder is not None else line.own_discount,
                net_price=line.net_price,
                tax_percent=line.tax_percent,
                total=line.total,
            ),
        )
        for number, line in enumerate(contents.lines, 1)
    ]
    return CustomerPaper(
        company=company,
        number=contents.quote["number"],
        revision=revision["revision"] or 1,
        account=contents.account["name"] if contents.account is not None else "",
        contact=contents.contact["name"] if contents.contact is not None else "",
        valid_until=revision["valid_until"],
        currency=revision["currency"] or "EUR",
        intro=revision["intro"],
        terms=revision["terms"],
        lines=tuple(line for optional, line in made if not optional),
        optional=tuple(line for optional, line in made if optional),
        totals=contents.totals,
        signable=revision["status"] in _SIGNABLE and not revision["signed_at"],
        signed_by=revision["signed_by"],
        signed_at=revision["signed_at"],
    )
