"""What a briefing knows of changes: made by others, decided, met in a conflict, or only newer than the visit."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.unit.ui.window.shell_for_tests import LAURA, ME, open_app, receive, world
from ui.compose import App
from ui.presenters.account_changes import Since, changes_since

NOW = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
BEFORE = "2026-11-19T09:00:00.000Z"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = open_app(tmp_path / "profile", NOW)
    receive(app.store, world(NOW))
    yield app
    app.close()


def since(app: App, account_id: str = "acc-1") -> Since:
    return app.store.read(lambda reader: changes_since(reader, account_id, ME, BEFORE))


def test_without_an_own_visit_nothing_is_compared(app: App) -> None:
    assert since(app, "acc-3") == Since(None, ())


def test_nothing_changed(app: App) -> None:
    found = since(app)
    assert found.visit is not None
    assert found.visit["id"] == "vis-1"
    assert found.changes == ()


def test_others_records_and_decisions_with_who_and_when(app: App) -> None:
    receive(
        app.store,
        {
            "task": [{"id": "t-9", "account_id": "acc-1", "subject": "Call back", "created_by": LAURA,
                      "created_at": "2026-11-10T08:00:00.000Z"},
                     {"id": "t-8", "account_id": "acc-1", "subject": "My own", "created_by": ME,
                      "created_at": "2026-11-10T08:00:00.000Z"},
                     {"id": "t-7", "account_id": "acc-1", "subject": "Before the visit", "created_by": LAURA,
                      "created_at": "2026-01-10T08:00:00.000Z"}],
            "quote": [{"id": "q-1", "number": "D7F-00009", "account_id": "acc-1", "owner_id": ME}],
            "quote_revision": [{"id": "r-1", "quote_id": "q-1", "revision": 1, "status": "returned",
                                "decided_by": LAURA, "decided_at": "2026-11-12T08:00:00.000Z"}],
        },
    )  # fmt: skip
    assert [(change.did, change.title, change.who) for change in since(app).changes] == [
        ("returned", "D7F-00009", "Laura Callahan"), ("made", "Call back", "Laura Callahan")
    ]  # fmt: skip


def test_a_record_newer_than_the_visit_is_told_without_its_former_value(app: App) -> None:
    receive(app.store, {"contact": [{"id": "con-1", "account_id": "acc-1", "name": "Maria Anders-Koch"}]})
    [change] = since(app).changes
    assert (change.did, change.entity, change.title, change.old) == ("changed", "contact", "Maria Anders-Koch", None)


def test_a_field_that_met_ours_is_told_with_both_values(app: App) -> None:
    receive(
        app.store,
        {
            "conflict": [
                {"id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "payment_terms_days",
                 "before": '{"payment_terms_days": 14}', "mine": '{"payment_terms_days": 21}',
                 "theirs": '{"payment_terms_days": 30}', "theirs_at": "2026-11-18T16:20:00.000Z", "mine_by": ME,
                 "theirs_by": LAURA, "status": "open"}
            ]
        },
    )  # fmt: skip
    [change] = since(app).changes
    assert (change.did, change.field, change.old, change.new, change.who) == (
        "field", "payment_terms_days", 14, 30, "Laura Callahan"
    )  # fmt: skip


def test_a_deletion_that_was_asked_for_is_no_change_of_a_field(app: App) -> None:
    receive(
        app.store,
        {
            "conflict": [
                {"id": "cf-1", "entity": "account", "record_id": "acc-1", "field": "deleted", "before": "{}",
                 "mine": '{"deleted": true}', "theirs": "{}", "theirs_at": "2026-11-18T16:20:00.000Z", "mine_by": ME,
                 "theirs_by": LAURA, "rule": "delete_request", "status": "open"}
            ]
        },
    )  # fmt: skip
    assert since(app).changes == ()
