"""What is noted of a mail that was prepared: an activity that says so, and never that it was sent."""

from crm_desktop.clock import Clock, stamp
from crm_desktop.errors import InvalidInput, NotFound
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import Intent, create
from crm_desktop.store.reader import Reader

_ISSUED = frozenset({"sent", "superseded", "accepted", "lost", "expired"})


class QuoteMails:
    """Mails of the enrolled user about quotes."""

    def __init__(self, store: ClientStore, clock: Clock, user_id: str) -> None:
        self._store = store
        self._clock = clock
        self._user_id = user_id

    def check(self, revision_id: str) -> None:
        """InvalidInput `not_issued` for a paper that is no paper yet: a draft is not mailed."""
        revision = self._store.read(lambda reader: reader.get("quote_revision", revision_id))
        if revision is None:
            raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
        if revision["status"] not in _ISSUED:
            raise InvalidInput("not_issued", "A draft is not mailed.", "Send the quote first, then prepare the e-mail.")

    def note_prepared(self, revision_id: str, subject: str, text: str) -> str:
        """Note that a mail was prepared for the user's mail program; returns the activity's id."""
        activity_id = new_id()

        def build(reader: Reader) -> list[Intent]:
            revision = reader.get("quote_revision", revision_id) or {}
            quote = reader.get("quote", revision.get("quote_id"))
            if quote is None:
                raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
            values = {
                "account_id": quote["account_id"],
                "contact_id": quote["contact_id"],
                "owner_id": self._user_id or None,
                "kind": "email",
                "direction": "out",
                "status": "prepared",
                "happened_at": stamp(self._clock),
                "subject": subject,
                "body": text,
            }
            return [create("activity", activity_id, values)]

        self._store.commit(self._store.read(build), "quotes")
        return activity_id
