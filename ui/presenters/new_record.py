"""What a new record begins with, before anybody has typed a letter."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from crm_desktop.model.facts import Choice
from crm_desktop.model.wire import field_facts
from crm_desktop.services.cases import new_case_values
from crm_desktop.services.pipeline import stages
from crm_desktop.store.reader import Reader

_REMIND_DAYS = 30


def new_values(reader: Reader, entity: str, known: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The values of the form of a new record; `known` go first."""
    if entity == "case":
        return new_case_values(reader, today, **known)
    if entity == "opportunity":
        listed = stages(reader)
        stage = next((item for item in listed if item.code == known.get("stage")), listed[0])
        begun = {"stage": stage.code, "probability_percent": stage.probability_percent, "currency": "EUR"}
        return begun | dict(known)
    if entity == "contract":
        return {"status": "draft", "starts_on": today.isoformat(), "remind_days": _REMIND_DAYS} | dict(known)
    if entity == "lead":
        return {"status": "new"} | dict(known)
    return dict(known)


def own_choices(reader: Reader, entity: str) -> dict[str, tuple[Choice, ...]]:
    """The choices of fields whose values the company declares itself."""
    fields = [name for name, facts in field_facts(entity).items() if facts.own_values]
    if entity != "opportunity" or not fields:
        return {}
    return {"stage": tuple(Choice(stage.code, stage.en, stage.de or stage.en) for stage in stages(reader))}
