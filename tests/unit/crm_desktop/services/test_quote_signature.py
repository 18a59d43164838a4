"""A signature is a picture, a name and a time on a sent paper; it is printed, and never replaced."""

from decimal import Decimal

import pytest

from crm_desktop.documents.quote_pdf import render_quote
from crm_desktop.documents.signed_quote import load_quote_document
from crm_desktop.errors import InvalidInput
from crm_desktop.services.attachments import AttachmentService
from crm_desktop.services.quote_signature import QuoteSignatures
from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import NOW, USER

# One black pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


@pytest.fixture
def quotes(store: ClientStore, clock: StandingClock, records: RecordService) -> QuoteService:
    """The quotes of a store with a customer and a product with a price."""
    records.create("account", {"name": "Adler"}, "acc")
    records.create("tax_rate", {"tax_class": "food", "percent": "7"}, "tax")
    records.create("price_list", {"name": "L", "currency": "EUR", "rounding": "unit"}, "list")
    records.create("product", {"name": "Chai", "tax_class": "food"}, "chai")
    records.create("price_item", {"price_list_id": "list", "product_id": "chai", "price": "18"}, "item")
    return QuoteService(store, clock, USER)


@pytest.fixture
def revision_id(store: ClientStore, quotes: QuoteService) -> str:
    quote = quotes.new_quote("acc", lines=[NewLine("chai", Decimal(10))])
    (row,) = store.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    quotes.send(row["id"])
    return str(row["id"])


@pytest.fixture
def signatures(store: ClientStore, clock: StandingClock) -> QuoteSignatures:
    return QuoteSignatures(store, clock, AttachmentService(store))


def test_a_signature_is_a_file_of_the_quote_and_stands_on_the_paper(
    store: ClientStore, signatures: QuoteSignatures, revision_id: str
) -> None:
    attachment = signatures.sign(revision_id, " Maria Anders ", PNG)
    row = store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert row is not None
    assert (row["signed_by"], row["signature_id"]) == ("Maria Anders", attachment)
    assert row["signed_at"] == "2026-03-04T12:00:00.000Z"
    (file,) = AttachmentService(store).of("quote", row["quote_id"])
    assert (file.id, file.media_type) == (attachment, "image/png")
    document = load_quote_document(store, revision_id, "en", NOW)
    assert document.signature is not None
    assert (document.signature.name, document.signature.at, document.signature.picture) == ("Maria Anders", NOW, PNG)
    signed = render_quote(document, "en")
    assert signed.startswith(b"%PDF")
    assert b"/Image" in signed


def test_neither_ink_nor_name_may_be_missing_and_one_is_enough(signatures: QuoteSignatures, revision_id: str) -> None:
    for name, picture, code in (("Maria", b"", "no_signature"), ("  ", PNG, "name_missing")):
        with pytest.raises(InvalidInput) as told:
            signatures.sign(revision_id, name, picture)
        assert told.value.code == code
    signatures.sign(revision_id, "Maria", PNG)
    with pytest.raises(InvalidInput) as told:
        signatures.sign(revision_id, "Somebody else", PNG)
    assert told.value.code == "signed_already"


def test_a_draft_is_not_signed(
    store: ClientStore, quotes: QuoteService, signatures: QuoteSignatures, revision_id: str
) -> None:
    row = store.read(lambda reader: reader.get("quote_revision", revision_id))
    assert row is not None
    with pytest.raises(InvalidInput) as told:
        signatures.sign(quotes.revise(row["quote_id"]), "Maria", PNG)
    assert told.value.code == "not_sent"
