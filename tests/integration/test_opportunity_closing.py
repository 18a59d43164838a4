"""An opportunity closed as lost without a word is refused by the server, whoever sends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.services.records import RecordService
from crm_desktop.store.intents import create, patch, transition
from tests.integration.in_process import Profile, company_at, profile_at


@pytest.fixture
def anna(sqlite_database: str, tmp_path: Path) -> Iterator[Profile]:
    with company_at(sqlite_database) as company:
        territory = company.write("territory", code="N", name="North")
        company.write("account", "acc", name="Adler", territory_id=territory)
        company.write("opportunity_stage", code="gone", name="Gone", position=9, outcome="lost")
        company.write("opportunity_stage", code="idea", name="Idea", position=1, outcome="open")
        user_id = company.user("anna", "rep", [territory])
        with profile_at(company, user_id, tmp_path / "anna") as profile:
            assert profile.sync().error is None
            yield profile


def reasons(person: Profile) -> list[str]:
    return sorted(row["reason"] for row in person.store.read(lambda reader: reader.where("quarantine")))


def test_a_laptop_without_the_rule_is_refused(anna: Profile) -> None:
    records = RecordService(anna.store, anna.user_id)
    first = records.create("opportunity", {"name": "Chai", "account_id": "acc", "stage": "idea"})
    second = records.create("opportunity", {"name": "Tofu", "account_id": "acc", "stage": "idea"})
    assert anna.sync().error is None
    # Past the services, as a program that knows nothing of the rule would write.
    anna.store.commit([patch("opportunity", first, {"stage": "lost"})])
    anna.store.commit([patch("opportunity", second, {"stage": "gone", "lost_reason": "price"})])
    anna.store.commit([create("opportunity", "opp-3", {"name": "Sirop", "account_id": "acc", "stage": "gone"})])
    for _ in range(2):
        assert anna.sync().error is None
    assert reasons(anna) == [
        "opportunity_competitor_missing",
        "opportunity_lost_reason_missing",
        "opportunity_lost_reason_missing",
    ]
    known = anna.get("opportunity", first)
    assert known is not None
    assert known["stage"] == "idea"


def test_a_loss_with_its_reason_arrives(anna: Profile) -> None:
    records = RecordService(anna.store, anna.user_id)
    made = records.create("opportunity", {"name": "Chai", "account_id": "acc", "stage": "idea"})
    loss = {"stage": "gone", "lost_reason": "price", "competitor": "Biotrend"}
    records.update("opportunity", made, loss)
    assert anna.sync().error is None
    lost = anna.get("opportunity", made)
    assert lost is not None
    assert lost["closed_on"] == anna.store.read(lambda reader: reader.today)
    records.update("opportunity", made, {"stage": "idea"})  # reopened
    assert anna.sync().error is None
    row = anna.get("opportunity", made)
    assert row is not None
    assert (row["stage"], row["competitor"], row["closed_on"], reasons(anna)) == ("idea", "Biotrend", None, [])


def test_the_day_of_closing_is_noted_by_the_server_where_a_program_does_not_say_it(anna: Profile) -> None:
    records = RecordService(anna.store, anna.user_id)
    won = records.create("opportunity", {"name": "Chai", "account_id": "acc", "stage": "idea"})
    quote = records.create("quote", {"number": "Q-1", "account_id": "acc"})
    revision = records.create("quote_revision", {"quote_id": quote, "revision": 1, "status": "draft"})
    assert anna.sync().error is None
    # Past the services, as a program that knows nothing of the field would write.
    anna.store.commit([patch("opportunity", won, {"stage": "won"})])
    anna.store.commit([transition("quote_revision", revision, "sent")])
    anna.store.commit([transition("quote_revision", revision, "accepted")])
    report = anna.sync()
    assert (report.error, report.digest_ok, reasons(anna)) == (None, True, [])
    today = anna.company.clock.now().date().isoformat()
    for entity, record_id in (("opportunity", won), ("quote", quote)):
        row = anna.get(entity, record_id)
        assert row is not None
        assert row["closed_on"] == today, entity
    anna.store.commit([patch("opportunity", won, {"stage": "idea"})])
    assert anna.sync().error is None
    row = anna.get("opportunity", won)
    assert row is not None
    assert row["closed_on"] is None
