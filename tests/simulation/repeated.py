"""What has to be there once a restored server has repeated its journal."""

from typing import Any

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import field_facts
from tests.simulation.chance import Violation
from tests.simulation.model import tokens
from tests.simulation.truth import Key, Truth


def check_words(told: list[dict[str, Any]], truth: Truth) -> int:
    """I14: words the office had added to a text stand in it or are kept. `told`: the records of the journal.

    Returns how many texts were looked at.
    """
    found = 0
    for entry in told:
        key, was = (entry["e"], entry["id"]), entry.get("was", {})
        row = truth.live(key)
        for name in was if row else ():
            if row and _is_text(key, name):
                missing = tokens(entry["v"][name]) - tokens(was[name]) - tokens(row[name])
                for other, held in truth.rows.items():
                    if missing and other[0] == "conflict" and held.row["record_id"] == key[1]:
                        missing -= tokens(held.row["mine"])
                if missing:
                    raise Violation("I14", f"the words {missing} of the office on {key} did not come back")
                found += 1
    return found


def stands(key: Key, name: str, value: Any, now: Any) -> bool:
    """Whether a value stands still; of a text its words, beside which others may stand."""
    return tokens(value) <= tokens(now) if _is_text(key, name) else bool(value == now)


def came_back(value: Any, now: Any) -> bool:
    """Whether a value stands again; of a set its elements, beside which others may stand."""
    return set(value) <= set(now or ()) if isinstance(value, list) else bool(value == now)


def _is_text(key: Key, name: str) -> bool:
    return field_facts(key[0])[name].kind is Kind.LONG_TEXT
