"""Templates of contracts: usual terms in two languages; what is known stays."""

from datetime import date

import pytest

from crm_desktop.model.wire import field_facts
from crm_desktop.rules.contract_templates import KINDS, template_values


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_fills_only_fields_a_contract_has(kind: str) -> None:
    values = template_values(kind, "en", date(2026, 1, 31), {})
    assert values.keys() <= field_facts("contract").keys()
    assert kind in {choice.value for choice in field_facts("contract")["kind"].choices}
    assert values["name"].endswith("2026")
    assert template_values(kind, "de", date(2026, 1, 31), {})["price_commitment"] != values["price_commitment"]


def test_a_term_ends_the_day_before_its_anniversary() -> None:
    assert template_values("frame", "en", date(2026, 12, 1), {})["ends_on"] == "2027-11-30"
    assert template_values("supply", "en", date(2028, 2, 29), {})["ends_on"] == "2030-02-27"


def test_what_is_known_stays_and_what_is_blank_is_filled() -> None:
    values = template_values("frame", "en", date(2026, 12, 1), {"name": "Ours", "notice_days": None, "kind": "other"})
    assert (values["name"], values["notice_days"], values["kind"]) == ("Ours", 90, "frame")
