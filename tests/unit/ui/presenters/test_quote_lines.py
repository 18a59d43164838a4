"""Lines keep the key under which the screen knows them, whatever the store calls them later."""

from dataclasses import replace
from decimal import Decimal

import pytest

from ui.presenters.quote_contents import LineView
from ui.presenters.quote_lines import QuoteLines


def line(key: str, line_id: str = "") -> LineView:
    return LineView(key, line_id, "p", "Chai", "box", Decimal(1), Decimal(0))


def test_a_new_line_keeps_its_key_when_it_is_read_back() -> None:
    lines = QuoteLines()
    key = lines.new_key()
    lines.shown = (line(key),)
    assert lines.id_of(key) is None
    lines.written(key, "stored")
    assert [found.key for found in lines.adopt((line("other", "other"), line("stored", "stored")))] == ["other", key]
    assert (lines.id_of(key), lines.id_of("other"), lines.index(key)) == ("stored", "other", 1)


def test_a_line_that_went_is_not_there() -> None:
    lines = QuoteLines()
    lines.adopt((line("a", "a"),))
    assert lines.has("a")
    assert not lines.has("b")
    with pytest.raises(KeyError):
        lines.line("b")


def test_another_quote_knows_no_key_of_the_one_before() -> None:
    lines = QuoteLines()
    lines.written(lines.new_key(), "stored")
    lines.forget()
    (found,) = lines.adopt((replace(line("stored", "stored")),))
    assert found.key == "stored"
