"""Every declared field of every list can be a column, a condition and an order."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import field_facts
from crm_desktop.rules.permissions import NONE, SEE_COST, offered_fields
from crm_desktop.store.lists import Filter, ListQuery
from tests.unit.ui.window.shell_for_tests import open_app, receive, world
from ui.compose import App
from ui.presenters.list_choice import choosable, chosen_columns, keys_of
from ui.presenters.list_columns import SPECS, Look
from ui.presenters.list_filters import comparisons, filter_fields
from ui.presenters.record_list import list_rows
from ui.window.models.list_cells import cell, heading

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = open_app(tmp_path_factory.mktemp("lists") / "profile", NOW)
    receive(made.store, world(NOW) | {"opportunity_stage": [{"id": "st-1", "name": "First talk", "position": "1"}]})
    made.records.create("lead", {"name": "Eva", "email": "eva@firm.example"})
    made.records.create("opportunity", {"account_id": "acc-1", "name": "Shelf", "amount": "100"})
    made.records.create("contract", {"account_id": "acc-1", "name": "Frame"})
    made.records.create("case", {"account_id": "acc-1", "subject": "Broken"})
    made.quotes.new_quote("acc-1")
    yield made
    made.close()


@pytest.mark.parametrize("page", SPECS)
def test_every_field_is_a_column(app: App, page: str) -> None:
    spec = SPECS[page]
    offered = set(offered_fields(spec.entity, app.permissions))
    every = chosen_columns(spec, keys_of(choosable(spec, app.permissions)), app.permissions)
    shown = {column.key for column in every}
    titles = {name for name in offered if name not in shown}
    assert len(titles) <= 1, f"only the title stands under another name: {titles}"
    assert (every[0].look, every[-1].look) == (Look.TITLE, Look.STATE)
    extra = tuple(column.key for column in every if column not in spec.columns)
    first = sorted(ids(app, ListQuery(spec.entity)))[:1]
    (row, *_) = app.store.read(lambda reader: list_rows(reader, spec, first, extra))
    for column in every:
        assert heading(spec, column)
        cell(spec, column, row, lambda: NOW)


@pytest.mark.parametrize("page", SPECS)
def test_every_field_is_a_condition_and_an_order(app: App, page: str) -> None:
    spec = SPECS[page]
    fields = filter_fields(spec.entity, app.permissions)
    assert set(offered_fields(spec.entity, app.permissions)) <= set(fields)
    every = ids(app, ListQuery(spec.entity))
    assert every
    for name, facts in fields.items():
        for op in comparisons(facts):
            assert ids(app, ListQuery(spec.entity, (Filter(name, op, value_of(facts, op)),))) <= every
    for column in choosable(spec, app.permissions):
        if column.sort:
            for descending in (False, True):
                assert ids(app, ListQuery(spec.entity, (), column.sort, descending)) == every


def ids(app: App, query: ListQuery) -> set[int]:
    return set(app.store.read(lambda reader: reader.row_ids(query)))


def value_of(facts: Facts, op: str) -> object:
    if op == "older":
        return 3
    values = {
        Kind.INTEGER: 1, Kind.DECIMAL: "1.00", Kind.DATE: "2026-01-01", Kind.INSTANT: "2026-01-01", Kind.BOOLEAN: True,
    }  # fmt: skip
    return values.get(facts.kind, facts.choices[0].value if facts.choices else "acc-1")


def test_a_choice_keeps_its_order_and_forgets_what_is_no_more() -> None:
    spec = SPECS["accounts"]
    chosen = chosen_columns(spec, ("website", "gone", "city"), NONE)
    assert [column.key for column in chosen] == ["title", "website", "city", "state"]
    assert chosen_columns(spec, (), NONE) == spec.columns


def test_what_a_person_may_not_see_is_no_column() -> None:
    spec = SPECS["accounts"]
    hidden = {name for name, facts in field_facts("account").items() if facts.permission}
    assert not hidden & {column.key for column in choosable(spec, NONE)}
    assert {column.key for column in choosable(spec, frozenset({SEE_COST}))} >= {
        column.key for column in choosable(spec, NONE)
    }
