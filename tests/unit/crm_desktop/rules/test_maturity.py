"""Anything can be saved; each stage asks only for what it needs."""

from crm_desktop.model.facts import Stage
from crm_desktop.model.wire import default_row
from crm_desktop.rules.maturity import Question, maturity
from crm_desktop.rules.numbers import quote_number


def test_a_stub_is_a_name_or_a_channel() -> None:
    nothing = maturity(default_row("account"), {})
    assert (nothing.stage, nothing.percent) == (0, 0)
    assert maturity(default_row("account") | {"name": "Lindner"}, {}).stage == Stage.STUB
    channel = default_row("channel") | {"kind": "email", "value": "info@lindner.example"}
    assert maturity(default_row("account"), {"channel": [channel]}).stage == Stage.STUB


def test_the_next_question_is_of_the_lowest_stage() -> None:
    account = default_row("account") | {"name": "Lindner", "owner_id": "u"}
    channel = default_row("channel") | {"value": "1"}
    found = maturity(account, {"channel": [channel]})
    assert found.next_question == Question("contact", "name")
    contact = default_row("contact") | {"name": "Anna"}
    address = default_row("address") | {"city": "Graz"}
    assert maturity(account, {"channel": [channel], "contact": [contact], "address": [address]}).stage == Stage.VISIT


def test_quote_numbers_differ_on_cloned_laptops() -> None:
    assert quote_number("D7F", 12, "a").startswith("D7F-00012-")
    assert quote_number("D7F", 12, "a") != quote_number("D7F", 12, "b")
