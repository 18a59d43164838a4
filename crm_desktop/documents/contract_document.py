"""What stands on the paper of a contract, and how it is gathered from the records. Our own note has no field here."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from crm_desktop.documents.letterhead import company_of, language_of, recipient_of
from crm_desktop.documents.quote_document import Company, Signature
from crm_desktop.errors import NotFound
from crm_desktop.model.wire import Row
from crm_desktop.rules.contract_term import notice_on
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class ContractDocument:
    """A contract ready for paper. Texts are plain text; line breaks stay. `amount` is a year's, without tax.

    `own_clauses` stand in the place of the general ones: a line that begins with # is the title of a clause.
    """

    company: Company
    recipient: tuple[str, ...]
    customer_name: str
    number: str
    name: str
    kind: str
    made_at: datetime
    currency: str = "EUR"
    customer_number: str = ""
    contact_name: str = ""
    owner_name: str = ""
    owner_phone: str = ""
    owner_email: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    notice_on: date | None = None
    notice_days: int = 0
    renews_months: int = 0
    amount: Decimal | None = None
    payment_days: int = 0
    price_commitment: str = ""
    own_clauses: str = ""
    signature: Signature | None = None


def contract_language(reader: Reader, contract_id: str, fallback: str) -> str:
    """Language of the customer's paper: the contact's, else the account's, else `fallback`."""
    return language_of(reader, _require(reader, "contract", contract_id), fallback)


def build_contract_document(reader: Reader, contract_id: str, language: str, made_at: datetime) -> ContractDocument:
    """The document of a contract, unsigned. `made_at` is the wall clock with zone; NotFound where it is not here."""
    contract = _require(reader, "contract", contract_id)
    account = _require(reader, "account", contract["account_id"])
    contact = reader.get("contact", contract["contact_id"]) if contract["contact_id"] else None
    owner = (reader.get("user", contract["owner_id"]) if contract["owner_id"] else None) or {}
    companies = reader.where("company")
    company = companies[0] if companies else None
    return ContractDocument(
        company=company_of(company, language),
        recipient=recipient_of(reader, account, contact),
        customer_name=account["name"],
        number=contract["number"],
        name=contract["name"],
        kind=contract["kind"],
        made_at=made_at,
        currency=contract["currency"] or account["currency"] or "EUR",
        customer_number=account["external_id"],
        contact_name=contact["name"] if contact else "",
        owner_name=str(owner.get("name") or ""),
        owner_phone=str(owner.get("phone") or ""),
        owner_email=str(owner.get("email") or ""),
        starts_on=_day(contract["starts_on"]),
        ends_on=_day(contract["ends_on"]),
        notice_on=notice_on(contract),
        notice_days=contract["notice_days"] or 0,
        renews_months=contract["renews_months"] or 0,
        amount=Decimal(contract["amount"]) if contract["amount"] else None,
        payment_days=account["payment_terms_days"] or 0,
        price_commitment=contract["price_commitment"],
        own_clauses=company[f"contract_clauses_{language}"] if company is not None else "",
    )


def _day(value: str | None) -> date | None:
    return date.fromisoformat(value) if value else None


def _require(reader: Reader, entity: str, record_id: str | None) -> Row:
    row = reader.get(entity, record_id) if record_id else None
    if row is None:
        raise NotFound(
            "contract_part_missing",
            "The contract or its customer is not on this laptop.",
            "Enter the customer, or sync and try again.",
        )
    return row
