"""A page that takes very much away is not applied before the server has said that it means it."""

from typing import Any

import pytest

from crm_desktop.errors import SessionError
from sync.mending import Ask
from sync.protocol.messages import Code
from tests.unit.sync.scripted_engine import Store, kinds, refusal, run, scripted
from tests.unit.sync.scripted_parts import Mending

GONE = [("account", "a1"), ("account", "a2")]


def test_what_the_server_means_is_applied() -> None:
    store = Store(mending=Mending(removals=GONE))
    asked_of: list[dict[str, Any]] = []

    def on_ask(effect: Ask) -> dict[str, Any]:
        asked_of.append({"call": effect.call, **effect.body})
        return {"records": []}

    report, asked = run(store, scripted(on_ask=on_ask))
    assert kinds(asked) == ["StartPull", "Ask"]
    assert (report.error, len(store.pages)) == (None, 1)
    assert [(one["call"], one["epoch"], one["records"]) for one in asked_of] == [
        ("standing", "e1", [["account", "a1"], ["account", "a2"]])
    ]


@pytest.mark.parametrize("answer", [{"records": [["account", "a1"]]}, refusal(Code.NOT_FOUND)])
def test_a_server_that_contradicts_itself_or_cannot_say_empties_nothing(answer: dict[str, Any] | SessionError) -> None:
    store = Store(mending=Mending(removals=GONE))
    report, _ = run(store, scripted(on_ask=lambda _: answer))
    assert report.error is not None
    assert (report.error.code, report.error.values["count"]) == ("mass_removal", 2)
    assert store.pages == []


def test_without_an_answer_the_page_waits() -> None:
    store = Store(mending=Mending(removals=GONE))
    report, _ = run(store, scripted(on_ask=lambda _: refusal("offline")))
    assert report.error is not None
    assert (report.error.code, store.pages) == ("offline", [])
