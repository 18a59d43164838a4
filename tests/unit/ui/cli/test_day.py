"""The verbs of the day on a profile without server."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ui.__main__ import main


class Profile:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def say(self, *words: str, code: int = 0) -> str:
        self._capsys.readouterr()
        assert main(["--profile", str(self.folder), *words]) == code, self._capsys.readouterr()
        told = self._capsys.readouterr()
        assert "Traceback" not in told.err
        return told.out + told.err

    def ask(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.say("--json", *words, code=code))

    def place(self, name: str, city: str) -> str:
        account = str(self.ask("new", "account", f"name={name}", "visit_rhythm_days=30")["id"])
        self.ask("new", "address", f"account_id={account}", f"city={city}", "country=Germany")
        return account


@pytest.fixture
def profile(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Profile:
    monkeypatch.setenv("CRM_PASSPHRASE", "open sesame")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return Profile(tmp_path / "profile", capsys)


def test_a_day_is_planned_checked_ordered_and_goes_out_and_in(profile: Profile, tmp_path: Path) -> None:
    day = (date.today() + timedelta(days=2)).isoformat()
    for name, city in (("Near", "Potsdam"), ("Far", "Leipzig"), ("Middle", "Lutherstadt Wittenberg")):
        profile.place(name, city)
    for name in ("Near", "Far", "Middle"):
        profile.ask("plan", name, day)
    check = profile.ask("departure", "--days", "3")
    assert (check["accounts"], check["complete"], check["ready"]) == (3, 0, False)
    assert {gap["reason"] for gap in check["gaps"]} == {"no_contact", "no_prices", "never_synced"}
    assert profile.ask("departure", "--days", "1")["accounts"] == 0
    assert "Near: no contact" in profile.say("departure")
    route = profile.ask("route", day, "--apply")
    assert [stop["account"] for stop in route["stops"]] in (["Near", "Middle", "Far"], ["Far", "Middle", "Near"])
    assert route["without_place"] == []
    starts = {row["id"]: datetime.fromisoformat(row["starts_at"]) for row in profile.ask("list", "visit")}
    for stop in route["stops"]:
        assert starts[stop["visit_id"]] == datetime.fromisoformat(stop["starts_at"])
    address = profile.ask("list", "address", "--filter", "city=Leipzig")[0]
    assert address["latitude"].startswith("51.3")
    file = tmp_path / "visits.ics"
    assert profile.ask("calendar", "export", str(file))["visits"] == 3
    assert profile.ask("calendar", "import", str(file)) == {"made": 0, "changed": 0, "same": 3, "skipped": []}
    file.write_text("nothing")
    assert "This is no calendar file." in profile.say("calendar", "import", str(file))
    profile.ask("calendar", "import", str(tmp_path / "nowhere.ics"), code=1)


def test_overdue_customers_and_fixed_visits_that_clash(profile: Profile) -> None:
    near, far = profile.place("Near", "Berlin"), profile.place("Far", "München")
    old = (datetime.now().astimezone() - timedelta(days=50)).isoformat()
    profile.ask("new", "visit", f"account_id={near}", "status=done", f"starts_at={old}")
    assert [(row["account"], row["days_over"]) for row in profile.ask("overdue")] == [("Near", 20)]
    day = date.today() + timedelta(days=1)
    for account, hour in ((near, 9), (far, 11)):
        at = datetime(day.year, day.month, day.day, hour).astimezone().isoformat()
        profile.ask("new", "visit", f"account_id={account}", "status=planned", f"starts_at={at}", "fixed=yes")
    told = profile.ask("route", day.isoformat(), code=1)
    assert told["error"] == "route_clash"
    assert "Near" in told["message"]
    assert "nicht rechtzeitig" in profile.say("--lang", "de", "route", day.isoformat(), code=1)
