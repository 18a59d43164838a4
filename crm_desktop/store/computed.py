"""List columns that are no fields: each an SQL expression over a record `e`, with the facts of a field.

They sort and filter like fields. Each is one indexed subquery, read for the rows on the screen alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from crm_desktop.model.facts import Facts, Kind, Privacy
from crm_desktop.model.wire import field_facts
from crm_desktop.rules.rhythm import BEFORE_EVERYTHING

OPEN_REVISIONS = ("draft", "waiting_approval", "approved", "returned", "sent")
NEWEST_REVISION = "(SELECT id FROM quote_revision WHERE quote_id = {quote} ORDER BY revision DESC, id DESC LIMIT 1)"


@dataclass(frozen=True, slots=True)
class Computed:
    """One column. `shown`: read for the rows on the screen; the others serve conditions and order alone."""

    sql: str
    facts: Facts
    shown: bool = True


def _address(field: str) -> str:
    return (
        f"ifnull((SELECT {field} FROM address WHERE account_id = e.id AND {field} <> '' "
        "ORDER BY preferred DESC, kind = 'billing' DESC, id LIMIT 1), '')"
    )


def _newest(field: str) -> str:
    return f"(SELECT {field} FROM quote_revision WHERE quote_id = e.id ORDER BY revision DESC, id DESC LIMIT 1)"


_CONTACT = "ifnull((SELECT name FROM contact WHERE account_id = e.id ORDER BY preferred DESC, id LIMIT 1), '')"
_LAST_VISIT = "(SELECT max(starts_at) FROM visit WHERE account_id = e.id AND status = 'done')"
# As `rules.rhythm.visit_due_on`; a test compares the two.
_RHYTHM = (
    "coalesce(nullif(e.visit_rhythm_days, 0), "
    "(SELECT min(days) FROM visit_rhythm WHERE customer_class = e.customer_class AND days > 0))"
)
_VISIT_DUE_ON = (
    f"max(date(substr(coalesce({_LAST_VISIT}, e.created_at, '{BEFORE_EVERYTHING}'), 1, 10), {_RHYTHM} || ' days'), "
    "substr(ifnull((SELECT max(starts_at) FROM visit WHERE account_id = e.id AND status = 'planned'), ''), 1, 10))"
)
_NEXT_TASK_ON = "(SELECT min(due_on) FROM task WHERE account_id = e.id AND status <> 'done')"
_NEXT_TASK = (
    "ifnull((SELECT subject FROM task WHERE account_id = e.id AND status <> 'done' "
    "ORDER BY due_on IS NULL, due_on, id LIMIT 1), '')"
)
_OPEN_QUOTES = (
    "(SELECT sum(l.line_total) FROM quote q JOIN quote_revision r ON r.id = "
    + NEWEST_REVISION.format(quote="q.id")
    + " JOIN quote_line l ON l.quote_id = q.id AND l.revision_id = r.id "
    f"WHERE q.account_id = e.id AND l.optional = 0 AND r.status IN {OPEN_REVISIONS!r})"
)
_QUOTE_TOTAL = (
    "(SELECT sum(l.line_total) FROM quote_line l WHERE l.quote_id = e.id AND l.optional = 0 AND l.revision_id = "
    + NEWEST_REVISION.format(quote="e.id")
    + ")"
)
# The first day on which an open quote wants something: its follow-up, the end of its validity, a decision on it.
_ATTENTION_ON = (
    "(SELECT CASE WHEN r.status IN "
    f"{OPEN_REVISIONS!r} "
    "THEN nullif(min(ifnull(e.follow_up_on, '9'), ifnull(date(r.valid_until, '+1 day'), '9'), "
    "CASE WHEN r.status IN ('approved', 'returned') THEN ifnull(substr(r.decided_at, 1, 10), '9') ELSE '9' END), '9') "
    "END FROM quote_revision r WHERE r.quote_id = e.id ORDER BY r.revision DESC, r.id DESC LIMIT 1)"
)
# As rules/contract_term computes them.
_NOTICE_ON = "date(e.ends_on, '-' || ifnull(e.notice_days, 0) || ' days')"
_REMIND_ON = "date(e.ends_on, '-' || (ifnull(e.notice_days, 0) + ifnull(e.remind_days, 0)) || ' days')"
_OPEN_CLOSES_ON = (
    "CASE WHEN e.stage NOT IN ('won', 'lost') AND e.stage NOT IN "
    "(SELECT code FROM opportunity_stage WHERE outcome IN ('won', 'lost')) THEN e.closes_on END"
)
_ORDER_TOTAL = "(SELECT sum(l.line_total) FROM order_line l WHERE l.order_id = e.id)"


@cache
def computed(entity: str) -> Mapping[str, Computed]:
    """The computed columns of a list by name; none where an entity has none."""
    if entity == "account":
        return {
            "city": Computed(_address("city"), Facts(Kind.TEXT, "City", "Ort")),
            "country": Computed(_address("country"), Facts(Kind.TEXT, "Country", "Land"), shown=False),
            "contact": Computed(_CONTACT, Facts(Kind.TEXT, "Contact", "Kontakt")),
            "last_visit_at": Computed(_LAST_VISIT, Facts(Kind.INSTANT, "Last visit", "Letzter Besuch")),
            "visit_due_on": Computed(_VISIT_DUE_ON, Facts(Kind.DATE, "Visit due", "Besuch fällig"), shown=False),
            "open_quotes_total": Computed(
                _OPEN_QUOTES, Facts(Kind.DECIMAL, "Open quotes", "Offene Angebote", places=2)
            ),
            "next_task": Computed(_NEXT_TASK, Facts(Kind.TEXT, "Next step", "Nächster Schritt")),
            "next_task_on": Computed(_NEXT_TASK_ON, Facts(Kind.DATE, "Next step due", "Nächster Schritt fällig")),
        }
    if entity == "quote":
        revision = field_facts("quote_revision")
        return {
            "status": Computed(_newest("status"), revision["status"], shown=False),
            "revision": Computed(_newest("revision"), revision["revision"], shown=False),
            "total": Computed(_QUOTE_TOTAL, Facts(Kind.DECIMAL, "Net", "Netto", places=2), shown=False),
            "valid_until": Computed(_newest("valid_until"), revision["valid_until"], shown=False),
            "attention_on": Computed(_ATTENTION_ON, Facts(Kind.DATE, "To do from", "Zu tun ab"), shown=False),
        }
    if entity == "contact":
        day = Facts(Kind.TEXT, "Birthday (month-day)", "Geburtstag (Monat-Tag)", privacy=Privacy.PERSONAL)
        return {"birthday_day": Computed("substr(e.birthday, 6)", day, shown=False)}
    if entity == "case":
        due = Facts(Kind.DATE, "Answer due, while open", "Antwort fällig, solange er offen ist")
        return {
            "open_due_on": Computed(
                "CASE WHEN e.status IN ('', 'new', 'in_progress') THEN e.due_on END", due, shown=False
            )
        }
    if entity == "task":
        due = Facts(Kind.DATE, "Due, while open", "Fällig, solange sie offen ist")
        return {"open_due_on": Computed("CASE WHEN e.status IN ('', 'open') THEN e.due_on END", due, shown=False)}
    if entity == "opportunity":
        closes = Facts(Kind.DATE, "Close date, while open", "Abschluss am, solange sie offen ist")
        return {"open_closes_on": Computed(_OPEN_CLOSES_ON, closes, shown=False)}
    if entity == "contract":
        return {
            "notice_on": Computed(_NOTICE_ON, Facts(Kind.DATE, "Notice by", "Kündigung bis"), shown=False),
            "running_notice_on": Computed(
                f"CASE WHEN e.status = 'active' THEN {_NOTICE_ON} END",
                Facts(Kind.DATE, "Notice by, while running", "Kündigung bis, solange er läuft"),
                shown=False,
            ),
            "remind_on": Computed(_REMIND_ON, Facts(Kind.DATE, "Reminder from", "Erinnerung ab"), shown=False),
        }
    if entity == "order":
        return {"total": Computed(_ORDER_TOTAL, Facts(Kind.DECIMAL, "Net", "Netto", places=2), shown=False)}
    return {}


@cache
def list_fields(entity: str) -> Mapping[str, Facts]:
    """Everything a list of the entity can be filtered and sorted by: computed columns, then the declared fields."""
    return {name: column.facts for name, column in computed(entity).items()} | dict(field_facts(entity))
