"""The paper of a revision: PDF bytes and the pictures of its pages, in the customer's language."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from crm_desktop.documents.preview import page_pictures
from crm_desktop.documents.quote_builder import paper_language
from crm_desktop.documents.quote_pdf import render_quote
from crm_desktop.documents.signed_quote import load_quote_document
from crm_desktop.documents.wording import Language
from crm_desktop.store.client_store import ClientStore

DPI = 144


@dataclass(frozen=True, slots=True)
class Paper:
    """What is shown and what is saved are the same bytes."""

    pdf: bytes
    pictures: list[bytes]
    file_name: str


def make_paper(store: ClientStore, quote_id: str, revision_id: str, fallback: str, made_at: datetime) -> Paper:
    """Set the paper of a revision. KnownErrors of the documents part, NotFound for what is not here."""

    language = store.read(lambda reader: paper_language(reader, quote_id, fallback))
    document = load_quote_document(store, revision_id, language, made_at)
    pdf = render_quote(document, cast(Language, language))
    return Paper(pdf, list(page_pictures(pdf, DPI)), f"{document.file_name}.pdf")
