"""What is under way with an account beside quotes: opportunities, contracts, cases."""

from dataclasses import dataclass
from datetime import date

from crm_desktop.model.wire import Row
from crm_desktop.rules.closing import LOST, WON, codes_of
from crm_desktop.rules.contract_term import is_due
from crm_desktop.services.cases import OPEN
from crm_desktop.services.pipeline import StageView, stages
from crm_desktop.store.reader import Reader


@dataclass(frozen=True, slots=True)
class Business:
    """Open opportunities with their stages, contracts not ended, open cases; `due`: contracts to decide on."""

    opportunities: tuple[tuple[Row, StageView | None], ...]
    contracts: tuple[Row, ...]
    cases: tuple[Row, ...]
    due: frozenset[str]


def business(reader: Reader, account_id: str, today: date) -> Business:
    """Read it, what is nearest first."""
    own = reader.where("opportunity_stage")
    closed = codes_of(own, WON) | codes_of(own, LOST)
    named = {stage.code: stage for stage in stages(reader)}
    opportunities = [row for row in reader.where("opportunity", account_id=account_id) if row["stage"] not in closed]
    contracts = [row for row in reader.where("contract", account_id=account_id) if row["status"] != "ended"]
    cases = [row for row in reader.where("case", account_id=account_id) if row["status"] in (*OPEN, "")]
    opportunities.sort(key=lambda row: (row["closes_on"] or "9999", row["id"]))
    return Business(
        tuple((row, named.get(row["stage"])) for row in opportunities),
        tuple(sorted(contracts, key=lambda row: (row["ends_on"] or "9999", row["id"]))),
        tuple(sorted(cases, key=lambda row: (row["due_on"] or "9999", row["id"]))),
        frozenset(row["id"] for row in contracts if is_due(row, today)),
    )
