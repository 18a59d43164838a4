"""Opportunities by stage: the company's own stages or the product's, sums per currency, moves from stage to stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm_desktop.errors import NotFound
from crm_desktop.model.facts import Choice
from crm_desktop.model.wire import Row
from crm_desktop.model.work import STAGES
from crm_desktop.rules.closing import LOST, WON
from crm_desktop.rules.scope import DESK_ROLES
from crm_desktop.services.closing import closed
from crm_desktop.store.changes import ChangeSet
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import update
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader

_PROBABILITY = {"prospect": 10, "qualified": 25, "quoted": 50, "negotiation": 75, WON: 100, LOST: 0}
MOST_CARDS = 200  # of one column; the list shows them all


@dataclass(frozen=True, slots=True)
class StageView:
    """One stage. `outcome`: open, won or lost."""

    code: str
    en: str
    de: str
    outcome: str
    probability_percent: int | None = None

    def label(self, language: str) -> str:
        """Its name in 'de' or 'en'."""
        return Choice(self.code, self.en, self.de or self.en).label(language)


@dataclass(frozen=True, slots=True)
class Card:
    """One opportunity on the board."""

    id: str
    title: str
    account: str
    account_id: str | None
    amount: str | None
    currency: str
    probability_percent: int | None
    closes_on: str | None
    stage: str
    state: str


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A stage with what stands in it: `count` and `sums` of all, `cards` the first of them by close date."""

    stage: StageView
    count: int
    sums: Mapping[str, Decimal]
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """Columns from left to right. `pipelines`: names to choose from. Stages are kept by inside sales."""

    columns: tuple[BoardColumn, ...]
    pipelines: tuple[str, ...] = ()
    may_change_stages: bool = False


@dataclass(frozen=True, slots=True)
class Loss:
    """Why a sale was lost. `price_gap_percent`: how much dearer we were."""

    reason: str
    competitor: str = ""
    price_gap_percent: Decimal | None = None
    note: str = ""

    def values(self) -> dict[str, Any]:
        """As fields of an opportunity."""
        return {
            "lost_reason": self.reason,
            "competitor": self.competitor.strip(),
            "price_gap_percent": self.price_gap_percent,
            "lost_note": self.note.strip(),
        }


def stages(reader: Reader, pipeline: str | None = None) -> tuple[StageView, ...]:
    """The company's stages by position (of one pipeline, or all, each code once), else those of the product."""
    own = reader.where("opportunity_stage")
    own.sort(key=lambda row: (row["position"] is None, row["position"] or 0, row["id"]))
    chosen = {
        row["code"]: StageView(
            row["code"], row["name"], row["name_de"], row["outcome"] or "open", row["probability_percent"]
        )
        for row in reversed(own)
        if row["code"] and pipeline in (None, row["pipeline"])
    }
    if chosen:
        return tuple(reversed(chosen.values()))
    return tuple(
        StageView(code, en, de, code if code in (WON, LOST) else "open", _PROBABILITY[code]) for code, en, de in STAGES
    )


def board(reader: Reader, filters: Sequence[Filter] = (), pipeline: str | None = None, user_id: str = "") -> Board:
    """The opportunities that meet the conditions, by stage. What has a stage nobody declared stands in the first."""
    listed = stages(reader, pipeline)
    conditions = tuple(filters) + ((Filter("pipeline", "=", pipeline),) if pipeline is not None else ())
    query = ListQuery("opportunity", conditions, "closes_on")
    rows = reader.rows("opportunity", reader.row_ids(query))
    names = {
        account: row["name"] for account, row in reader.many("account", {row["account_id"] for row in rows}).items()
    }
    known = {stage.code for stage in listed}
    by_stage: dict[str, list[Row]] = {code: [] for code in known}
    for row in rows:
        by_stage[row["stage"] if row["stage"] in known else listed[0].code].append(row)
    columns = tuple(
        BoardColumn(
            stage,
            len(by_stage[stage.code]),
            sums(by_stage[stage.code]),
            tuple(_card(row, names) for row in by_stage[stage.code][:MOST_CARDS]),
        )
        for stage in listed
    )
    pipelines = sorted({row["pipeline"] for row in reader.where("opportunity_stage")} - {""})
    user = reader.get("user", user_id) if user_id else None
    return Board(columns, tuple(pipelines), user is not None and user["role"] in DESK_ROLES)


def sums(rows: Sequence[Row]) -> dict[str, Decimal]:
    """Exact sums of amounts by currency; an amount without one counts in euros, as lists show it."""
    found: dict[str, Decimal] = {}
    for row in rows:
        if row["amount"] is not None:
            currency = row["currency"] or "EUR"
            found[currency] = found.get(currency, Decimal(0)) + Decimal(row["amount"])
    return dict(sorted(found.items()))


def _card(row: Row, names: Mapping[str, str]) -> Card:
    return Card(
        row["id"],
        row["name"],
        names.get(row["account_id"] or "", ""),
        row["account_id"],
        row["amount"],
        row["currency"] or "EUR",
        row["probability_percent"],
        row["closes_on"],
        row["stage"],
        row["state"],
    )


_TOLD_OF_A_LOSS = ("lost_reason", "competitor", "price_gap_percent", "lost_note")


class PipelineService:
    """Moves opportunities; each move is one change."""

    def __init__(self, store: ClientStore) -> None:
        self._store = store

    def move(self, opportunity_id: str, to: str, loss: Loss | None = None, initiator: str = "") -> ChangeSet:
        """Put an opportunity into a stage, its probability with it; a lost one needs a `loss`.

        InvalidInput opportunity_lost_reason_missing, opportunity_competitor_missing; NotFound where it is not here.
        """

        def build(reader: Reader) -> dict[str, Any]:
            row = reader.get("opportunity", opportunity_id)
            if row is None:
                raise NotFound("not_here", "This record is not on this laptop.", "Search for it again.")
            stage = next((item for item in stages(reader) if item.code == to), None)
            values: dict[str, Any] = {"stage": to}
            if stage is not None and stage.probability_percent is not None:
                values["probability_percent"] = stage.probability_percent
            return values

        values = self._store.read(build) | (loss.values() if loss is not None else {})
        intents = closed(self._store, [update("opportunity", opportunity_id, values)])
        return self._store.commit(intents, initiator)

    def put_back(self, before: Row, initiator: str = "") -> ChangeSet:
        """Undo a move: stage, probability, loss and day of closing as they stood in `before`."""
        names = ("stage", "probability_percent", "closed_on", *_TOLD_OF_A_LOSS)
        return self._store.commit(
            [update("opportunity", before["id"], {name: before[name] for name in names})], initiator
        )
