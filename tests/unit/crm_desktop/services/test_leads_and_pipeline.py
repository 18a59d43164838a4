"""From a business card to a customer; opportunities from stage to stage; cases on their way to an answer."""

from datetime import date
from decimal import Decimal

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.exchange.csv_import import import_csv
from crm_desktop.rules.contract_term import is_due, notice_on, remind_on, renewed_until
from crm_desktop.services.cases import CaseService, workdays_later
from crm_desktop.services.leads import MOST_AT_ONCE, LeadService
from crm_desktop.services.pipeline import Loss, PipelineService, board
from crm_desktop.services.records import RecordService
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.conftest import USER


@pytest.fixture
def leads(store: ClientStore, clock: StandingClock) -> LeadService:
    return LeadService(store, clock, USER)


def transactions(store: ClientStore) -> int:
    return len(store.pending(10_000))


def test_a_long_list_is_taken_whole_or_not_at_all(store: ClientStore, leads: LeadService) -> None:
    listed = [{"email": f"visitor{number}@example.com"} for number in range(2 * MOST_AT_ONCE + 1)]
    told: list[tuple[int, int]] = []

    def twice(done: int, whole: int) -> bool:
        told.append((done, whole))
        return len(told) < 3

    assert leads.capture(listed, progress=twice) == []
    assert told == [(0, 801), (400, 801), (800, 801)]
    assert store.read(lambda reader: reader.where("lead")) == []
    with pytest.raises(InvalidInput):
        leads.capture([*listed, {"email": "no\x00body@example.com"}])
    assert store.read(lambda reader: reader.where("lead")) == []
    ids = leads.capture(listed)
    assert len(set(ids)) == len(store.read(lambda reader: reader.where("lead"))) == len(listed)
    leads.withdraw(ids)
    assert store.read(lambda reader: reader.where("lead")) == []


def test_many_leads_are_one_action_and_its_undo_another(store: ClientStore, leads: LeadService) -> None:
    ids = leads.capture([{"email": "a@example.com"}, {"phone": " 040 1 "}, {"name": "Ute", "company": ""}])
    assert transactions(store) == 1
    rows = store.read(lambda reader: reader.many("lead", ids)).values()
    assert [(row["status"], row["owner_id"]) for row in rows if row] == [("new", USER)] * 3
    leads.withdraw(ids)
    assert transactions(store) == 2
    assert store.read(lambda reader: reader.where("lead")) == []


def test_a_lead_that_names_nobody_is_not_taken_and_neither_are_the_others(
    store: ClientStore, leads: LeadService
) -> None:
    with pytest.raises(InvalidInput) as told:
        leads.capture([{"email": "a@example.com"}, {"interest": "Chai"}])
    assert (told.value.code, transactions(store)) == ("nothing_to_name", 0)


def test_a_qualified_lead_becomes_account_contact_and_opportunity_in_one_step(
    store: ClientStore, leads: LeadService
) -> None:
    (lead_id,) = leads.capture(
        [{"name": "Ute Voss", "company": "Nord AG", "email": "ute@nord.example", "city": "Kiel", "interest": "Chai"}]
    )
    became = leads.qualify(lead_id, opportunity="Chai for Nord")
    assert transactions(store) == 2

    def check(reader: Reader) -> None:
        lead, account = reader.get("lead", lead_id), reader.get("account", became.account_id)
        contact = reader.get("contact", became.contact_id)
        opportunity = reader.get("opportunity", became.opportunity_id)
        assert lead
        assert account
        assert contact
        assert opportunity
        assert (lead["status"], lead["account_id"], lead["contact_id"]) == ("qualified", account["id"], contact["id"])
        assert (account["name"], account["owner_id"], contact["name"]) == ("Nord AG", USER, "Ute Voss")
        assert reader.where("channel", contact_id=contact["id"])[0]["value"] == "ute@nord.example"
        assert reader.where("address", account_id=account["id"])[0]["city"] == "Kiel"
        assert (opportunity["stage"], opportunity["note"]) == ("prospect", "Chai")

    store.read(check)
    with pytest.raises(InvalidInput):
        leads.qualify(lead_id)


def test_a_lead_of_a_known_account_finds_its_contact_again(
    store: ClientStore, records: RecordService, leads: LeadService
) -> None:
    account = records.create("account", {"name": "Nord AG"})
    contact = records.create("contact", {"name": "Voss, Ute", "account_id": account})
    (lead_id,) = leads.capture([{"name": "Ute Voß", "phone": "040 1234567"}])
    became = leads.qualify(lead_id, account_id=account)
    assert (became.account_id, became.contact_id, became.was_known) == (account, contact, True)
    assert [row["value"] for row in store.read(lambda reader: reader.where("channel"))] == ["040 1234567"]


def test_a_stub_with_an_address_alone_qualifies(store: ClientStore, leads: LeadService) -> None:
    (lead_id,) = leads.capture([{"email": "who@example.com"}])
    became = leads.qualify(lead_id)
    assert became.contact_id is None
    channels = store.read(lambda reader: reader.where("channel", account_id=became.account_id))
    assert [row["value"] for row in channels] == ["who@example.com"]


def test_a_lead_is_put_aside_with_a_word_and_comes_back(store: ClientStore, leads: LeadService) -> None:
    (lead_id,) = leads.capture([{"name": "Ute", "interest": "Chai"}])
    before = store.read(lambda reader: reader.get("lead", lead_id))
    with pytest.raises(InvalidInput):
        leads.disqualify(lead_id, " ")
    leads.disqualify(lead_id, "buys from her sister")
    row = store.read(lambda reader: reader.get("lead", lead_id))
    assert before
    assert row
    assert (row["status"], row["interest"]) == ("disqualified", "Chai\n2026-03-04: buys from her sister")
    leads.put_back(before)
    row = store.read(lambda reader: reader.get("lead", lead_id))
    assert row
    assert (row["status"], row["interest"]) == ("new", "Chai")


# -- opportunities ------------------------------------------------------------------------------------------------


def opportunity(records: RecordService, **values: object) -> str:
    return records.create("opportunity", {"name": "Chai", "stage": "quoted", "amount": "100.00"} | values)


def test_the_sums_of_the_board_are_those_of_the_list(store: ClientStore, records: RecordService) -> None:
    opportunity(records, currency="EUR")
    opportunity(records, amount="50.50")
    opportunity(records, currency="USD", amount="7")
    opportunity(records, stage="prospect", amount=None)
    opportunity(records, stage="nobody knows it", amount="1")
    found = store.read(board)
    quoted = next(column for column in found.columns if column.stage.code == "quoted")
    assert (quoted.count, quoted.sums) == (3, {"EUR": Decimal("150.50"), "USD": Decimal("7.00")})
    first = found.columns[0]
    assert (first.stage.code, first.count, first.sums) == ("prospect", 2, {"EUR": Decimal("1.00")})
    listed = store.read(lambda reader: reader.count(ListQuery("opportunity", (Filter("stage", "=", "quoted"),))))
    assert listed == quoted.count
    assert sum(column.count for column in found.columns) == 5


def test_own_stages_replace_those_of_the_product(store: ClientStore, records: RecordService) -> None:
    for code, position, outcome in (("signed", 3, "won"), ("gone", 9, "lost"), ("idea", 1, "open")):
        values = {"code": code, "name": code.title(), "position": position, "outcome": outcome}
        records.create("opportunity_stage", values | {"probability_percent": position * 10})
    made = opportunity(records, stage="idea")
    columns = store.read(board).columns
    assert [column.stage.code for column in columns] == ["idea", "signed", "gone"]
    pipeline = PipelineService(store)
    pipeline.move(made, "signed")
    row = store.read(lambda reader: reader.get("opportunity", made))
    assert row
    assert (row["stage"], row["probability_percent"]) == ("signed", 30)
    with pytest.raises(InvalidInput):  # a stage of our own that means lost asks for the reason too
        pipeline.move(made, "gone")


def test_nothing_is_lost_without_a_reason_whichever_way_it_is_closed(
    store: ClientStore, records: RecordService
) -> None:
    made = opportunity(records)
    pipeline = PipelineService(store)
    before = transactions(store)
    for act in (
        lambda: pipeline.move(made, "lost"),
        lambda: pipeline.move(made, "lost", Loss("price")),
        lambda: records.update("opportunity", made, {"stage": "lost"}),
        lambda: opportunity(records, stage="lost"),
    ):
        with pytest.raises(InvalidInput):
            act()
    assert transactions(store) == before
    pipeline.move(made, "lost", Loss("price", "Biotrend", Decimal("6"), "too late"))
    row = store.read(lambda reader: reader.get("opportunity", made))
    assert row
    assert (row["stage"], row["lost_reason"], row["competitor"]) == ("lost", "price", "Biotrend")
    assert transactions(store) == before + 1
    other = opportunity(records)
    records.update("opportunity", other, {"stage": "lost", "lost_reason": "budget"})  # nobody else made this sale


def test_a_move_is_undone_and_a_lost_one_reopened(store: ClientStore, records: RecordService) -> None:
    made = opportunity(records, probability_percent=40)
    before = store.read(lambda reader: reader.get("opportunity", made))
    assert before
    pipeline = PipelineService(store)
    pipeline.move(made, "lost", Loss("budget"))
    pipeline.put_back(before)
    row = store.read(lambda reader: reader.get("opportunity", made))
    assert row
    assert (row["stage"], row["lost_reason"], row["probability_percent"]) == ("quoted", "", 40)


def test_a_sale_lost_in_another_program_is_imported_and_says_so(store: ClientStore, records: RecordService) -> None:
    report = import_csv(b"Name,StageName\nOld deal,Lost\n", "opportunity", store, records)
    (row,) = store.read(lambda reader: reader.where("opportunity"))
    assert (report.created, row["stage"], row["lost_reason"]) == (1, "lost", "other")


def count(store: ClientStore, query: ListQuery) -> int:
    return store.read(lambda reader: reader.count(query))


# -- contracts and cases ------------------------------------------------------------------------------------------


def test_the_list_computes_the_day_of_notice_as_the_rule_does(store: ClientStore, records: RecordService) -> None:
    made = records.create(
        "contract",
        {"name": "Frame", "status": "active", "ends_on": "2026-06-30", "notice_days": 90, "remind_days": 30},
    )
    row = store.read(lambda reader: reader.get("contract", made))
    assert row
    assert (notice_on(row), remind_on(row)) == (date(2026, 4, 1), date(2026, 3, 2))
    assert is_due(row, date(2026, 3, 2))
    assert not is_due(row, date(2026, 3, 1))
    for field, day in (("notice_on", "2026-04-01"), ("remind_on", "2026-03-02")):
        query = ListQuery("contract", (Filter(field, "=", day),), "notice_on")
        assert count(store, query) == 1
    assert not is_due(row | {"status": "notice_given"}, date(2026, 6, 1))
    records.create("contract", {"name": "No end"})
    assert store.read(lambda reader: reader.count(ListQuery("contract", (Filter("notice_on", "empty"),)))) == 1


def test_a_contract_renews_to_the_same_day_of_a_later_month() -> None:
    ends = {"ends_on": "2026-01-31", "renews_months": 1}
    assert renewed_until(ends, date(2026, 2, 1)) == date(2026, 2, 28)
    assert renewed_until(ends, date(2026, 3, 30)) == date(2026, 3, 31)
    assert renewed_until({"ends_on": "2026-01-31"}, date(2026, 2, 1)) is None


@pytest.mark.parametrize(("start", "due"), [("2026-03-04", "2026-03-09"), ("2026-03-07", "2026-03-11")])
def test_three_working_days_pass_over_the_weekend(start: str, due: str) -> None:
    assert workdays_later(date.fromisoformat(start), 3) == date.fromisoformat(due)


def test_a_case_goes_to_the_desk_with_a_day_for_its_answer(
    store: ClientStore, records: RecordService, clock: StandingClock
) -> None:
    for name in ("Laura", "Bert"):
        records.create("user", {"name": name, "role": "inside_sales"}, record_id=name)
    cases = CaseService(store, clock, USER)
    first, second = cases.begin("Broken box", account_id=None), cases.begin("Late again")
    rows = store.read(lambda reader: reader.many("case", [first, second]))
    assert rows[first]["due_on"] == "2026-03-09"
    assert (rows[first]["owner_id"], rows[second]["owner_id"]) == ("Bert", "Laura")
    cases.answer(first, "A new box is on its way.")
    row = store.read(lambda reader: reader.get("case", first))
    assert row
    assert (row["status"], row["answered_at"]) == ("answered", "2026-03-04T12:00:00.000Z")
