"""The order on paper, in the customer's language: what was ordered, for how much, where it goes."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from crm_desktop.documents.letterhead import around, company_of, joined, recipient_of
from crm_desktop.documents.plain_text import one_line, printable
from crm_desktop.documents.typesetting import typeset
from crm_desktop.documents.wording import Language, Wording
from crm_desktop.errors import NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.ordering import CANCELLED, called
from crm_desktop.rules.pricing import Totals
from crm_desktop.services.orders import order_totals
from crm_desktop.store.reader import Reader

_TEMPLATE = "quote.typ"
_WORDS: dict[Language, dict[str, str]] = {
    "de": {
        "title": "Auftrag {number}",
        "intro": "vielen Dank für Ihren Auftrag. Wir haben ihn so aufgenommen:",
        "provisional": "Vorläufig",
        "ordered": "Bestellt am",
        "requested": "Gewünscht zum",
        "quote": "Aus Angebot",
        "unit_price": "Einzelpreis",
        "discount": "Rabatt",
        "freight": "Fracht",
        "ship_to": "Lieferung an",
        "carrier": "Spedition",
        "payment": "Zahlung",
        "net_days": "{days} Tage netto",
        "cancelled": "Storniert",
    },
    "en": {
        "title": "Order {number}",
        "intro": "thank you for your order. We have noted it as follows.",
        "provisional": "Provisional",
        "ordered": "Ordered",
        "requested": "Requested",
        "quote": "From quote",
        "unit_price": "Unit price",
        "discount": "Discount",
        "freight": "Freight",
        "ship_to": "Delivery to",
        "carrier": "Carrier",
        "payment": "Payment",
        "net_days": "{days} days net",
        "cancelled": "Cancelled",
    },
}


def render_order(sheet: dict[str, Any], made_at: datetime) -> bytes:
    """The paper (see `order_sheet`) as tagged PDF/A-3b. KnownError `cannot_print_sign`."""
    return typeset(_TEMPLATE, sheet, made_at, letter=True)


def order_sheet(reader: Reader, order_id: str, language: Language, made_at: datetime) -> dict[str, Any]:
    """Everything the paper shows, as plain strings. NotFound where the order or its customer is not here."""
    found = reader.order(order_id)
    account = reader.get("account", found[0]["account_id"]) if found and found[0]["account_id"] else None
    if found is None or account is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    order, lines = found
    words, wording = _WORDS[language], Wording(language, order["currency"] or "EUR")
    companies = reader.where("company")
    company = company_of(companies[0] if companies else None, language)
    title = words["title"].format(number=one_line(called(order)))
    sums = order_totals(reader, order, lines)
    return {
        **around(company, wording, title, recipient_of(reader, account, None)),
        "facts": _facts(reader, order, account, words, wording),
        "salutation": "",
        "intro": words["intro"][0].upper() + words["intro"][1:],
        "columns": [
            wording.word("position"),
            wording.word("product"),
            wording.word("quantity"),
            words["unit_price"],
            words["discount"],
            wording.word("tax"),
            wording.word("amount", currency=wording.symbol),
        ],
        "lines": _lines(reader, order, lines, words, wording),
        "optional_note": "",
        "carried": wording.word("carried"),
        "running": joined(" · ", title, one_line(account["name"])),
        "sums": _sums(sums, wording),
        "total": [wording.word("total"), wording.money(sums.gross)],
        "terms": _terms(order, account, words),
        "closing": "",
        "signatures": [],
        "signed_at": "",
        "signature": [],
        "signature_name": "",
        "imprint": wording.word("made", at=wording.moment(made_at)),
        "draft": words["cancelled"] if order["status"] == CANCELLED else "",
    }


def _facts(reader: Reader, order: Row, account: Row, words: dict[str, str], wording: Wording) -> list[list[str]]:
    quote = reader.get("quote", order["quote_id"]) if order["quote_id"] else None
    owner = reader.get("user", order["owner_id"]) if order["owner_id"] else None
    rows = [
        (words["provisional"], order["provisional_number"] if order["number"] else ""),
        (words["quote"], quote["number"] if quote is not None else ""),
        (words["ordered"], _day(order["ordered_on"], wording)),
        (words["requested"], _day(order["requested_on"], wording)),
        (wording.word("customer_number"), account["external_id"]),
        (wording.word("contact"), owner["name"] if owner is not None else ""),
        (wording.word("phone"), owner["phone"] if owner is not None else ""),
        (wording.word("email"), owner["email"] if owner is not None else ""),
    ]
    return [[label, one_line(value)] for label, value in rows if value]


def _lines(
    reader: Reader, order: Row, lines: Sequence[Row], words: dict[str, str], wording: Wording
) -> list[dict[str, Any]]:
    products = reader.many("product", [line["product_id"] for line in lines if line["product_id"]])
    shown, so_far = [], Decimal(0)
    for place, line in enumerate(lines, 1):
        so_far += decimal_of(line["line_total"])
        percent = decimal_of(line["discount_percent"])
        figures = [
            wording.quantity(decimal_of(line["quantity"])),
            wording.unit_price(decimal_of(line["unit_price"])),
            wording.percent(percent) if percent else "–",
            wording.percent(decimal_of(line["tax_percent"])),
            wording.amount(decimal_of(line["line_total"])),
        ]
        unit = products.get(line["product_id"] or "", {}).get("unit", "")
        shown.append(_line(str(place), line["name"], unit, figures, wording.money(so_far)))
    freight = decimal_of(order["freight"])
    if freight:
        figures = ["1", wording.unit_price(freight), "–", wording.percent(Decimal(0)), wording.amount(freight)]
        shown.append(_line(str(len(lines) + 1), words["freight"], "", figures, wording.money(so_far + freight)))
    return shown


def _line(position: str, name: str, detail: str, figures: list[str], carried: str) -> dict[str, Any]:
    line = {"position": position, "name": one_line(name), "detail": one_line(detail)}
    return line | {"optional": False, "figures": figures, "carried": carried}


def _sums(totals: Totals, wording: Wording) -> list[list[str]]:
    rows = [[wording.word("net"), wording.amount(totals.net)]]
    if any(tax.rate for tax in totals.taxes):
        for tax in totals.taxes:
            words = wording.word("tax_line", rate=wording.percent(tax.rate), base=wording.amount(tax.base))
            rows.append([words, wording.amount(tax.tax)])
    return rows


def _terms(order: Row, account: Row, words: dict[str, str]) -> list[list[str]]:
    days = account["payment_terms_days"]
    rows = [
        (words["payment"], words["net_days"].format(days=days) if days else ""),
        (words["carrier"], order["carrier"]),
        (words["ship_to"], order["ship_to"]),
    ]
    return [[label, printable(text).strip()] for label, text in rows if text]


def _day(value: str | None, wording: Wording) -> str:
    return wording.day(date.fromisoformat(value)) if value else ""
