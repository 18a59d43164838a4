"""Taking over the quotes of a colleague: one user action, one transaction, one way back."""

from collections.abc import Mapping, Sequence

from crm_desktop.errors import NotFound
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import patch
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

_INITIATOR = "handover"
Owners = dict[str, str | None]


class HandoverService:
    """For the enrolled user."""

    def __init__(self, store: ClientStore, user_id: str) -> None:
        self._store = store
        self._user_id = user_id

    def take_over(self, quote_ids: Sequence[str]) -> Owners:
        """Make these quotes the user's own, all or none; returns who had those that changed hands.

        NotFound where one of them is not on this device.
        """

        def before(reader: Reader) -> Owners:
            found = reader.many("quote", quote_ids)
            if missing := [quote_id for quote_id in quote_ids if quote_id not in found]:
                raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.", id=missing[0])
            return {key: row["owner_id"] for key, row in found.items() if row["owner_id"] != self._user_id}

        owners = self._store.read(before)
        self._write(dict.fromkeys(owners, self._user_id))
        return owners

    def give_back(self, owners: Owners) -> None:
        """Undo `take_over`: each quote belongs to whom it belonged before."""
        self._write(owners)

    def of_colleague(self, user_id: str) -> list[str]:
        """Ids of the quotes a colleague has."""
        query = ListQuery("quote", (Filter("owner_id", "=", user_id),))
        return self._store.read(lambda reader: [row["id"] for row in reader.rows("quote", reader.row_ids(query))])

    def _write(self, owners: Mapping[str, str | None]) -> None:
        if owners:
            intents = [patch("quote", quote_id, {"owner_id": owner}) for quote_id, owner in owners.items()]
            self._store.commit(intents, _INITIATOR)
