"""The quote as PDF: figures and words are set here, the template only lays them out."""

from typing import Any

from crm_desktop.documents.letterhead import around, joined
from crm_desktop.documents.plain_text import one_line, printable
from crm_desktop.documents.quote_document import QuoteDocument, QuoteDocumentLine
from crm_desktop.documents.typesetting import typeset
from crm_desktop.documents.wording import Language, Wording
from crm_desktop.errors import BugError
from crm_desktop.rules.rounding import exact_arithmetic

_TEMPLATE = "quote.typ"


def render_quote(document: QuoteDocument, language: Language) -> bytes:
    """The paper as tagged PDF/A-3b; equal documents give equal bytes.

    KnownError `cannot_print_sign` where no font has a sign of the text. BugError where the lines do not add
    up to the totals: such a paper must not leave the house.
    """
    _check_sums(document)
    return typeset(_TEMPLATE, _sheet(document, Wording(language, document.currency)), document.made_at, letter=True)


def _check_sums(document: QuoteDocument) -> None:
    totals = document.totals
    with exact_arithmetic():
        net = sum(line.total for line in document.lines if not line.optional)
        gross = totals.net + sum(tax.tax for tax in totals.taxes)
    if net != totals.net or gross != totals.gross:
        raise BugError(f"quote {document.number}: lines and totals do not add up")


def _sheet(document: QuoteDocument, wording: Wording) -> dict[str, Any]:
    """Everything the template shows, as plain strings."""
    company = document.company
    title = wording.word("title", number=one_line(document.number), revision=one_line(document.called))
    customer = one_line(document.customer_name or next(iter(document.recipient), ""))
    return {
        **around(company, wording, title, document.recipient),
        "facts": _facts(document, wording),
        "salutation": one_line(document.salutation),
        "intro": printable(document.intro).strip(),
        "columns": _columns(wording),
        "lines": _lines(document, wording),
        "optional_note": wording.word("optional_note") if any(x.optional for x in document.lines) else "",
        "carried": wording.word("carried"),
        "running": joined(" · ", title, customer),
        "sums": _sums(document, wording),
        "total": [wording.word("total"), wording.money(document.totals.gross)],
        "terms": [[one_line(term.label), printable(term.text).strip()] for term in document.terms],
        "closing": printable(document.closing).strip(),
        "signatures": [wording.word("place_date"), _signer(document, wording, customer)],
        "signed_at": wording.moment(document.signature.at) if document.signature else "",
        "signature": list(document.signature.picture) if document.signature else [],
        "signature_name": _signer(document, wording, customer),
        "imprint": _imprint(document, wording),
        "draft": wording.word("draft") if document.draft else "",
    }


def _signer(document: QuoteDocument, wording: Wording, customer: str) -> str:
    if document.signature is None:
        return wording.word("signature", name=customer)
    return wording.word("signed", name=one_line(document.signature.name), customer=customer)


def _facts(document: QuoteDocument, wording: Wording) -> list[list[str]]:
    """Rows of the information block; what is not known is not shown."""
    revision = document.called
    if document.replaces is not None:
        revision = wording.word(
            "replaces",
            revision=revision,
            old=document.replaces.called,
            date=wording.short_day(document.replaces.sent_on),
        )
    price_list = one_line(document.price_list)
    if price_list and document.price_list_date is not None:
        price_list = wording.word("price_list_as_of", name=price_list, date=wording.short_day(document.price_list_date))
    rows = {
        "quote": document.number,
        "revision": revision,
        "date": wording.day(document.quote_date),
        "valid_until": wording.day(document.valid_until) if document.valid_until else "",
        "customer_number": document.customer_number,
        "price_list": price_list,
        "contact": document.contact_name,
        "phone": document.contact_phone,
        "email": document.contact_email,
    }
    return [[wording.word(key), one_line(value)] for key, value in rows.items() if value.strip()]


def _columns(wording: Wording) -> list[str]:
    keys = ("position", "product", "quantity", "list_price", "net_price", "tax")
    return [*(wording.word(key) for key in keys), wording.word("amount", currency=wording.symbol)]


def _lines(document: QuoteDocument, wording: Wording) -> list[dict[str, Any]]:
    rows = []
    sum_so_far = document.totals.net - document.totals.net
    for count, line in enumerate(document.lines, start=1):
        if not line.optional:
            sum_so_far += line.total
        rows.append(_line(line, str(count), wording) | {"carried": wording.money(sum_so_far)})
    return rows


def _line(line: QuoteDocumentLine, count: str, wording: Wording) -> dict[str, Any]:
    return {
        "position": one_line(line.position) or count,
        "name": one_line(line.name),
        "detail": joined(" · ", wording.word("optional") if line.optional else "", line.unit, line.detail),
        "optional": line.optional,
        "figures": [
            wording.quantity(line.quantity),
            wording.unit_price(line.list_price),
            wording.unit_price(line.net_price),
            wording.percent(line.tax_percent),
            f"({wording.amount(line.total)})" if line.optional else wording.amount(line.total),
        ],
    }


def _sums(document: QuoteDocument, wording: Wording) -> list[list[str]]:
    totals = document.totals
    rows = [[wording.word("net"), wording.amount(totals.net)]]
    # A paper without any tax shows none; beside another rate, 0 % explains its base.
    if any(tax.rate for tax in totals.taxes):
        rows += [
            [
                wording.word("tax_line", rate=wording.percent(tax.rate), base=wording.amount(tax.base)),
                wording.amount(tax.tax),
            ]
            for tax in totals.taxes
        ]
    return rows


def _imprint(document: QuoteDocument, wording: Wording) -> str:
    made = wording.word("made_offline" if document.made_offline else "made", at=wording.moment(document.made_at))
    checksum = wording.word("checksum", checksum=document.checksum) if document.checksum else ""
    return joined(" · ", checksum, made)
