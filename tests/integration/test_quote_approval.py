"""A quote above the ceiling: asked on one laptop, decided on another, and what the server refuses on the way."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path

import pytest

from crm_desktop.errors import InvalidInput, KnownError
from crm_desktop.model.wire import Row
from crm_desktop.services.quote_approvals import ApprovalService
from crm_desktop.services.quote_outcome import QuoteOutcomes
from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.intents import Intent, delete, patch, restore, transition
from tests.integration.in_process import Company, Profile, company_at, profile_at


@pytest.fixture
def company(sqlite_database: str) -> Iterator[Company]:
    with company_at(sqlite_database) as opened:
        yield opened


@pytest.fixture
def people(company: Company, tmp_path: Path) -> Iterator[Callable[[str, str], Profile]]:
    """Laptops of users of one territory, with a customer, two products and a ceiling of 10 % for reps."""
    territory = company.write("territory", code="N", name="North")
    company.write("account", "acc", name="Adler", territory_id=territory)
    company.write("tax_rate", tax_class="food", percent="7")
    company.write("price_list", "list", name="List", currency="EUR", rounding="unit", valid_from="2026-01-01")
    for product, price in (("chai", "18.00"), ("tofu", "23.25")):
        company.write("product", product, name=product.title(), number=product, tax_class="food")
        company.write("price_item", price_list_id="list", product_id=product, price=price)
    company.write("discount_ceiling", role="rep", percent="10", valid_from="2026-01-01")
    company.write("discount_ceiling", role="inside_sales", percent="20", valid_from="2026-01-01")
    with ExitStack() as stack:

        def make(login: str, role: str) -> Profile:
            user_id = company.user(login, role, [territory])
            made = stack.enter_context(profile_at(company, user_id, tmp_path / login))
            assert made.sync().error is None
            return made

        yield make


def quotes(person: Profile) -> QuoteService:
    return QuoteService(person.store, person.company.clock, person.user_id)


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


def sync(*people: Profile) -> None:
    for person in people:
        report = person.sync()
        assert report.error is None, report.error


def refused(person: Profile) -> list[str]:
    sync(person)
    return [view.reason for view in RefusalService(person.store, person.company.clock).open()]


def test_asked_returned_lowered_asked_again_and_approved(people: Callable[[str, str], Profile]) -> None:
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


def test_a_rep_cannot_approve_on_his_laptop_nor_at_the_server(people: Callable[[str, str], Profile]) -> None:
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
def test_a_decision_is_signed_with_ones_own_name(people: Callable[[str, str], Profile], role: str) -> None:
    person = people("anna", role)
    revision = offer(person, "15")
    approvals(person).ask(revision["id"])
    sync(person)
    boss = person.company.user("boss", "admin")
    person.store.commit([patch("quote_revision", revision["id"], {"decided_by": boss})])
    assert refused(person) == ["no_permission"]


@pytest.mark.parametrize(("role", "percent", "goes"), [("rep", "10", True), ("rep", "10.5", False),
                                                       ("inside_sales", "15", True), ("inside_sales", "21", False),
                                                       ("admin", "60", True)])  # fmt: skip
def test_the_server_holds_the_same_ceiling(
    people: Callable[[str, str], Profile], role: str, percent: str, goes: bool
) -> None:
    person = people("anna", role)
    revision = offer(person, percent)
    person.store.commit([transition("quote_revision", revision["id"], "sent")])
    assert refused(person) == ([] if goes else ["above_ceiling"])
    assert status(person, revision) == ("sent" if goes else "draft")


def test_nothing_comes_into_a_paper_that_waits(people: Callable[[str, str], Profile]) -> None:
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


def test_a_loss_has_its_reason_here_and_at_the_server(people: Callable[[str, str], Profile]) -> None:
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


def test_two_laptops_make_one_order(people: Callable[[str, str], Profile]) -> None:
    anna, laura = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna, "5")
    quotes(anna).send(revision["id"])
    sync(anna, laura)
    made = [
        QuoteOutcomes(person.store, person.company.clock, person.user_id).order(revision["id"])
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


def test_a_signature_goes_before_its_picture_and_is_never_replaced(people: Callable[[str, str], Profile]) -> None:
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
    people: Callable[[str, str], Profile],
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


def test_lines_of_two_people_under_one_header_need_no_review(people: Callable[[str, str], Profile]) -> None:
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
