from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

import resources
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import clean_row, field_facts
from crm_desktop.rules.discount_ceiling import ceiling_of, lines_above
from crm_desktop.rules.price_ladder import ladder_from_text
from crm_desktop.rules.pricing import line_total
from server.sample.demo_layer import demo_layer
from server.sample.northwind import Northwind, read_northwind
from server.sample.record import SampleRecord

FOLDER = Path(resources.__file__).parent / "sample" / "northwind"
TODAY = date(2026, 11, 19)
Records = dict[str, list[SampleRecord]]


def grouped(records: list[SampleRecord]) -> Records:
    result: Records = defaultdict(list)
    for record in records:
        result[record.entity].append(record)
    return result


@pytest.fixture(scope="module")
def northwind() -> Northwind:
    return read_northwind(FOLDER)


@pytest.fixture(scope="module")
def demo(northwind: Northwind) -> Records:
    return grouped(demo_layer(northwind, 7, TODAY))


def test_real_values_stay_and_only_empty_fields_are_filled(northwind: Northwind, demo: Records) -> None:
    filled = {record.id: record.row for records in demo.values() for record in records}
    for record in northwind.records:
        for name, value in record.row.items():
            if value not in ("", None, [], False):
                assert filled[record.id][name] == value


def test_rows_are_in_wire_form_and_ids_are_unique(demo: Records) -> None:
    ids = [record.id for records in demo.values() for record in records]
    assert len(set(ids)) == len(ids)
    for records in demo.values():
        for record in records:
            assert clean_row(record.entity, record.row) == record.row


def test_every_reference_leads_somewhere(demo: Records) -> None:
    known = {(entity, record.id) for entity, records in demo.items() for record in records}
    for entity, records in demo.items():
        for name, facts in field_facts(entity).items():
            if facts.ref:
                assert {(facts.ref, r.row[name]) for r in records if r.row[name]} <= known, (entity, name)


def test_parents_come_before_children(northwind: Northwind) -> None:
    seen: set[str] = set()
    for record in demo_layer(northwind, 7, TODAY):
        facts = ENTITIES[record.entity].FACTS
        for name in (*facts.parents, *((facts.account,) if facts.account else ())):
            assert not record.row[name] or record.row[name] in seen, (record.entity, name)
        seen.add(record.id)


def test_the_same_seed_makes_the_same_and_another_seed_does_not(northwind: Northwind, demo: Records) -> None:
    assert grouped(demo_layer(northwind, 7, TODAY)) == demo
    assert grouped(demo_layer(northwind, 8, TODAY))["visit"] != demo["visit"]


def test_every_colleague_with_accounts_has_work_today(northwind: Northwind, demo: Records) -> None:
    owners = {record.row["owner_id"] for record in northwind.of("account")} - {None}
    planned = {r.row["owner_id"] for r in demo["visit"] if r.row["status"] == "planned"}
    assert planned == owners
    for record in demo["visit"]:
        day = record.row["starts_at"][:10]
        assert (day < TODAY.isoformat()) == (record.row["status"] == "done")
        assert bool(record.row["note"]) == (record.row["status"] == "done")
        assert "{" not in record.row["note"]
    open_tasks = [r.row for r in demo["task"] if r.row["status"] == "open"]
    assert any(row["due_on"] < TODAY.isoformat() for row in open_tasks)
    assert any(row["due_on"] >= TODAY.isoformat() for row in open_tasks)


def test_nothing_is_invented_for_accounts_without_an_owner(northwind: Northwind, demo: Records) -> None:
    unowned = {record.id for record in northwind.of("account") if record.row["owner_id"] is None}
    for entity in ("visit", "activity", "task", "quote", "opportunity"):
        assert not unowned & {record.row["account_id"] for record in demo[entity]}


def test_quotes_add_up_and_are_priced_by_the_trade_list(demo: Records) -> None:
    lines: dict[str, list[SampleRecord]] = defaultdict(list)
    for record in demo["quote_line"]:
        lines[record.row["revision_id"]].append(record)
        ladder = ladder_from_text(record.row["ladder"])
        assert ladder.unit_net == Decimal(record.row["net_price"])
        total = line_total(Decimal(record.row["quantity"]), ladder.unit_net, "EUR")
        assert total == Decimal(record.row["line_total"])
    newest: dict[str, SampleRecord] = {}
    for record in sorted(demo["quote_revision"], key=lambda item: item.row["revision"]):
        assert lines[record.id]
        newest[record.row["quote_id"]] = record
    amounts = {record.id: record.row["amount"] for record in demo["opportunity"]}
    for record in demo["quote"]:
        net = sum(Decimal(line.row["line_total"]) for line in lines[newest[record.id].id])
        assert Decimal(amounts[record.row["opportunity_id"]]) == net
    assert len({record.row["number"] for record in demo["quote"]}) == len(demo["quote"]) > 15
    states = Counter(record.row["status"] for record in demo["quote_revision"])
    assert {"draft", "sent", "superseded", "accepted", "lost"} <= set(states)
    assert states["waiting_approval"] == 1
    assert {"scale", "condition", "discount"} <= {
        step.kind for r in demo["quote_line"] for step in ladder_from_text(r.row["ladder"]).steps
    }


def test_only_what_waits_for_approval_goes_beyond_the_ceiling_of_its_author(demo: Records) -> None:
    roles = {record.id: record.row["role"] for record in demo["user"]}
    ceilings = [record.row for record in demo["discount_ceiling"]]
    for revision in demo["quote_revision"]:
        ceiling = ceiling_of(ceilings, roles[revision.row["created_by"]], revision.row["quote_date"])
        own = [line.row for line in demo["quote_line"] if line.row["revision_id"] == revision.id]
        above = bool(lines_above(own, ceiling, lambda line, _own: Decimal(line["net_price"])))
        assert above == (revision.row["status"] == "waiting_approval")
        assert bool(revision.row["request_note"] and revision.row["requested_by"]) == above
    lost = {r.row["quote_id"] for r in demo["quote_revision"] if r.row["status"] == "lost"}
    assert {record.id for record in demo["quote"] if record.row["lost_reason"]} == lost


def test_the_trade_list_is_valid_on_every_quote_date_and_offers_no_discontinued_product(demo: Records) -> None:
    trade = next(record for record in demo["price_list"] if record.row["name"] == "EUR Trade")
    assert trade.row["rounding"] == "unit"
    for record in demo["quote_revision"]:
        assert trade.row["valid_from"] <= record.row["quote_date"] <= TODAY.isoformat() <= trade.row["valid_until"]
    gone = {record.id for record in demo["product"] if record.row["discontinued"]}
    assert not gone & {r.row["product_id"] for r in demo["price_item"] if r.row["price_list_id"] == trade.id}


def test_costs_leave_a_margin_above_the_floor(demo: Records) -> None:
    for record in demo["product"]:
        if record.row["cost"] is not None:
            assert Decimal(record.row["margin_floor_percent"]) <= 22
            assert Decimal(record.row["cost"]) > 0
    assert {record.row["tax_class"] for record in demo["product"]} == {"reduced", "standard"}
    assert {record.row["tax_class"]: record.row["percent"] for record in demo["tax_rate"]} == {
        "reduced": "7.00",
        "standard": "19.00",
    }


def test_people(demo: Records) -> None:
    contacts = Counter(record.row["account_id"] for record in demo["contact"])
    assert max(contacts.values()) == 3
    assert sum(1 for count in contacts.values() if count > 1) > 45
    forms = {record.row["name"]: record.row["salutation"] for record in demo["contact"]}
    assert (forms["Maria Anders"], forms["Thomas Hardy"], forms["Yang Wang"]) == ("Frau", "Mr.", "")
    mails = [r.row["value"] for r in demo["channel"] if r.row["kind"] == "email"]
    assert mails
    assert all(mail.endswith(".example") and mail.isascii() for mail in mails)


def test_the_company_says_what_is_invented(demo: Records) -> None:
    (company,) = demo["company"]
    assert "Invented" in company.row["invented_notice"]
    assert "Erfunden" in company.row["invented_notice"]
    assert "000000" in company.row["register_entry"]


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2026, 12, 31), date(2027, 1, 1), date(2026, 3, 29)])
def test_any_day_will_do(northwind: Northwind, day: date) -> None:
    demo = grouped(demo_layer(northwind, 1, day))
    trade = next(record for record in demo["price_list"] if record.row["name"] == "EUR Trade")
    assert trade.row["valid_from"] < day.isoformat() < trade.row["valid_until"]
    assert demo["quote"]


@pytest.mark.parametrize("seed", range(3))
def test_a_folder_of_other_content(small_folder: Path, seed: int) -> None:
    demo = grouped(demo_layer(read_northwind(small_folder), seed, TODAY))
    assert len(demo["account"]) == 3
    assert {record.row["account_id"] for record in demo["visit"]} == {demo["account"][0].id}
    assert demo["account"][0].row["language"] == "de"
    freight = [r for r in demo["product"] if r.row["is_charge"]]
    assert len(freight) == 1
