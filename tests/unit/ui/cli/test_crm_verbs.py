"""Leads, opportunities, contracts, cases and duplicates by command line."""

from pathlib import Path

import pytest

from tests.unit.ui.cli.conftest import Profile

CARDS = (
    "BEGIN:VCARD\nVERSION:3.0\nFN:Ute Voss\nORG:Nord AG\nEMAIL:ute@nord.example\nEND:VCARD\n"
    "BEGIN:VCARD\nVERSION:3.0\nURL:http://nobody.example\nEND:VCARD\n"
)


def test_a_lead_from_the_card_to_the_customer(profile: Profile, tmp_path: Path) -> None:
    cards = tmp_path / "cards.vcf"
    cards.write_text(CARDS, encoding="utf-8")
    tried = profile.ask("lead", "paste", str(cards), "--dry-run")
    assert (len(tried["leads"]), tried["ids"], tried["problems"][0]["code"]) == (1, [], "unreadable_card")
    assert profile.ask("list", "lead") == []
    (lead,) = profile.ask("lead", "paste", str(cards), "--source", "Anuga")["ids"]
    assert profile.ask("show", "lead", lead)["source"] == "Anuga"
    became = profile.ask("lead", "qualify", "Ute Voss", "--opportunity", "Chai for Nord")
    account = profile.ask("show", "account", "Nord AG")
    assert account["id"] == became["account"]
    assert {kind: len(rows) for kind, rows in account["children"].items()} == {
        "contact": 1,
        "lead": 1,
        "opportunity": 1,
    }
    other = profile.ask("lead", "new", "email=who@example.com")["id"]
    profile.ask("lead", "disqualify", other, "only wanted a pen")
    assert [row["email"] for row in profile.ask("list", "lead", "--filter", "status=disqualified")] == [
        "who@example.com"
    ]
    assert "needs a name" in profile.say("lead", "new", "interest=Chai", code=1)
    assert "cannot be read" in profile.say("lead", "paste", str(tmp_path / "none.vcf"), code=1)


def test_an_opportunity_is_lost_with_a_reason_or_not_at_all(profile: Profile) -> None:
    made = profile.ask("new", "opportunity", "name=Chai", "stage=quoted", "amount=100", "currency=EUR")["id"]
    columns = {column["stage"]: column for column in profile.ask("pipeline")}
    assert columns["quoted"] == {"stage": "quoted", "count": 1, "sums": {"EUR": "100.00"}}
    assert "with a reason" in profile.say("move", made, "lost", code=1)
    assert "with a reason" in profile.say("set", "opportunity", made, "stage=lost", code=1)
    assert "mit einem Grund" in profile.say("--lang", "de", "set", "opportunity", made, "stage=lost", code=1)
    assert "competitor" in profile.say("move", made, "lost", "--reason", "price", code=1)
    assert "There is no stage" in profile.say("move", made, "nowhere", code=1)
    with pytest.raises(SystemExit):
        profile.say("move", made, "lost", "--reason", "price", "--gap", "much")
    assert profile.ask("move", made, "lost", "--reason", "price", "--competitor", "Biotrend", "--gap", "6,5")["changed"]
    row = profile.ask("show", "opportunity", made)
    assert (row["stage"], row["competitor"], row["price_gap_percent"]) == ("lost", "Biotrend", "6.50")


def test_contracts_and_cases_are_listed_shown_and_made(profile: Profile) -> None:
    account = profile.ask("new", "account", "name=Nord AG")["id"]
    profile.ask("new", "contract", "name=Frame", f"account_id={account}", "status=active", "ends_on=2026-06-30",
                "notice_days=90")  # fmt: skip
    assert len(profile.ask("list", "Verträge", "--filter", "notice_on=2026-04-01", "--sort", "running_notice_on")) == 1
    assert len(profile.ask("list", "Verträge", "--filter", "notice_on=1.4.2026")) == 1
    assert profile.ask("list", "Besuche", "--filter", "starts_at>=1.4.2026", "--filter", "starts_at<=2026-04-01") == []
    case = profile.ask("case", "Nord AG", "Broken boxes", "--kind", "question")["id"]
    row = profile.ask("show", "case", case)
    assert (row["account_id"], row["kind"], row["status"], bool(row["due_on"])) == (account, "question", "new", True)
    assert set(profile.ask("show", "account", "Nord AG")["children"]) == {"case", "contract"}


def test_who_is_known_is_told_with_the_reason(profile: Profile) -> None:
    account = profile.ask("new", "account", "name=Königlich Essen GmbH")["id"]
    (found,) = profile.ask("duplicates", "company=Koenigich Essen")
    assert (found["id"], found["entity"], found["reason"]) == (account, "account", "name")
    assert profile.ask("duplicates", "company=Something else") == []
