"""Maturity instead of mandatory fields: anything can be saved, each stage asks for what it needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_desktop.model.facts import Stage
from crm_desktop.model.wire import Row, field_facts

CHILDREN = ("contact", "address", "channel")


@dataclass(frozen=True, slots=True)
class Question:
    """The field worth asking for next: entity and field name."""

    entity: str
    field: str


@dataclass(frozen=True, slots=True)
class Maturity:
    """How complete a customer is. `stage`: the highest whose fields are all known, 0 for none."""

    percent: int
    stage: int
    next_question: Question | None
    missing: tuple[Question, ...]


LEAD_ASKS = ("name", "company", "email", "phone", "city", "interest")  # what a call needs, and what it is about


def lead_completeness(lead: Mapping[str, Any]) -> int:
    """How much is known of a lead, in percent."""
    return round(100 * sum(_known(lead, name) for name in LEAD_ASKS) / len(LEAD_ASKS))


def _asked(entity: str) -> Iterable[tuple[Stage, str]]:
    return ((facts.stage, name) for name, facts in field_facts(entity).items() if facts.stage is not None)


def _known(row: Mapping[str, Any], name: str) -> bool:
    return row.get(name) not in (None, "", [])


def maturity(account: Row, children: Mapping[str, list[Row]]) -> Maturity:
    """Maturity of an account with its contacts, addresses and channels (entity -> rows).

    A child field is known when any child has it. At the stub stage one of name, e-mail or phone is enough.
    """
    asked = [(stage, "account", name) for stage, name in _asked("account")]
    asked += [(stage, entity, name) for entity in CHILDREN for stage, name in _asked(entity)]
    known: dict[tuple[str, str], bool] = {}
    for _, entity, name in asked:
        rows = [account] if entity == "account" else children.get(entity, [])
        known[entity, name] = any(_known(row, name) for row in rows)
    asked.sort(key=lambda item: item[0])
    missing = tuple(Question(entity, name) for _, entity, name in asked if not known[entity, name])
    reached = 0
    for stage in Stage:
        answers = [known[entity, name] for asked_at, entity, name in asked if asked_at == stage]
        if not (any(answers) if stage is Stage.STUB else all(answers)):
            break
        reached = int(stage)
    percent = round(100 * sum(known.values()) / len(known)) if known else 100
    return Maturity(percent, reached, missing[0] if missing else None, missing)
