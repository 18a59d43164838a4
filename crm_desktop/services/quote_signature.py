"""A signature on the laptop: the picture is a file of the quote, who signed and when stands on the revision."""

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.wire import Row
from crm_desktop.services.attachments import AttachmentService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import patch
from crm_desktop.store.reader import Reader

_SIGNABLE = frozenset({"sent", "superseded"})


class QuoteSignatures:
    """Signatures of customers on papers that were issued."""

    def __init__(self, store: ClientStore, clock: Clock, attachments: AttachmentService) -> None:
        self._store = store
        self._clock = clock
        self._attachments = attachments

    def sign(self, revision_id: str, name: str, picture: bytes) -> str:
        """Keep a signature (PNG) with its name and time; returns the file's id. Durable on return.

        InvalidInput no_signature (nothing was drawn), name_missing, not_sent, signed_already.
        """
        if not picture:
            raise InvalidInput(
                "no_signature", "Nothing was drawn.", "Sign in the field, or accept without a signature."
            )
        if not name.strip():
            raise InvalidInput("name_missing", "A signature needs the name of who signs.", "Enter the name.")
        quote, revision = self._store.read(lambda reader: _signable(reader, revision_id))
        # The bytes first: the record must never name a file that is not there.
        file = f"{quote['number']}-{revision['revision'] or 1}-signature.png"
        attachment_id = self._attachments.add_bytes(file, picture, ("quote", quote["id"]))
        signed = {"signed_by": name.strip(), "signed_at": stamp(self._clock), "signature_id": attachment_id}
        self._store.commit([patch("quote_revision", revision_id, signed)], "quotes")
        return attachment_id


def _signable(reader: Reader, revision_id: str) -> tuple[Row, Row]:
    revision = reader.get("quote_revision", revision_id)
    quote = reader.get("quote", revision["quote_id"]) if revision is not None else None
    if revision is None or quote is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    if revision["status"] not in _SIGNABLE:
        raise InvalidInput("not_sent", "Only a sent quote is signed.", "Send the quote first.")
    if revision["signed_at"]:
        raise InvalidInput("signed_already", "This quote is signed already.", "A new revision can be signed anew.")
    return quote, revision
