"""The contract as PDF: sentences and figures are set here, the template only lays them out."""

from typing import Any

from crm_desktop.documents.contract_document import ContractDocument
from crm_desktop.documents.contract_wording import clause_word, clauses, contract_title
from crm_desktop.documents.letterhead import around, joined, town
from crm_desktop.documents.plain_text import one_line, printable
from crm_desktop.documents.quote_document import Company
from crm_desktop.documents.typesetting import typeset
from crm_desktop.documents.wording import Language, Wording

_TEMPLATE = "contract.typ"


def render_contract(document: ContractDocument, language: Language) -> bytes:
    """The paper as tagged PDF/A-3b; equal documents give equal bytes. KnownError cannot_print_sign."""
    return typeset(_TEMPLATE, _sheet(document, Wording(language, document.currency)), document.made_at, letter=True)


def _sheet(document: ContractDocument, wording: Wording) -> dict[str, Any]:
    company, language = document.company, wording.language
    title = contract_title(document, language)
    customer = one_line(document.customer_name)
    signer = wording.word("signature", name=customer)
    if document.signature is not None:
        signer = wording.word("signed", name=one_line(document.signature.name), customer=customer)
    return {
        **around(company, wording, title, document.recipient),
        "facts": _facts(document, wording),
        "subtitle": one_line(document.name) if one_line(document.name) != title else "",
        "between": clause_word(language, "between", ours=_party(company), theirs=_customer(document)),
        "clauses": [[clause.title, printable(clause.text).strip()] for clause in clauses(document, wording)],
        "running": joined(" · ", title, customer),
        "signatures": [wording.word("place_date"), signer],
        "signed_at": wording.moment(document.signature.at) if document.signature else "",
        "signature": list(document.signature.picture) if document.signature else [],
        "signature_name": signer,
        "ours": [wording.word("place_date"), _ours(document, wording)],
        "imprint": wording.word("made", at=wording.moment(document.made_at)),
        "draft": "",
    }


def _facts(document: ContractDocument, wording: Wording) -> list[list[str]]:
    """Rows of the information block; what is not known is not shown."""
    rows = {
        clause_word(wording.language, "contract_number"): document.number,
        wording.word("date"): wording.day(document.made_at.date()),
        wording.word("customer_number"): document.customer_number,
        wording.word("contact"): document.owner_name,
        wording.word("phone"): document.owner_phone,
        wording.word("email"): document.owner_email,
    }
    return [[label, one_line(value)] for label, value in rows.items() if value.strip()]


def _party(company: Company) -> str:
    return joined(", ", company.legal_name or company.name, company.street, town(company))


def _customer(document: ContractDocument) -> str:
    """The customer with his address; the person it goes to is no party."""
    place = [line for line in document.recipient[1:] if document.contact_name not in line or not document.contact_name]
    return joined(", ", document.customer_name, *place)


def _ours(document: ContractDocument, wording: Wording) -> str:
    said = clause_word(
        wording.language, "for", company=one_line(document.company.name), name=one_line(document.owner_name)
    )
    return said.rstrip(": ")
