"""From records to paper: gathers what a quote's document says from the local store."""

from datetime import date, datetime
from typing import Any

from crm_desktop.documents.letterhead import company_of, language_of, recipient_of
from crm_desktop.documents.quote_document import QuoteDocument, QuoteDocumentLine, Replaced, Signature, Term
from crm_desktop.errors import NotFound
from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row, text_hash
from crm_desktop.rules.line_pricing import decimal_of
from crm_desktop.rules.price_ladder import ladder_from_text
from crm_desktop.services.quote_totals import revision_totals
from crm_desktop.store.reader import Reader

_LADIES = frozenset({"ms", "ms.", "mrs", "mrs.", "frau"})
_GENTLEMEN = frozenset({"mr", "mr.", "herr"})
_OPEN_STATES = frozenset({"draft", "waiting_approval", "returned"})
_WORDS = {
    "en": {
        "payment": "Payment",
        "net_days": "{days} days net",
        "from": "scale price from {quantity}",
        "lady": "Dear Ms {name},",
        "gentleman": "Dear Mr {name},",
        "person": "Dear {name},",
        "nobody": "Dear Sir or Madam,",
        "intro": "thank you for your interest. We are pleased to offer you the following.",
    },
    "de": {
        "payment": "Zahlung",
        "net_days": "{days} Tage netto",
        "from": "Staffel ab {quantity}",
        "lady": "Sehr geehrte Frau {name},",
        "gentleman": "Sehr geehrter Herr {name},",
        "person": "Guten Tag {name},",
        "nobody": "Sehr geehrte Damen und Herren,",
        "intro": "vielen Dank für Ihr Interesse. Gerne bieten wir Ihnen an:",
    },
}


def paper_language(reader: Reader, quote_id: str, fallback: str) -> str:
    """Language of the customer's paper: the contact's, else the account's, else `fallback`."""
    return language_of(reader, _require(reader, "quote", quote_id), fallback)


def build_quote_document(reader: Reader, revision_id: str, language: str, made_at: datetime) -> QuoteDocument:
    """The document of one revision. `made_at` is the wall clock with zone; NotFound when a record is not here."""
    revision = _require(reader, "quote_revision", revision_id)
    quote = _require(reader, "quote", revision["quote_id"])
    account = _require(reader, "account", quote["account_id"])
    contact = reader.get("contact", quote["contact_id"]) if quote["contact_id"] else None
    owner = reader.get("user", quote["owner_id"]) if quote["owner_id"] else None
    price_list = reader.get("price_list", revision["price_list_id"]) if revision["price_list_id"] else None
    companies = reader.where("company")
    company = companies[0] if companies else None
    words = _WORDS[language]
    lines = sorted(
        reader.where("quote_line", quote_id=quote["id"], revision_id=revision_id),
        key=lambda row: (row["position"], row["id"]),
    )
    return QuoteDocument(
        company=company_of(company, language),
        recipient=recipient_of(reader, account, contact),
        number=quote["number"],
        revision=revision["revision"] or 1,
        quote_date=_day(revision["quote_date"]) or made_at.date(),
        currency=revision["currency"] or "EUR",
        lines=tuple(_line(line, words) for line in lines),
        totals=revision_totals(reader, revision_id),
        made_at=made_at,
        customer_name=account["name"],
        customer_number=account["external_id"],
        author=_author(reader, quote, revision),
        replaces=_replaced(reader, quote, revision),
        valid_until=_day(revision["valid_until"]),
        price_list=price_list["name"] if price_list else "",
        price_list_date=_day(price_list["valid_from"]) if price_list else None,
        contact_name=owner["name"] if owner else "",
        contact_phone=owner["phone"] if owner else "",
        contact_email=owner["email"] if owner else "",
        salutation=_salutation(contact, words),
        intro=revision["intro"] or words["intro"],
        terms=_terms(company, account, revision, language),
        checksum=_checksum(revision, lines),
        signature=_signature(revision, made_at),
        draft=revision["status"] in _OPEN_STATES,
    )


def _line(line: Row, words: dict[str, str]) -> QuoteDocumentLine:
    details = [line["detail"]] if line["detail"] else []
    for step in ladder_from_text(line["ladder"]).steps if line["ladder"] else ():
        if step.kind == "scale" and step.min_quantity is not None:
            details.append(words["from"].format(quantity=f"{step.min_quantity.normalize():f}"))
        elif step.kind == "condition" and step.source:
            details.append(step.source)
    return QuoteDocumentLine(
        name=line["name"],
        quantity=decimal_of(line["quantity"]),
        list_price=decimal_of(line["list_price"]),
        net_price=decimal_of(line["net_price"]),
        tax_percent=decimal_of(line["tax_percent"]),
        total=decimal_of(line["line_total"]),
        unit=line["unit"],
        detail=", ".join(details),
        optional=line["optional"],
    )


def _author(reader: Reader, quote: Row, revision: Row) -> str:
    """Who made a revision of a colleague's quote: what is known where it is made, and stays."""
    author = revision["created_by"]
    user = reader.get("user", author) if author and author != quote["created_by"] else None
    return user["name"] if user else ""


def _replaced(reader: Reader, quote: Row, revision: Row) -> Replaced | None:
    older = [
        row
        for row in reader.where("quote_revision", quote_id=quote["id"])
        if row["sent_at"] and (row["revision"] or 0) < (revision["revision"] or 0)
    ]
    if not older:
        return None
    newest = max(older, key=lambda row: row["revision"] or 0)
    sent_on = parse_instant(newest["sent_at"]).astimezone().date()
    return Replaced(newest["revision"], sent_on, _author(reader, quote, newest))


def _salutation(contact: Row | None, words: dict[str, str]) -> str:
    if contact is None or not contact["name"]:
        return words["nobody"]
    form = contact["salutation"].casefold()
    if form in _LADIES or form in _GENTLEMEN:
        # Only the last word: people of two family names put the second there, and a title stays in the address.
        return words["lady" if form in _LADIES else "gentleman"].format(name=contact["name"].split()[-1])
    return words["person"].format(name=contact["name"])


def _terms(company: Row | None, account: Row, revision: Row, language: str) -> tuple[Term, ...]:
    """Rows of terms: one per line, label before the first colon."""
    words = _WORDS[language]
    rows: list[Term] = []
    if account["payment_terms_days"]:
        rows.append(Term(words["payment"], words["net_days"].format(days=account["payment_terms_days"])))
    text = revision["terms"] or (company[f"terms_{language}"] if company else "")
    for line in text.splitlines():
        label, colon, rest = line.partition(":")
        term = Term(label.strip(), rest.strip()) if colon else Term("", line.strip())
        if not any(row.label == term.label and term.label for row in rows):
            rows.append(term)
    return tuple(rows)


def _signature(revision: Row, made_at: datetime) -> Signature | None:
    """The time of signing is shown on the clock of the paper."""
    if not revision["signed_at"]:
        return None
    return Signature(revision["signed_by"], parse_instant(revision["signed_at"]).astimezone(made_at.tzinfo))


def _checksum(revision: Row, lines: list[Row]) -> str:
    """Eight characters over what was offered, to compare paper and record by telephone."""
    content = "|".join(
        str(part)
        for row in lines
        for part in (row["product_id"], row["quantity"], row["net_price"], row["line_total"], row["tax_percent"])
    )
    digest = text_hash(f"{revision['id']}|{revision['revision']}|{content}").upper()
    return f"{digest[:4]}-{digest[4:8]}"


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None


def _require(reader: Reader, entity: str, record_id: str | None) -> Row:
    row = reader.get(entity, record_id) if record_id else None
    if row is None:
        raise NotFound("not_here", "A record of this quote is not on this laptop.", "Sync and try again.")
    return row
