"""The document of a revision with the customer's signature, where its picture is on this laptop."""

from dataclasses import replace
from datetime import datetime

from crm_desktop.documents.quote_builder import build_quote_document
from crm_desktop.documents.quote_document import QuoteDocument
from crm_desktop.errors import NotFound
from crm_desktop.model.wire import Row
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader


def load_quote_document(store: ClientStore, revision_id: str, language: str, made_at: datetime) -> QuoteDocument:
    """The document to print; NotFound as its builder. A signature whose picture is not here is named without it."""

    def read(reader: Reader) -> tuple[QuoteDocument, Row | None]:
        document = build_quote_document(reader, revision_id, language, made_at)
        return document, reader.get("quote_revision", revision_id)

    document, revision = store.read(read)
    if document.signature is None or revision is None or not revision["signature_id"]:
        return document
    return replace(document, signature=replace(document.signature, picture=_picture(store, revision["signature_id"])))


def _picture(store: ClientStore, attachment_id: str) -> bytes:
    file = store.files.find(attachment_id)
    if file is None or not file.readable:
        return b""
    try:
        return b"".join(store.files.pieces(file))
    except NotFound:
        return b""
