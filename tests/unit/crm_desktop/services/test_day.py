"""Rhythm, departure check, day plan and places on a real store."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crm_desktop.errors import NotFound
from crm_desktop.model.columns import parse_instant
from crm_desktop.rules.rhythm import BEFORE_EVERYTHING, class_rhythms, rhythm_days, visit_due_on
from crm_desktop.rules.travel import straight_km
from crm_desktop.services.day_plan import DayPlanService, day_visits
from crm_desktop.services.departure import Gap, check_departure
from crm_desktop.services.places import Town, country_codes, find_towns
from crm_desktop.services.records import RecordService
from crm_desktop.services.rhythm import overdue_query, overdue_visits
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER

NOW = datetime(2026, 11, 19, 9, tzinfo=UTC)
TODAY = NOW.astimezone().date()


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(NOW)


def at(days: int, hour: int = 9) -> datetime:
    return NOW.replace(hour=hour) + timedelta(days=days)


def made(records: RecordService, entity: str, **values: Any) -> str:
    return records.create(entity, values)


# -- rhythm -------------------------------------------------------------------------------------------------------


def test_the_own_rhythm_goes_before_that_of_the_class() -> None:
    rhythms = class_rhythms([{"customer_class": "A", "days": 30}, {"customer_class": "A", "days": 45},
                             {"customer_class": "B", "days": None}])  # fmt: skip
    assert rhythms == {"A": 30}
    assert rhythm_days({"customer_class": "A", "visit_rhythm_days": 14}, rhythms) == 14
    assert rhythm_days({"customer_class": "A", "visit_rhythm_days": None}, rhythms) == 30
    assert rhythm_days({"customer_class": "B", "visit_rhythm_days": None}, rhythms) is None


def test_a_planned_visit_moves_the_day_and_a_new_customer_waits_from_the_day_he_was_made() -> None:
    assert visit_due_on(30, "2026-10-01T08:00:00.000Z", None, None) == date(2026, 10, 31)
    assert visit_due_on(30, "2026-10-01T08:00:00.000Z", None, "2026-11-25T08:00:00.000Z") == date(2026, 11, 25)
    assert visit_due_on(30, None, "2026-11-01T08:00:00.000Z", None) == date(2026, 12, 1)
    assert visit_due_on(30, None, None, None) == date.fromisoformat(BEFORE_EVERYTHING) + timedelta(days=30)
    assert visit_due_on(None, "2020-01-01T08:00:00.000Z", None, None) is None


def test_the_overdue_list_and_the_rule_say_the_same(store: ClientStore, records: RecordService) -> None:
    made(records, "visit_rhythm", customer_class="A", days=30)
    made(records, "visit_rhythm", customer_class="B", days=60)
    for name, customer_class, own, ago, planned in (
        ("late", "A", None, 45, None),
        ("just in time", "A", None, 30, None),
        ("own rhythm", "B", 10, 12, None),
        ("planned", "A", None, 90, 3),
        ("planned and let go by", "A", None, 90, -2),
        ("no rhythm", "C", None, 400, None),
        ("new", "A", None, None, None),
    ):
        account = made(records, "account", name=name, customer_class=customer_class, visit_rhythm_days=own)
        if ago is not None:
            made(records, "visit", account_id=account, status="done", starts_at=at(-ago))
        if planned is not None:
            made(records, "visit", account_id=account, status="planned", starts_at=at(planned))
    found = store.read(lambda reader: overdue_visits(reader, USER, TODAY))
    assert [(item.account["name"], item.days_over) for item in found] == [
        ("late", 15), ("own rhythm", 2), ("planned and let go by", 2)
    ]  # fmt: skip
    assert store.read(lambda reader: reader.count(overdue_query(USER, TODAY))) == 3
    # The column of the list is the rule's day: each customer stands in the list on the day after, not on the day.
    for item in found:
        for day, listed in ((item.due_on, False), (item.due_on + timedelta(days=1), True)):
            assert (item.account["id"] in listed_on(store, day)) is listed


def listed_on(store: ClientStore, day: date) -> set[str]:
    """Ids of the customers that are overdue on a day."""

    def read(reader: Reader) -> set[str]:
        return {row["id"] for row in reader.rows("account", reader.row_ids(overdue_query(USER, day)))}

    return store.read(read)


# -- day plan -----------------------------------------------------------------------------------------------------


def test_a_visit_is_planned_behind_those_of_the_day(
    store: ClientStore, records: RecordService, clock: StandingClock
) -> None:
    plan = DayPlanService(store, clock, USER)
    account = made(records, "account", name="Alfreds")
    made(records, "contact", account_id=account, name="Second")
    first = made(records, "contact", account_id=account, name="Maria", preferred=True)
    day = TODAY + timedelta(days=5)
    one = plan.plan_visit(account, day)
    two = plan.plan_visit(account, day, subject="Price talk")
    visits = store.read(lambda reader: day_visits(reader, USER, day))
    assert [visit["id"] for visit in visits] == [one, two]
    assert [parse_instant(visit["starts_at"]).astimezone().strftime("%H:%M") for visit in visits] == ["09:00", "10:30"]
    assert visits[1]["subject"] == "Price talk"
    assert visits[0]["contact_id"] == first
    with pytest.raises(NotFound):
        plan.plan_visit("nowhere", day)


def test_a_route_moves_free_visits_alone_in_one_transaction(
    store: ClientStore, records: RecordService, clock: StandingClock
) -> None:
    plan = DayPlanService(store, clock, USER)
    free = made(records, "visit", status="planned", starts_at=at(0, 9))
    fixed = made(records, "visit", status="planned", starts_at=at(0, 11), fixed=True)
    before = len(store.pending(100))
    plan.set_starts({free: at(0, 13), fixed: at(0, 14)})
    assert len(store.pending(100)) == before + 1
    rows = store.read(lambda reader: reader.many("visit", [free, fixed]))
    assert parse_instant(rows[free]["starts_at"]) == at(0, 13)
    assert parse_instant(rows[fixed]["starts_at"]) == at(0, 11)


# -- departure ----------------------------------------------------------------------------------------------------


def test_the_departure_check_names_what_is_missing(store: ClientStore, records: RecordService) -> None:
    ready = made(records, "account", name="Ready")
    made(records, "contact", account_id=ready, name="Maria")
    made(records, "address", account_id=ready, city="Berlin")
    bare = made(records, "account", name="Bare")
    made(records, "price_list", name="EUR", valid_from=TODAY, valid_until=TODAY)
    for account, days in ((ready, 0), (bare, 1), (bare, 2), (ready, 5)):
        made(records, "visit", account_id=account, status="planned", starts_at=at(days))
    made(records, "visit", account_id=bare, status="cancelled", starts_at=at(0))
    check = store.read(lambda reader: check_departure(reader, USER, NOW, NOW - timedelta(hours=30)))
    assert [(account.name, len(account.days)) for account in check.accounts] == [("Ready", 1), ("Bare", 2)]
    assert check.complete == 1
    assert not check.ready
    assert [gap.reason for gap in check.accounts[1].gaps] == ["no_contact", "no_address"]
    assert check.gaps == (Gap("no_prices", day=TODAY + timedelta(days=1)), Gap("stale", count=30))
    assert [row["name"] for row in check.price_lists] == []
    today = store.read(lambda reader: check_departure(reader, USER, NOW, NOW, 1))
    assert today.ready
    assert today.share == 1
    assert [row["name"] for row in today.price_lists] == ["EUR"]
    never = store.read(lambda reader: check_departure(reader, USER, NOW, None, 1))
    assert [gap.reason for gap in never.gaps] == ["never_synced"]
    assert 0 < never.share < 1


def test_a_file_on_the_server_alone_is_to_be_packed(store: ClientStore, records: RecordService) -> None:
    account = made(records, "account", name="Ready")
    made(records, "contact", account_id=account, name="Maria")
    made(records, "address", account_id=account, city="Berlin")
    made(records, "price_list", name="EUR")
    made(records, "visit", account_id=account, status="planned", starts_at=at(0))
    for name in ("plan.pdf", "copy of plan.pdf"):
        made(records, "attachment", account_id=account, name=name, sha256="ab" * 32, size=3_000_000)
    check = store.read(lambda reader: check_departure(reader, USER, NOW, NOW))
    assert check.accounts[0].gaps == (Gap("files_away", "account", account, 2, 3_000_000),)
    assert (check.size, len(check.files)) == (3_000_000, 1)


# -- places -------------------------------------------------------------------------------------------------------


def test_towns_are_found_as_people_write_them() -> None:
    wanted = {
        Town("München", "Germany"): Town("MUENCHEN", "Deutschland"),
        Town("Köln", "DE"): Town("Cologne", "Germany"),
        Town("Portland", "USA", "OR"): Town("Portland", "United States", "Oregon?"),
        Town("Frankfurt a.M.", "Germany"): Town("Frankfurt am Main", "Germany"),
    }
    found = find_towns([*wanted, *wanted.values(), Town("Cunewalde", "Germany"), Town("Nowhereville", "Germany"),
                        Town("Berlin", "Atlantis"), Town("")])  # fmt: skip
    for one, other in wanted.items():
        assert straight_km(found[one], found[other]) < 5 or one.region
    assert found[Town("Portland", "USA", "OR")].longitude == pytest.approx(-122.7, abs=0.1)
    assert found[Town("Cunewalde", "Germany")].latitude == pytest.approx(51.1, abs=0.05)
    assert not {Town("Nowhereville", "Germany"), Town("Berlin", "Atlantis"), Town("")} & found.keys()
    assert country_codes()["osterreich"] == "AT"
