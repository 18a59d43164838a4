"""The mail that carries a quote: recipient, subject and text in the customer's language, the paper attached."""

from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import cast

from crm_desktop.documents.plain_text import one_line
from crm_desktop.documents.quote_builder import paper_language
from crm_desktop.documents.quote_document import QuoteDocument
from crm_desktop.documents.quote_pdf import render_quote
from crm_desktop.documents.signed_quote import load_quote_document
from crm_desktop.documents.wording import Language, Wording
from crm_desktop.model.wire import Row
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class QuoteMail:
    """A mail to be opened in the user's own mail program. `to` is empty where no address is known."""

    to: str
    subject: str
    text: str
    file_name: str
    data: bytes


def compose_mail(store: ClientStore, revision_id: str, fallback: str, made_at: datetime) -> QuoteMail:
    """The mail of a revision as a file (.eml); nothing is sent. KnownErrors of the documents part, NotFound.

    `fallback` is the language where neither contact nor account names one.
    """

    def read(reader: Reader) -> tuple[str, str, str]:
        revision = reader.get("quote_revision", revision_id)
        quote_id = str(revision["quote_id"]) if revision is not None else ""
        quote = reader.get("quote", quote_id)
        return paper_language(reader, quote_id, fallback), *_addresses(reader, quote or {})

    found_language, to, sender = store.read(read)
    language = cast(Language, found_language)
    document = load_quote_document(store, revision_id, language, made_at)
    wording = Wording(language, document.currency)
    company = document.company.name
    subject = wording.word("mail_subject", number=document.number, revision=document.called, company=company)
    text = _text(document, wording)
    name = document.file_name
    message = EmailMessage(policy=SMTP)
    message["X-Unsent"] = "1"  # mail programs open it as a draft
    if sender:
        message["From"] = sender
    if to:
        message["To"] = to
    message["Subject"] = one_line(subject)
    message.set_content(text)
    message.add_attachment(
        render_quote(document, language), maintype="application", subtype="pdf", filename=f"{name}.pdf"
    )
    return QuoteMail(to, one_line(subject), text, f"{name}.eml", message.as_bytes())


def _text(document: QuoteDocument, wording: Wording) -> str:
    parts = [document.salutation, wording.word("mail_text", number=document.number)]
    if document.valid_until is not None:
        parts.append(wording.word("mail_valid", day=wording.day(document.valid_until)))
    signed = [document.contact_name, document.company.name, document.contact_phone]
    parts.append(wording.word("mail_greeting") + "\n" + "\n".join(line for line in signed if line))
    return "\n\n".join(part for part in parts if part) + "\n"


def _addresses(reader: Reader, quote: Row) -> tuple[str, str]:
    """The customer's address and the owner's own."""
    owner = reader.get("user", quote.get("owner_id"))
    sender = one_line(owner["email"]) if owner is not None and _is_address(owner["email"]) else ""
    for field in ("contact_id", "account_id"):
        channels = reader.where("channel", **{field: quote[field]}) if quote.get(field) else []
        mails = [row for row in channels if row["kind"] == "email" and _is_address(row["value"])]
        if mails:
            return one_line(min(mails, key=lambda row: (not row["preferred"], row["id"]))["value"]), sender
    return "", sender


def _is_address(text: str) -> bool:
    """One address and nothing else: it becomes a header of the mail."""
    name, at, host = text.strip().partition("@")
    return (
        bool(name and at and host) and text.strip().isascii() and not any(sign in text.strip() for sign in " ,;<>\r\n")
    )
