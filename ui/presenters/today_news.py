"""What others did since yesterday, as far as this laptop knows: records they made, decisions, answers."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_desktop.model.columns import format_instant
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from ui.presenters.titles import called

FRESH_SHOWN = 6
_MADE = ("order", "quote", "visit", "activity", "account", "contact", "case", "task", "contract")
_MOST_EACH = 200


@dataclass(frozen=True, slots=True)
class Fresh:
    """Something a colleague did. `did` is made, approved, returned or answered."""

    entity: str
    id: str
    title: str
    account_id: str
    account: str
    who: str
    at: str
    did: str = "made"


class Names:
    """Names of accounts and colleagues, each read once."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[tuple[str, str], str] = {}

    def account(self, record_id: str | None) -> str:
        """Name of an account, empty where it is not here."""
        return self._name("account", record_id)

    def user(self, record_id: str | None) -> str:
        """Name of a colleague."""
        return self._name("user", record_id)

    def _name(self, entity: str, record_id: str | None) -> str:
        if not record_id:
            return ""
        key = (entity, record_id)
        if key not in self._known:
            row = self._reader.get(entity, record_id)
            self._known[key] = called(self._reader, entity, row) if row is not None else ""
        return self._known[key]


def news(reader: Reader, user_id: str, day: date, names: Names) -> list[Fresh]:
    """Everything since the beginning of the day before, newest first; of each kind the newest 200."""
    since = format_instant(datetime.combine(day - timedelta(days=1), datetime.min.time()).astimezone())
    found = [*_made(reader, user_id, since, names), *_decided(reader, user_id, since, names)]
    return sorted(found, key=lambda fresh: fresh.at, reverse=True)


def _made(reader: Reader, user_id: str, since: str, names: Names) -> list[Fresh]:
    found: list[Fresh] = []
    for entity in _MADE:
        for row in reader.made_by_others(entity, user_id, since, _MOST_EACH):
            account_id = row["id"] if entity == "account" else row.get("account_id") or ""
            title = called(reader, entity, row)
            who = names.user(row["created_by"])
            found.append(Fresh(entity, row["id"], title, account_id, names.account(account_id), who, row["created_at"]))
    return found


def _decided(reader: Reader, user_id: str, since: str, names: Names) -> list[Fresh]:
    query = ListQuery("quote_revision", (Filter("decided_at", ">=", since),), "decided_at", True)
    found: list[Fresh] = []
    for row in reader.rows("quote_revision", list(reader.row_ids(query)[:_MOST_EACH])):
        quote = reader.get("quote", row["quote_id"]) if row["quote_id"] else None
        if quote is None or row["decided_by"] in (None, user_id) or row["status"] not in ("approved", "returned"):
            continue
        account_id = quote["account_id"] or ""
        who = names.user(row["decided_by"])
        account = names.account(account_id)
        found.append(
            Fresh("quote", quote["id"], quote["number"], account_id, account, who, row["decided_at"], row["status"])
        )
    return found
