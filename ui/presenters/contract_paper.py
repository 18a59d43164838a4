"""The paper of a contract, as it is and as it is signed, in the customer's language."""

from dataclasses import replace
from datetime import date, datetime
from typing import cast

from crm_desktop.documents.contract_document import ContractDocument, build_contract_document, contract_language
from crm_desktop.documents.quote_document import Signature
from crm_desktop.documents.wording import Language
from crm_desktop.model.wire import Row
from crm_desktop.rules.contract_templates import template_values
from crm_desktop.services.contract_signature import SIGNED_FILE
from crm_desktop.store.reader import Reader
from ui.compose import App
from ui.presenters.quote_paper import Paper

_DPI = 144


def make_contract_paper(app: App, contract_id: str, fallback: str) -> Paper:
    """The paper to look at, with its pages as pictures. NotFound, KnownError."""
    from crm_desktop.documents.preview import page_pictures

    pdf, name = contract_pdf(app, contract_id, fallback)
    return Paper(pdf, list(page_pictures(pdf, _DPI)), f"{name}.pdf")


def contract_pdf(app: App, contract_id: str, fallback: str) -> tuple[bytes, str]:
    """The paper and what it is called: the signed one where its bytes are here, else set anew. NotFound, KnownError."""
    contract = app.store.read(lambda reader: reader.get("contract", contract_id))
    name = (contract["number"] or contract["name"] if contract is not None else "") or "contract"
    kept = _kept(app, contract_id) if contract is not None and contract["signed_at"] else b""
    return kept or _render(*_document(app, contract_id, fallback)), name


def sign_contract(app: App, contract_id: str, name: str, picture: bytes, fallback: str) -> str:
    """Set the paper with the signature and keep it with the contract; returns the file's id. InvalidInput."""
    document, language = _document(app, contract_id, fallback)

    def paper(at: datetime) -> bytes:
        signed = Signature(name.strip(), at.astimezone(), picture)
        return _render(replace(document, made_at=signed.at, signature=signed), language)

    return app.contract_signatures.sign(contract_id, name, picture, paper)


def from_template(reader: Reader, kind: str, typed: Row, language: str) -> Row:
    """A new contract of this kind with what was typed already (its start is), in the customer's language."""
    known = {"account_id": typed.get("account_id"), "contact_id": typed.get("contact_id")}
    for entity, field in (("account", "account_id"), ("contact", "contact_id")):
        row = reader.get(entity, known[field]) if known[field] else None
        language = str(row["language"] or language) if row is not None else language
    return template_values(kind, language, date.fromisoformat(str(typed["starts_on"])), typed)


def signed_file(app: App, contract_id: str) -> str:
    """Id of the file that keeps the signed paper; empty where there is none."""
    files = app.store.read(lambda reader: reader.files("contract", contract_id))
    return next((file.id for file in files if file.name.endswith(SIGNED_FILE)), "")


def _kept(app: App, contract_id: str) -> bytes:
    file_id = signed_file(app, contract_id)
    return app.attachments.read(file_id) if file_id and app.attachments.get(file_id).readable else b""


def _document(app: App, contract_id: str, fallback: str) -> tuple[ContractDocument, Language]:
    made_at = app.clock.now().astimezone()

    def read(reader: Reader) -> tuple[ContractDocument, Language]:
        language = cast(Language, contract_language(reader, contract_id, fallback))
        return build_contract_document(reader, contract_id, language, made_at), language

    return app.store.read(read)


def _render(document: ContractDocument, language: Language) -> bytes:
    from crm_desktop.documents.contract_pdf import render_contract  # the typesetter is loaded when it is needed

    return render_contract(document, language)
