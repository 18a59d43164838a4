"""The verbs of the day on a profile without server."""

from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.unit.ui.cli.conftest import Profile
from ui.compose import open_profile


def fill(profile: Profile, *places: tuple[str, str]) -> list[str]:
    """Customers with their town, all at once: each verb opens the profile anew."""
    with closing(open_profile(profile.folder)) as app:
        made = []
        for name, city in places:
            account = app.records.create("account", {"name": name, "visit_rhythm_days": 30})
            app.records.create("address", {"account_id": account, "city": city, "country": "Germany"})
            made.append(account)
        return made


def test_a_day_is_planned_checked_ordered_and_goes_out_and_in(profile: Profile, tmp_path: Path) -> None:
    day = date.today() + timedelta(days=2)
    near, far, middle = fill(profile, ("Near", "Potsdam"), ("Far", "Leipzig"), ("Middle", "Lutherstadt Wittenberg"))
    with closing(open_profile(profile.folder)) as app:
        for account in (near, far, middle):
            app.day_plan.plan_visit(account, day)
    check = profile.ask("departure", "--days", "3")
    assert (check["accounts"], check["complete"], check["ready"]) == (3, 0, False)
    assert {gap["reason"] for gap in check["gaps"]} == {"no_contact", "no_prices", "never_synced"}
    route = profile.ask("route", day.isoformat(), "--apply")
    assert [stop["account"] for stop in route["stops"]] in (["Near", "Middle", "Far"], ["Far", "Middle", "Near"])
    assert route["without_place"] == []
    starts = {row["id"]: datetime.fromisoformat(row["starts_at"]) for row in profile.ask("list", "visit")}
    for stop in route["stops"]:
        assert starts[stop["visit_id"]] == datetime.fromisoformat(stop["starts_at"])
    file = tmp_path / "visits.ics"
    assert profile.ask("calendar", "export", str(file))["visits"] == 3
    assert profile.ask("calendar", "import", str(file)) == {
        "made": 0, "changed": 0, "same": 3, "whole_days": 0, "skipped": [],
    }  # fmt: skip
    profile.ask("calendar", "import", str(tmp_path / "nowhere.ics"), code=1)


def test_overdue_customers_and_fixed_visits_that_clash(profile: Profile) -> None:
    near, far, late = fill(profile, ("Near", "Berlin"), ("Far", "München"), ("Late", ""))
    day = date.today() + timedelta(days=1)
    with closing(open_profile(profile.folder)) as app:
        old = datetime.now().astimezone() - timedelta(days=50)
        app.records.create("visit", {"account_id": late, "status": "done", "starts_at": old})
        for account, hour in ((far, 9), (near, 11)):
            at = datetime(day.year, day.month, day.day, hour).astimezone()
            values = {"account_id": account, "status": "planned", "starts_at": at, "fixed": True}
            app.records.create("visit", values)
    assert [(row["account"], row["days_over"]) for row in profile.ask("overdue")] == [("Late", 20)]
    told = profile.ask("route", day.isoformat(), code=1)
    assert told["error"] == "route_clash"
    assert "Near" in told["message"]
    assert profile.ask("plan", "Late", day.isoformat())["id"]
    assert profile.say("overdue") == "Nothing.\n"
