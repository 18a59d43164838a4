"""Where the sums differ, and where a restored server lacks records: what is asked, and what an answer leads to."""

from collections.abc import Generator
from typing import Any

import pytest

from crm_desktop.errors import SessionError
from sync.mending import Ask, mend, tell_left
from sync.protocol.messages import Code
from tests.unit.sync.scripted_engine import refusal
from tests.unit.sync.scripted_parts import Mending

Answer = dict[str, Any] | SessionError


class Left(Mending):
    """A store with records a restored server may lack, two at a time."""

    def __init__(self, *records: str) -> None:
        super().__init__()
        self.here = list(records)

    def left(self) -> list[Any]:
        return [{"e": "account", "id": record} for record in self.here[:2]]

    def let_go(self, keys: Any) -> None:
        self.here = [record for record in self.here if ("account", record) not in keys]


def carried(steps: Generator[Ask, Any, Any], *answers: Answer) -> tuple[Any, list[str]]:
    """The result, and the calls that were made."""
    asked: list[str] = []
    told: Answer | None = None
    left = list(answers)
    try:
        while True:
            ask = steps.throw(told) if isinstance(told, SessionError) else steps.send(told)
            asked.append(ask.call)
            told = left.pop(0)
    except StopIteration as end:
        return end.value, asked


def test_where_no_bucket_differs_nothing_is_fetched_and_nothing_read_anew() -> None:
    class Equal(Mending):
        def differing(self, _told: Any) -> dict[str, list[int]]:
            return {}

    assert carried(mend(Equal(), {}), {}) == ((), ["digest"])


@pytest.mark.parametrize("code", [Code.NOT_FOUND, Code.TOO_LARGE, Code.MALFORMED])
def test_what_the_server_does_not_know_how_to_compare_is_read_anew(code: str) -> None:
    assert carried(mend(Mending(), {}), refusal(code)) == (None, ["digest"])


def test_without_a_line_nothing_is_read_anew() -> None:
    for answers in ([refusal("offline")], [{}, refusal("offline")]):
        with pytest.raises(SessionError) as caught:
            carried(mend(Mending(), {}), *answers)
        assert caught.value.code == "offline"


def test_copies_are_let_go_only_as_far_as_the_server_has_taken_them() -> None:
    store = Left("a", "b", "c")
    assert carried(tell_left(store, lambda: "e1"), {}, {}) == (3, ["copies", "copies"])
    assert store.here == []
    store = Left("a", "b", "c")
    assert carried(tell_left(store, lambda: "e1"), {}, refusal(Code.NO_FILES)) == (2, ["copies", "copies"])
    assert store.here == ["c"]
    with pytest.raises(SessionError) as caught:
        carried(tell_left(store, lambda: "e1"), refusal("offline"))
    assert (caught.value.code, store.here) == ("offline", ["c"])
