"""What happened with an account, newest first, as one list."""

from dataclasses import dataclass

from crm_desktop.store.computed import NEWEST_REVISION
from crm_desktop.store.connection import Connection
from crm_desktop.store.lists import money

# kind: (when it happened as text that sorts, title, text, status, amount, currency, owner). A date stands
# for the end of its day, so that a day's order stands above its calls.
_PARTS = (
    """SELECT 'visit' AS entity, id, ifnull(starts_at, created_at) AS at, subject AS title, note AS text,
        status, NULL AS amount, '' AS currency, owner_id FROM visit WHERE account_id = :account""",
    """SELECT 'activity', id, ifnull(happened_at, created_at), subject, body, kind, NULL, '', owner_id
        FROM activity WHERE account_id = :account""",
    """SELECT 'task', id, ifnull(due_on || 'T23:59:59.999Z', created_at), subject, note, status, NULL, '', owner_id
        FROM task WHERE account_id = :account AND status = 'done'""",
    f"""SELECT 'quote', q.id, ifnull(r.sent_at, ifnull(r.quote_date || 'T23:59:59.999Z', q.created_at)), q.number,
        '', r.status, (SELECT sum(line_total) FROM quote_line WHERE quote_id = q.id AND revision_id = r.id
        AND optional = 0), r.currency, q.owner_id FROM quote q LEFT JOIN quote_revision r ON r.id =
        {NEWEST_REVISION.format(quote="q.id")} WHERE q.account_id = :account""",
    """SELECT 'order', id, ifnull(ordered_on || 'T23:59:59.999Z', created_at),
        CASE WHEN number <> '' THEN number ELSE provisional_number END, '', status,
        (SELECT sum(line_total) FROM order_line WHERE order_id = "order".id), currency, owner_id
        FROM "order" WHERE account_id = :account""",
    """SELECT 'contract', id, ifnull(starts_on || 'T23:59:59.999Z', created_at),
        CASE WHEN name <> '' THEN name ELSE number END, price_commitment, status, amount, currency, owner_id
        FROM contract WHERE account_id = :account""",
    """SELECT 'case', id, created_at, subject, CASE WHEN answer <> '' THEN answer ELSE description END,
        status, NULL, '', owner_id FROM "case" WHERE account_id = :account""",
)
_SQL = (
    f"SELECT * FROM ({' UNION ALL '.join(_PARTS)}) WHERE :at IS NULL OR (ifnull(at, ''), id) < (:at, :id) "
    "ORDER BY ifnull(at, '') DESC, id DESC LIMIT :limit"
)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One entry. `amount` is canonical text; `key` continues the list behind it."""

    entity: str
    id: str
    at: str | None
    title: str
    text: str
    status: str
    amount: str | None
    currency: str
    owner_id: str | None

    @property
    def key(self) -> tuple[str, str]:
        """Where the next page starts."""
        return self.at or "", self.id


def timeline(
    connection: Connection, account_id: str, limit: int, before: tuple[str, str] | None
) -> list[TimelineEntry]:
    """Visits, activities, done tasks, quotes with their newest revision, orders, contracts and cases of an account."""
    at, record_id = before or (None, None)
    found = connection.execute(_SQL, {"account": account_id, "at": at, "id": record_id, "limit": limit})
    return [
        TimelineEntry(
            row[0], row[1], row[2], row[3] or "", row[4] or "", row[5] or "", money(row[6]), row[7] or "", row[8]
        )
        for row in found
    ]
