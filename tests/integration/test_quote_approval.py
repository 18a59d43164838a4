"""A quote above the ceiling: asked on one laptop, decided on another, and what the server refuses on the way."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crm_desktop.errors import InvalidInput, KnownError
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row
from crm_desktop.rules.permissions import NONE
from crm_desktop.services.quote_approvals import ApprovalService
from crm_desktop.services.quote_outcome import QuoteOutcomes
from crm_desktop.services.quotes import NewLine
from crm_desktop.services.records import RecordService
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.intents import Intent, create, delete, patch, restore, transition, update
from tests.integration.in_process import Company, Profile
from tests.integration.people import Making, catalogue, people_of, quotes, refused, sync
from ui.presenters.approvals import load_approvals
from ui.presenters.news import NewsLog, take


@pytest.fixture
def people(company: Company, tmp_path: Path) -> Iterator[Making]:
    """Laptops of one territory, with a customer, two products and a ceiling of 10 % for reps."""
    catalogue(company, chai="18.00", tofu="23.25")
    company.write("discount_ceiling", role="rep", percent="10", valid_from="2026-01-01")
    company.write("discount_ceiling", role="inside_sales", percent="20", valid_from="2026-01-01")
    with people_of(company, tmp_path) as make:
        yield make


def approvals(person: Profile) -> ApprovalService:
    return ApprovalService(person.store, person.company.clock, person.user_id)


def offer(person: Profile, discount: str) -> Row:
    """The revision of a new quote with one line at this discount and one without."""
    lines = [NewLine("chai", Decimal(10), Decimal(discount)), NewLine("tofu", Decimal(1))]
    quote = quotes(person).new_quote("acc", lines=lines)
    (found,) = person.store.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    return found


def status(person: Profile, revision: Row) -> str:
    found = person.get("quote_revision", revision["id"])
    assert found is not None
    return str(found["status"])


def test_asked_returned_lowered_asked_again_and_approved(people: Making) -> None:
    anna, laura = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna, "15")
    with pytest.raises(InvalidInput) as told:
        quotes(anna).send(revision["id"])
    assert (told.value.code, told.value.values["name"], told.value.values["ceiling"]) == ("above_ceiling", "Chai", 10)
    approvals(anna).ask(revision["id"], "They buy for the whole year")
    assert status(anna, revision) == "waiting_approval"
    with pytest.raises(InvalidInput):
        quotes(anna).change_line(anna.store.read(lambda r: r.where("quote_line"))[0]["id"], Decimal(9))
    sync(anna, laura)
    approvals(laura).send_back(revision["id"], "12 is the most")
    sync(laura, anna)
    found = anna.get("quote_revision", revision["id"])
    assert found is not None
    assert (found["status"], found["decision_note"], found["decided_by"]) == (
        "returned", "12 is the most", laura.user_id,
    )  # fmt: skip
    came, now = [("quote_revision", revision["id"])], anna.company.clock.now()
    _, (notice,) = anna.store.read(lambda r: take(r, NewsLog(seq=1), came, now, anna.user_id, NONE))
    assert (notice.key, notice.values["word"]) == ("notice.returned_word", "12 is the most")
    approvals(anna).edit_again(revision["id"])
    quotes(anna).set_header(revision["id"], {"discount_percent": Decimal(12)})
    approvals(anna).ask(revision["id"], "12 then")
    sync(anna, laura)
    approvals(laura).approve(revision["id"], "Good luck")
    sync(laura, anna)
    quotes(anna).send(revision["id"])
    assert refused(anna) == []
    sync(laura)
    assert status(laura, revision) == status(anna, revision) == "sent"


def test_a_rep_cannot_approve_on_his_laptop_nor_at_the_server(people: Making) -> None:
    anna = people("anna", "rep")
    revision = offer(anna, "15")
    approvals(anna).ask(revision["id"])
    with pytest.raises(KnownError) as told:
        approvals(anna).approve(revision["id"])
    assert told.value.code == "may_not_approve"
    # A program that does not ask itself is stopped by the server.
    anna.store.commit([transition("quote_revision", revision["id"], "approved")])
    assert refused(anna) == ["no_permission"]
    assert status(anna, revision) == "waiting_approval"


@pytest.mark.parametrize("role", ["rep", "inside_sales"])
def test_a_decision_is_signed_with_ones_own_name(people: Making, role: str) -> None:
    person = people("anna", role)
    revision = offer(person, "15")
    approvals(person).ask(revision["id"])
    sync(person)
    boss = person.company.user("boss", "admin")
    person.store.commit([patch("quote_revision", revision["id"], {"decided_by": boss})])
    assert refused(person) == ["no_permission"]


def test_nobody_approves_what_he_asked_for_himself(people: Making) -> None:
    laura, ivo = people("laura", "inside_sales"), people("ivo", "inside_sales")
    revision = offer(laura, "25")
    approvals(laura).ask(revision["id"], "They buy for the whole year")
    with pytest.raises(KnownError) as told:
        approvals(laura).approve(revision["id"])
    assert told.value.code == "own_approval"
    # A program that does not ask itself, and one that says somebody else had asked, are stopped by the server.
    laura.store.commit([transition("quote_revision", revision["id"], "approved")])
    assert refused(laura) == ["own_approval"]
    other = offer(laura, "25")
    asked: list[Intent] = [
        patch("quote_revision", other["id"], {"requested_by": ivo.user_id}),
        transition("quote_revision", other["id"], "waiting_approval"),
    ]
    laura.store.commit(asked)
    sync(laura)
    laura.store.commit([transition("quote_revision", other["id"], "approved")])
    assert refused(laura) == ["own_approval", "own_approval"]
    sync(ivo)
    approvals(ivo).approve(revision["id"])
    sync(ivo, laura)
    assert (status(laura, revision), status(laura, other)) == ("approved", "waiting_approval")
    quotes(laura).send(revision["id"])
    assert len(refused(laura)) == 2


@pytest.mark.parametrize(("role", "percent", "goes"), [("rep", "10", True), ("rep", "10.5", False),
                                                       ("inside_sales", "15", True), ("inside_sales", "21", False),
                                                       ("admin", "60", True)])  # fmt: skip
def test_the_server_holds_the_same_ceiling(people: Making, role: str, percent: str, goes: bool) -> None:
    person = people("anna", role)
    revision = offer(person, percent)
    person.store.commit([transition("quote_revision", revision["id"], "sent")])
    assert refused(person) == ([] if goes else ["above_ceiling"])
    assert status(person, revision) == ("sent" if goes else "draft")


def line_of(person: Profile, revision: Row, name: str) -> str:
    lines = person.store.read(lambda reader: reader.where("quote_line", revision_id=revision["id"], name=name))
    return str(lines[0]["id"])


FORGED = {
    "low price, discount within the ceiling": {"net_price": "9", "line_total": "90.00", "discount_percent": "10"},
    "low price, no discount": {"net_price": "16.19", "line_total": "161.90"},
    "list price changed as well": {"list_price": "10", "net_price": "9", "line_total": "90.00"},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_low_price_is_a_discount_whatever_the_line_says(people: Making, forged: dict[str, str]) -> None:
    anna, laura = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna, "0")
    anna.store.commit([update("quote_line", line_of(anna, revision, "Chai"), forged)])
    with pytest.raises(InvalidInput) as told:  # the laptop says it before the server has to
        quotes(anna).send(revision["id"])
    assert told.value.code == "above_ceiling"
    anna.store.commit([transition("quote_revision", revision["id"], "sent")])
    assert refused(anna) == ["above_ceiling"]
    assert status(anna, revision) == "draft"
    # The way out: somebody who may decide looks at it, and sees what is given away in truth.
    approvals(anna).ask(revision["id"], "They pay in advance")
    sync(anna, laura)
    (asked,) = laura.store.read(lambda reader: load_approvals(reader, laura.user_id)).waiting
    assert [line.name for line in asked.above] == ["Chai"]
    assert asked.above[0].discount > 10
    approvals(laura).approve(revision["id"])
    sync(laura, anna)
    quotes(anna).send(revision["id"])
    assert refused(anna) == ["above_ceiling"]  # the old one alone
    assert status(anna, revision) == "sent"


def test_nobody_who_sells_writes_himself_a_condition(people: Making) -> None:
    anna, laura = people("anna", "rep"), people("laura", "inside_sales")
    agreed = {"account_id": "acc", "name": "Mine", "kind": "percent", "value": "60"}
    with pytest.raises(KnownError) as told:
        RecordService(anna.store, anna.user_id).create("customer_condition", agreed)
    assert told.value.code == "kept_by_desk"
    anna.store.commit([create("customer_condition", new_id(), agreed)])  # a program of his own
    assert refused(anna) == ["no_permission"]
    given = RecordService(laura.store, laura.user_id).create("customer_condition", agreed | {"value": "5"})
    assert refused(laura) == []
    assert anna.sync().error is None
    anna.store.commit([patch("customer_condition", given, {"value": "60"})])
    assert refused(anna) == ["no_permission", "no_permission"]


def test_what_no_list_names_is_nobodys_price(people: Making) -> None:
    anna = people("anna", "rep")
    for changed in ({"currency": "JPY"}, {"price_list_id": None}, {"quote_date": None}):
        revision = offer(anna, "0")
        anna.store.commit([update("quote_revision", revision["id"], changed)])
        with pytest.raises(InvalidInput) as told:
            quotes(anna).send(revision["id"])
        assert told.value.code in ("price_not_in_list", "not_calculated")
        anna.store.commit([transition("quote_revision", revision["id"], "sent")])
    assert set(refused(anna)) <= {"above_ceiling", "total_differs"}
    assert len(refused(anna)) == 3


def test_a_line_whose_total_is_not_quantity_times_price_goes_nowhere(people: Making) -> None:
    anna = people("anna", "rep")
    revision = offer(anna, "0")
    anna.store.commit([update("quote_line", line_of(anna, revision, "Chai"), {"line_total": "18.00"})])
    for act in (quotes(anna).send, approvals(anna).ask):
        with pytest.raises(InvalidInput) as told:
            act(revision["id"])
        assert told.value.code == "not_calculated"
    for to in ("waiting_approval", "sent"):
        anna.store.commit([transition("quote_revision", revision["id"], to, expected_total="41.25")])
        sync(anna)
    assert sorted(refused(anna)) == ["needs_review", "total_differs"]
    assert row_of(anna, revision["id"])["needs_review"]
    quotes(anna).review(revision["id"])
    quotes(anna).send(revision["id"])
    assert sorted(refused(anna)) == ["needs_review", "total_differs"]
    assert status(anna, revision) == "sent"


@pytest.mark.parametrize("moved", ["price", "gone", "condition", "list"])
def test_an_honest_offer_at_prices_that_changed_meanwhile_goes_out_and_is_looked_at(people: Making, moved: str) -> None:
    anna, desk = people("anna", "rep"), people("laura", "inside_sales")
    company = anna.company
    agreed = company.write("customer_condition", account_id="acc", name="Old", kind="percent", value="20")
    sync(anna, desk)
    revision = offer(anna, "10")
    (item,) = anna.store.read(lambda reader: reader.where("price_item", product_id="chai"))
    match moved:
        case "price":
            company.write("price_item", item["id"], price_list_id="list", product_id="chai", price="30.00")
        case "gone":
            desk.store.commit([delete("price_item", item["id"])])
        case "condition":
            desk.store.commit([delete("customer_condition", agreed)])
        case "list":
            company.write("price_list", "list", name="List", currency="USD", rounding="unit")
    sync(desk)
    quotes(anna).send(revision["id"])  # printed at the customer's, without a network
    assert refused(anna) == []
    assert (status(anna, revision), row_of(anna, revision["id"])["needs_review"]) == ("sent", True)
    quotes(anna).looked_at(revision["id"])
    assert refused(anna) == []
    assert not row_of(anna, revision["id"])["needs_review"]
    # The next offer is made by who knows the new prices; the old ones are no excuse any more.
    second = offer(anna, "0") if moved == "condition" else None
    if second is not None:
        changed = {"net_price": "14.40", "line_total": "144.00"}
        anna.store.commit([update("quote_line", line_of(anna, second, "Chai"), changed)])
        anna.store.commit([transition("quote_revision", second["id"], "sent")])
        assert refused(anna) == ["above_ceiling"]


def test_nothing_comes_into_a_paper_that_waits(people: Making) -> None:
    anna = people("anna", "rep")
    revision, other = offer(anna, "5"), offer(anna, "50")
    cheap = anna.store.read(lambda r: r.where("quote_line", revision_id=revision["id"]))[0]["id"]
    steep = anna.store.read(lambda r: r.where("quote_line", revision_id=other["id"]))[0]["id"]
    anna.store.commit([delete("quote_line", cheap)])
    sync(anna)
    approvals(anna).ask(revision["id"])
    sync(anna)
    for change in (restore("quote_line", cheap), patch("quote_line", steep, {"revision_id": revision["id"]})):
        tried: list[Intent] = [change]
        anna.store.commit(tried)
    assert refused(anna) == ["frozen", "frozen"]


def test_a_loss_has_its_reason_here_and_at_the_server(people: Making) -> None:
    anna = people("anna", "rep")
    first, second = offer(anna, "5"), offer(anna, "5")
    for revision in (first, second):
        quotes(anna).send(revision["id"])
    outcomes = QuoteOutcomes(anna.store, anna.company.clock, anna.user_id)
    with pytest.raises(InvalidInput) as told:
        outcomes.lose(first["id"], "")
    assert told.value.code == "lost_reason_missing"
    with pytest.raises(InvalidInput) as told:
        outcomes.lose(first["id"], "price")
    assert told.value.code == "lost_competitor_missing"
    outcomes.lose(first["id"], "price", competitor="Biotrend", price_gap_percent=Decimal("6.5"))
    quotes(anna).close(second["id"], "lost")
    assert refused(anna) == ["lost_reason_missing"]
    assert (status(anna, first), status(anna, second)) == ("lost", "sent")
    quote = anna.get("quote", first["quote_id"])
    assert quote is not None
    assert (quote["competitor"], quote["lost_reason"], quote["price_gap_percent"]) == ("Biotrend", "price", "6.50")


def test_two_laptops_make_one_order(people: Making) -> None:
    anna, laura = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna, "5")
    quotes(anna).send(revision["id"])
    sync(anna, laura)
    made = [
        QuoteOutcomes(person.store, person.company.clock, person.user_id).order(revision["id"]).order_id
        for person in (anna, anna, laura)
    ]
    assert len(set(made)) == 1
    sync(anna, laura, anna)
    for person in (anna, laura):
        (order,) = person.store.read(lambda reader: reader.where("order"))
        lines = person.store.read(lambda reader: reader.where("order_line", order_id=made[0]))
        assert order["number"]
        assert sorted(line["line_total"] for line in lines) == ["171.00", "23.25"]
    assert status(laura, revision) == "accepted"
    # Who came second is told that it stands, and "try again" settles it without a change of hands.
    decisions = RefusalService(laura.store, laura.company.clock)
    (told,) = decisions.open()
    assert told.reason == "stands_already"
    decisions.retry(told.id)
    assert refused(laura) == []
    assert row_of(anna, revision["id"])["status"] == "accepted"
    (order,) = laura.store.read(lambda reader: reader.where("order"))
    assert order["created_by"] == anna.user_id


def test_a_signature_goes_before_its_picture_and_is_never_replaced(people: Making) -> None:
    anna, laura = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna, "5")
    quotes(anna).send(revision["id"])
    signed = {"signed_by": "Maria", "signed_at": anna.company.clock.now(), "signature_id": "picture-still-here-only"}
    anna.store.commit([patch("quote_revision", revision["id"], signed)])
    assert refused(anna) == []
    sync(laura)
    laura.store.commit([patch("quote_revision", revision["id"], {"signed_by": "Somebody else"})])
    assert refused(laura) == ["frozen"]
    found = anna.get("quote_revision", revision["id"])
    assert found is not None
    assert (found["signed_by"], found["signature_id"]) == ("Maria", "picture-still-here-only")


def test_lines_and_header_priced_apart_are_calculated_again_before_they_go_out(
    people: Making,
) -> None:
    anna, ben = people("anna", "rep"), people("ben", "rep")
    revision = offer(anna, "0")
    for one in (anna, ben):
        one.sync()
    quotes(anna).set_header(revision["id"], {"discount_percent": Decimal(5)})
    quotes(ben).add_line(revision["id"], "tofu", Decimal(3))  # at the header he sees: no discount
    for one in (anna, ben, anna):
        assert one.sync().error is None
    assert [row_of(one, revision["id"])["needs_review"] for one in (anna, ben)] == [True, True]
    quotes(anna).review(revision["id"])
    anna.sync()
    ben.sync()
    assert [row_of(one, revision["id"])["needs_review"] for one in (anna, ben)] == [False, False]
    quotes(anna).send(revision["id"])
    assert anna.sync().outcomes.get("quarantined") is None
    assert row_of(anna, revision["id"])["status"] == "sent"


def test_lines_of_two_people_under_one_header_need_no_review(people: Making) -> None:
    anna, ben = people("anna", "rep"), people("ben", "rep")
    revision = offer(anna, "0")
    for one in (anna, ben):
        one.sync()
    quotes(anna).set_header(revision["id"], {"discount_percent": Decimal(5)})
    quotes(anna).add_line(revision["id"], "chai", Decimal(1))  # one's own header has been seen
    for one in (anna, ben):
        one.sync()
    quotes(anna).add_line(revision["id"], "chai", Decimal(2))
    quotes(ben).add_line(revision["id"], "tofu", Decimal(3))
    for one in (anna, ben, anna):
        assert one.sync().error is None
    assert [row_of(one, revision["id"])["needs_review"] for one in (anna, ben)] == [False, False]


def row_of(person: Profile, revision_id: str) -> Row:
    row = person.get("quote_revision", revision_id)
    assert row is not None
    return row


def test_a_change_of_ones_own_in_the_same_push_excuses_no_price(people: Making) -> None:
    """A price that moved beside its author is no discount of his; what he moved himself is."""
    anna = people("anna")
    revision = offer(anna, "0")
    found = anna.store.read(lambda reader: reader.where("quote_line", revision_id=revision["id"], product_id="chai"))
    half = {"list_price": "9.0000", "net_price": "9.00000000", "line_total": "90.00"}
    anna.store.commit([patch("quote_line", found[0]["id"], half)])
    sync(anna)
    anna.store.commit([patch("account", "acc", {"currency": "EUR"})])
    anna.store.commit([transition("quote_revision", revision["id"], "sent")])
    assert refused(anna) == ["above_ceiling"]
    assert status(anna, revision) == "draft"
