"""The terms of a signed contract stand on the server too, whoever sends a change; a renewal as agreed goes through."""

from pathlib import Path

from crm_desktop.model.wire import clean_row
from crm_desktop.services.records import RecordService
from crm_desktop.store.intents import delete, patch
from tests.integration.in_process import company_at, profile_at

SIGNED = {"account_id": "acc", "name": "Frame", "status": "active", "ends_on": "2027-01-31", "renews_months": 12,
          "notice_days": 90, "signed_by": "Maria", "signed_at": "2026-01-05T10:00:00.000Z"}  # fmt: skip


def test_a_program_without_the_rule_is_refused(sqlite_database: str, tmp_path: Path) -> None:
    with company_at(sqlite_database) as company:
        territory = company.write("territory", code="N", name="North")
        company.write("account", "acc", name="Adler", territory_id=territory)
        company.write("contract", "con", **clean_row("contract", SIGNED))
        user_id = company.user("anna", "rep", [territory])
        with profile_at(company, user_id, tmp_path / "anna") as anna:
            assert anna.sync().error is None
            RecordService(anna.store, user_id).update("contract", "con", {"ends_on": "2028-01-31", "note": "Renewed"})
            assert anna.sync().error is None
            anna.store.commit([patch("contract", "con", {"ends_on": "2029-06-30"})])
            anna.store.commit([patch("contract", "con", {"status": "notice_given"})])
            anna.store.commit([delete("contract", "con")])
            for _ in range(2):
                assert anna.sync().error is None
            refused = [row["reason"] for row in anna.store.read(lambda reader: reader.where("quarantine"))]
            row = anna.get("contract", "con")
            assert row is not None
            assert sorted(refused) == ["contract_signed", "contract_terms_signed"]
            assert (row["ends_on"], row["status"], row["note"]) == ("2028-01-31", "notice_given", "Renewed")
