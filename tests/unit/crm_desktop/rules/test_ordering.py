"""One quote becomes one order: which of the orders there are keeps another from being made."""

from typing import Any

import pytest

from crm_desktop.rules.ordering import standing_order


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
