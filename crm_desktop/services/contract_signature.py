"""A contract signed on the laptop: the signed paper is a file of the contract, who signed and when stands on it."""

from collections.abc import Callable
from datetime import datetime

from crm_desktop.clock import Clock
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row
from crm_desktop.services.attachments import AttachmentService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import patch
from crm_desktop.store.reader import Reader

SIGNED_FILE = "-signed.pdf"
"""How the name of the file of a signed paper ends."""
_SIGNABLE = frozenset({"", "draft", "active"})


class ContractSignatures:
    """Signatures of customers on contracts."""

    def __init__(self, store: ClientStore, clock: Clock, attachments: AttachmentService) -> None:
        self._store = store
        self._clock = clock
        self._attachments = attachments

    def sign(self, contract_id: str, name: str, picture: bytes, paper: Callable[[datetime], bytes]) -> str:
        """Keep a signature (PNG): `paper` sets the PDF with it for the moment of signing; returns the file's id.

        A draft becomes active. Durable on return. InvalidInput no_signature (nothing was drawn), name_missing,
        contract_signed_already, contract_ended.
        """
        if not picture:
            raise InvalidInput(
                "no_signature", "Nothing was drawn.", "Sign in the field, or accept without a signature."
            )
        if not name.strip():
            raise InvalidInput("name_missing", "A signature needs the name of who signs.", "Enter the name.")
        contract = self._store.read(lambda reader: _signable(reader, contract_id))
        at = self._clock.now()
        # The bytes first: the contract must never say it was signed where the paper was not kept.
        file = f"{contract['number'] or contract['name'] or 'contract'}{SIGNED_FILE}"
        attachment_id = self._attachments.add_bytes(file, paper(at), ("contract", contract_id))
        signed = {"signed_by": name.strip(), "signed_at": format_instant(at)}
        if contract["status"] != "active":
            signed["status"] = "active"
        self._store.commit([patch("contract", contract_id, signed)], "contract")
        return attachment_id


def may_be_signed(contract: Row) -> bool:
    """Whether nobody has signed it yet and it has not ended."""
    return not contract["signed_at"] and contract["status"] in _SIGNABLE


def _signable(reader: Reader, contract_id: str) -> Row:
    contract = reader.get("contract", contract_id)
    if contract is None:
        raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
    if contract["signed_at"]:
        raise InvalidInput(
            "contract_signed_already", "This contract is signed already.", "Make a new one to change it."
        )
    if not may_be_signed(contract):
        raise InvalidInput("contract_ended", "This contract has ended, or notice was given.", "Make a new one.")
    return contract
