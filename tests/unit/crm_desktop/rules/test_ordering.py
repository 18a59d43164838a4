"""One quote becomes one order: which of the orders there are keeps another from being made."""

from typing import Any

import pytest

from crm_desktop.rules.ordering import called, order_before_paper, standing_order


def order(order_id: str, number: str = "", status: str = "open") -> dict[str, Any]:
    return {"id": order_id, "number": number, "status": status}


@pytest.mark.parametrize(
    ("orders", "wanted", "stands"),
    [
        ([], "mine", None),
        ([order("mine")], "mine", "mine"),
        ([order("other")], "mine", "other"),
        ([order("other"), order("mine")], "mine", "mine"),
        ([order("b", "A-000002"), order("a", "A-000001"), order("0")], "mine", "a"),
        ([order("other", status="delivered")], "mine", "other"),
        ([order("other", status="cancelled")], "mine", None),
        ([order("mine", status="cancelled")], "mine", "mine"),  # an id is used once
        ([order("a", status="cancelled"), order("b")], "mine", "b"),
    ],
)
def test_the_order_that_stands(orders: list[dict[str, Any]], wanted: str, stands: str | None) -> None:
    found = standing_order(orders, wanted)
    assert (found["id"] if found else None) == stands


@pytest.mark.parametrize(
    ("orders", "stands"),
    [
        ([], None),
        ([order("a", status="cancelled")], None),
        ([order("a", status="cancelled"), order("b", status="delivered")], "b"),
        ([order("b", "A-000002"), order("a", "A-000001")], "a"),
    ],
)
def test_the_order_after_which_no_revision_goes_out(orders: list[dict[str, Any]], stands: str | None) -> None:
    found = order_before_paper(orders)
    assert (found["id"] if found else None) == stands


def test_an_order_is_called_by_its_number_as_soon_as_it_has_one() -> None:
    assert called({"number": "", "provisional_number": "Q-ABC-7"}) == "Q-ABC-7"
    assert called({"number": "A-000002", "provisional_number": "Q-ABC-7"}) == "A-000002"
