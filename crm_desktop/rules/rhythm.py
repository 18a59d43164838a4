"""When the next visit is due: an account's own rhythm goes first, then that of its class."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from crm_desktop.model.wire import Row

BEFORE_EVERYTHING = "2000-01-01"  # a customer nobody visited and of whom nobody knows since when he is one


def rhythm_days(account: Row, rhythms: Mapping[str, int]) -> int | None:
    """Days between visits of an account; None where nothing is agreed."""
    return account.get("visit_rhythm_days") or rhythms.get(account.get("customer_class") or "") or None


def class_rhythms(rows: Iterable[Row]) -> dict[str, int]:
    """Days by class from the catalogue; the shortest where a class stands there twice."""
    found: dict[str, int] = {}
    for row in rows:
        name, days = row["customer_class"], row["days"]
        if days and days > 0:
            found[name] = min(days, found.get(name, days))
    return found


def visit_due_on(days: int | None, last_visit: str | None, known_since: str | None, planned: str | None) -> date | None:
    """The day the next visit is due: so many days after the last (a new customer: after he was made), and not before
    the latest visit that is planned. Instants in wire form, by their UTC day; None without a rhythm.
    """
    if not days:
        return None
    since = date.fromisoformat((last_visit or known_since or BEFORE_EVERYTHING)[:10])
    due = since + timedelta(days=days)
    return max(due, date.fromisoformat(planned[:10])) if planned else due
