"""The terms of a signed contract stand: asked of every local change, whoever makes it."""

from collections.abc import Sequence

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row, clean_value, field_facts
from crm_desktop.rules.contract_freeze import broken_terms, stands
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import DeleteIntent, Intent, PatchIntent, TextIntent
from crm_desktop.store.reader import Reader

_COPIED = ("account_id", "contact_id", "owner_id", "name", "kind", "notice_days", "renews_months", "remind_days",
           "amount", "currency", "price_commitment")  # fmt: skip


def check_terms(store: ClientStore, intents: Sequence[Intent]) -> None:
    """InvalidInput where a change touches what a signature is under, or deletes it."""
    asked = (PatchIntent, TextIntent, DeleteIntent)
    touched = [one for one in intents if isinstance(one, asked) and one.entity == "contract"]
    if touched:
        store.read(lambda reader: _check(reader, touched))


def as_new_contract(contract: Row) -> Row:
    """What a contract begins with that takes the terms of another; its days and its number are still to come."""
    return {name: contract[name] for name in _COPIED if contract[name] not in (None, "")}


def _check(reader: Reader, touched: Sequence[PatchIntent | TextIntent | DeleteIntent]) -> None:
    facts = field_facts("contract")
    for intent in touched:
        contract = reader.get("contract", intent.id)
        if isinstance(intent, DeleteIntent):
            if contract is not None and stands(contract):
                raise InvalidInput(
                    "contract_signed",
                    "This contract is signed and stays.",
                    "Set its state to ended, or give notice, where it no longer holds.",
                )
            continue
        values = intent.values if isinstance(intent, PatchIntent) else {intent.field: intent.text}
        written = {name: clean_value(name, facts[name], value) for name, value in values.items() if name in facts}
        if contract is not None and broken_terms(contract, written):
            raise InvalidInput(
                "contract_terms_signed",
                "This contract is signed: its terms stand as they were signed.",
                "Copy it as a new contract to agree on others.",
            )
