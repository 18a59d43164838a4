"""Which columns each list shows first."""

from dataclasses import dataclass
from enum import StrEnum

from crm_desktop.model.wire import entity_facts


class Look(StrEnum):
    """How a cell is drawn; the delegate knows the rest."""

    TITLE = "title"  # name, second line below
    TEXT = "text"
    CLASS = "class"  # class and the key-account chip
    DATE = "date"
    INSTANT = "instant"
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    COMPLETE = "complete"  # bar and figure
    CHIP = "chip"
    YES_NO = "yes_no"
    STATE = "state"  # sync state of the record


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` names the value in the row view; `word` a message, else the field's own label is used.

    `share` divides what is left of the width; `width` is px at 100 %; `sort` is what SQL sorts by, empty: nothing.
    Where there is too little room the column that `yields` most goes first, of equals the one at the right.
    """

    key: str
    look: Look
    width: int = 110
    share: int = 0
    word: str = ""
    sort: str = ""
    right: bool = False
    yields: int = 0


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list page: its records, columns and first order. `opens` is the page a row leads to."""

    page: str
    entity: str
    columns: tuple[Column, ...]
    opens: str
    parameter: str
    sort: str
    descending: bool = False
    two_lines: bool = False
    new_page: str = ""
    new_word: str = ""

    @property
    def icon(self) -> str:
        """The icon of its records."""
        return entity_facts(self.entity).icon


_STATE = Column("state", Look.STATE, 66, word="word.sync", right=False)
_ACCOUNT = Column("account_id", Look.TEXT, 170, 2, sort="account_id")

SPECS: dict[str, ListSpec] = {
    spec.page: spec
    for spec in (
        ListSpec(
            "accounts",
            "account",
            (
                Column("title", Look.TITLE, 190, 3, "word.account", "name"),
                Column("customer_class", Look.CLASS, 76, 0, "word.class", "customer_class"),
                Column("city", Look.TEXT, 100, 1, "word.city", "city", yields=1),
                Column("last_visit_at", Look.INSTANT, 92, 0, "list.visited", "last_visit_at"),
                Column("open_quotes_total", Look.MONEY, 122, 0, "list.quotes_open", "open_quotes_total", True),
                Column("next_task", Look.TEXT, 130, 3, "word.next_step", "next_task_on"),
                Column("complete", Look.COMPLETE, 106, 0, "word.complete", yields=2),
                _STATE,
            ),
            "account",
            "account_id",
            "name",
            two_lines=True,
            new_page="record",
            new_word="action.new_account",
        ),
        ListSpec(
            "contacts",
            "contact",
            (
                Column("title", Look.TITLE, 180, 2, sort="name"),
                _ACCOUNT,
                Column("buying_role", Look.TEXT, 120, 1, sort="buying_role", yields=1),
                Column("reach", Look.TEXT, 170, 3, "list.reach"),
                Column("preferred", Look.YES_NO, 90, 0, sort="preferred", yields=2),
                _STATE,
            ),
            "record",
            "record_id",
            "name",
            two_lines=True,
            new_page="record",
            new_word="action.new_contact",
        ),
        ListSpec(
            "visits",
            "visit",
            (
                Column("title", Look.TITLE, 180, 3, sort="subject"),
                _ACCOUNT,
                Column("starts_at", Look.INSTANT, 130, 0, sort="starts_at"),
                Column("status", Look.CHIP, 110, 0, sort="status"),
                Column("outcome", Look.TEXT, 130, 0, sort="outcome", yields=1),
                Column("owner_id", Look.TEXT, 140, 1, sort="owner_id", yields=2),
                _STATE,
            ),
            "note",
            "visit_id",
            "starts_at",
            True,
            new_page="note",
            new_word="action.new_visit_note",
        ),
        ListSpec(
            "quotes",
            "quote",
            (
                Column("title", Look.TITLE, 156, 0, sort="number"),
                _ACCOUNT,
                Column("status", Look.CHIP, 120, 0, "list.status", "status"),
                Column("revision", Look.NUMBER, 74, 0, "list.revision", "revision", True, yields=2),
                Column("total", Look.MONEY, 116, 0, "list.net", "total", True),
                Column("valid_until", Look.DATE, 104, 0, "list.valid_until", "valid_until"),
                Column("follow_up_on", Look.DATE, 110, 0, sort="follow_up_on", yields=1),
                _STATE,
            ),
            "quote",
            "quote_id",
            "number",
            True,
            new_page="quote",
            new_word="action.new_quote",
        ),
        ListSpec(
            "orders",
            "order",
            (
                Column("title", Look.TITLE, 120, 1, sort="number"),
                _ACCOUNT,
                Column("ordered_on", Look.DATE, 120, 0, sort="ordered_on"),
                Column("status", Look.CHIP, 110, 0, sort="status"),
                Column("total", Look.MONEY, 122, 0, "list.net", "total", True),
                Column("carrier", Look.TEXT, 140, 1, sort="carrier", yields=1),
                _STATE,
            ),
            "order",
            "order_id",
            "ordered_on",
            True,
        ),
        ListSpec(
            "leads",
            "lead",
            (
                Column("title", Look.TITLE, 180, 2, sort="name"),
                Column("email", Look.TEXT, 150, 2, sort="email"),
                Column("phone", Look.TEXT, 120, 1, sort="phone"),
                Column("source", Look.TEXT, 110, 1, sort="source", yields=2),
                Column("status", Look.CHIP, 130, 0, sort="status"),
                Column("complete", Look.COMPLETE, 106, 0, "word.complete", yields=1),
                _STATE,
            ),
            "record",
            "record_id",
            "created_at",
            True,
            two_lines=True,
            new_page="lead_capture",
            new_word="leads.capture",
        ),
        ListSpec(
            "pipeline",
            "opportunity",
            (
                Column("title", Look.TITLE, 180, 3, sort="name"),
                _ACCOUNT,
                Column("stage", Look.CHIP, 110, 0, sort="stage"),
                Column("amount", Look.MONEY, 122, 0, sort="amount", right=True),
                Column(
                    "probability_percent", Look.PERCENT, 84, 0, "list.chance", "probability_percent", True, yields=1
                ),
                Column("closes_on", Look.DATE, 116, 0, sort="open_closes_on"),
                Column("next_purchase_on", Look.DATE, 120, 0, "list.next_purchase", "next_purchase_on", yields=2),
                _STATE,
            ),
            "record",
            "record_id",
            "open_closes_on",
            new_page="record",
            new_word="action.new_opportunity",
        ),
        ListSpec(
            "contracts",
            "contract",
            (
                Column("title", Look.TITLE, 170, 3, sort="name"),
                _ACCOUNT,
                Column("status", Look.CHIP, 110, 0, sort="status"),
                Column("ends_on", Look.DATE, 110, 0, sort="ends_on", yields=1),
                Column("notice_on", Look.DATE, 130, 0, "list.notice_by", "running_notice_on"),
                Column("amount", Look.MONEY, 122, 0, sort="amount", right=True),
                _STATE,
            ),
            "record",
            "record_id",
            "running_notice_on",
            two_lines=True,
            new_page="record",
            new_word="action.new_contract",
        ),
        ListSpec(
            "cases",
            "case",
            (
                Column("title", Look.TITLE, 200, 3, sort="subject"),
                _ACCOUNT,
                Column("kind", Look.TEXT, 110, 0, sort="kind", yields=2),
                Column("priority", Look.TEXT, 100, 0, sort="priority", yields=1),
                Column("due_on", Look.DATE, 120, 0, sort="open_due_on"),
                Column("status", Look.CHIP, 120, 0, sort="status"),
                Column("owner_id", Look.TEXT, 130, 1, sort="owner_id", yields=3),
                _STATE,
            ),
            "record",
            "record_id",
            "open_due_on",
            new_page="record",
            new_word="action.new_case",
        ),
        ListSpec(
            "stages",
            "opportunity_stage",
            (
                Column("title", Look.TITLE, 180, 2, sort="name"),
                Column("name_de", Look.TEXT, 150, 2, sort="name_de"),
                Column("code", Look.TEXT, 110, 1, sort="code", yields=1),
                Column("pipeline", Look.TEXT, 130, 1, sort="pipeline", yields=2),
                Column("position", Look.NUMBER, 100, 0, sort="position", right=True),
                Column("probability_percent", Look.PERCENT, 140, 0, sort="probability_percent", right=True),
                Column("outcome", Look.CHIP, 110, 0, sort="outcome"),
                _STATE,
            ),
            "record",
            "record_id",
            "position",
            new_page="record",
            new_word="action.new_stage",
        ),
        ListSpec(
            "tasks",
            "task",
            (
                Column("title", Look.TITLE, 220, 3, sort="subject"),
                _ACCOUNT,
                Column("due_on", Look.DATE, 120, 0, sort="open_due_on"),
                Column("status", Look.CHIP, 100, 0, sort="status"),
                Column("owner_id", Look.TEXT, 140, 1, sort="owner_id", yields=1),
                _STATE,
            ),
            "record",
            "record_id",
            "open_due_on",
            new_page="record",
            new_word="action.new_task",
        ),
    )
}
