"""What stubs are called: by what is known of them, on Today, in the feed, in forms and lists."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.model.wire import clean_row, default_row
from crm_desktop.store.lists import ListQuery
from tests.unit.ui.window.every_page import NOW
from tests.unit.ui.window.shell_for_tests import LAURA, ME, open_app, receive, world
from ui.compose import App
from ui.presenters.list_columns import SPECS
from ui.presenters.record_form import load_form
from ui.presenters.record_list import list_rows
from ui.presenters.titles import called
from ui.presenters.today_news import Names, news

MADE = {"created_at": "2026-11-19T07:00:00.000Z", "created_by": LAURA}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    made = open_app(tmp_path / "profile", NOW)
    receive(made.store, world(NOW))
    receive(
        made.store,
        {
            "account": [{"id": "stub", **MADE}],
            "contact": [{"id": "person", "account_id": "acc-1", **MADE}],
            "case": [{"id": "case-1", "account_id": "stub", "description": "Three boxes were broken.", **MADE}],
            "lead": [{"id": "lead-1", "email": "ute@nord.example"}, {"id": "lead-2", "interest": "Chai for the fair"}],
            "channel": [
                {"id": "ch-0", "account_id": "stub", "kind": "phone", "value": "+49 30 1234"},
                {"id": "ch-1", "account_id": "stub", "kind": "email", "value": "office@nord.example",
                 "preferred": True},
                {"id": "ch-2", "contact_id": "person", "kind": "email", "value": "maria@alfreds.example"},
            ],
        },
    )  # fmt: skip
    yield made
    made.close()


def name_of(app: App, entity: str, record_id: str) -> str:
    def read(reader: Any) -> str:
        return called(reader, entity, reader.get(entity, record_id))

    return app.store.read(read)


def test_a_stub_is_called_by_how_it_is_reached(app: App) -> None:
    assert name_of(app, "account", "stub") == "office@nord.example"
    assert name_of(app, "contact", "person") == "maria@alfreds.example"
    assert name_of(app, "lead", "lead-1") == "ute@nord.example"
    assert name_of(app, "account", "acc-1") == "Alfreds Futterkiste"


def test_without_any_way_by_its_place_then_by_what_was_written(app: App) -> None:
    receive(
        app.store, {"account": [{"id": "placed"}], "address": [{"id": "a", "account_id": "placed", "city": "Kiel"}]}
    )
    assert name_of(app, "account", "placed") == "Kiel"
    assert name_of(app, "lead", "lead-2") == "Chai for the fair"
    long = {
        "interest": "Chai, Tofu and Sirop for the fair in Hanover\nand the whole of next year, if the price is right"
    }
    receive(app.store, {"lead": [{"id": "lead-3", **long}]})
    assert name_of(app, "lead", "lead-3") == "Chai, Tofu and Sirop for the fair in Hanover and the whole\u2026"


def test_nothing_known_is_called_nothing(app: App) -> None:
    row = clean_row("lead", default_row("lead")) | {"id": "none"}
    assert app.store.read(lambda reader: called(reader, "lead", row)) == ""


def test_news_forms_and_lists_call_it_the_same(app: App) -> None:
    fresh = app.store.read(lambda reader: news(reader, ME, NOW.date(), Names(reader)))
    assert {(one.entity, one.title, one.account) for one in fresh} == {
        ("account", "office@nord.example", "office@nord.example"),
        ("contact", "maria@alfreds.example", "Alfreds Futterkiste"),
        ("case", "Three boxes were broken.", "office@nord.example"),
    }
    form = app.store.read(lambda reader: load_form(reader, "case", "case-1", {}))
    assert (form.title, form.account_title, form.names["account_id"]) == (
        "Three boxes were broken.", "office@nord.example", "office@nord.example",
    )  # fmt: skip
    titles = app.store.read(
        lambda reader: {
            row.title for row in list_rows(reader, SPECS["accounts"], reader.row_ids(ListQuery("account", (), "name")))
        }
    )
    assert "office@nord.example" in titles
