"""The server computes tax again: a rate no catalogue names goes nowhere, one that has just changed is looked at."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.model.wire import Row
from crm_desktop.services.quote_outcome import QuoteOutcomes
from crm_desktop.services.quotes import NewLine
from crm_desktop.store.intents import create, delete, patch, transition, update
from tests.integration.in_process import Company, Profile, company_at
from tests.integration.people import Making, people_of, quotes, refused


@pytest.fixture
def company(database: str, request: pytest.FixtureRequest) -> Iterator[Company]:
    """A company with a list that rounds as the test says, and tax rates of two classes."""
    rounding = getattr(request, "param", "line")
    with company_at(database) as opened:
        opened.write("tax_rate", "old", tax_class="food", percent="5", valid_from="2007-01-01")
        opened.write("tax_rate", "food", tax_class="food", percent="7", valid_from="2021-01-01")
        opened.write("tax_rate", "later", tax_class="food", percent="9", valid_from="2099-01-01")
        opened.write("tax_rate", "full", tax_class="full", percent="19")
        opened.write("price_list", "list", name="List", currency="EUR", rounding=rounding, valid_from="2026-01-01")
        for product, price, tax_class in (("chai", "18.15", "food"), ("mug", "23.25", "full"), ("gift", "1.00", "")):
            opened.write("product", product, name=product.title(), number=product, tax_class=tax_class)
            opened.write("price_item", price_list_id="list", product_id=product, price=price)
        yield opened


@pytest.fixture
def people(company: Company, tmp_path: Path) -> Iterator[Making]:
    """Laptops of users of one territory with a customer."""
    with people_of(company, tmp_path) as make:
        yield make


def offer(person: Profile) -> str:
    """The revision of a new quote with a line of each class, at a discount that leaves half cents."""
    lines = [NewLine(name, Decimal(3), Decimal("2.5")) for name in ("chai", "mug", "gift")]
    quote = quotes(person).new_quote("acc", lines=lines)
    (found,) = person.store.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    return str(found["id"])


def line_of(person: Profile, revision_id: str, name: str) -> Row:
    (line,) = person.store.read(lambda reader: reader.where("quote_line", revision_id=revision_id, name=name))
    return line


def standing(person: Profile, revision_id: str) -> tuple[str, bool]:
    found = person.get("quote_revision", revision_id)
    assert found is not None
    return found["status"], found["needs_review"]


@pytest.mark.parametrize("company", ["line", "unit"], indirect=True)
@pytest.mark.parametrize("forged", ["0", "9", None])
def test_a_tax_that_is_not_the_products_goes_nowhere_and_is_put_right(people: Making, forged: str | None) -> None:
    anna = people("anna", "rep")
    revision = offer(anna)
    assert [line_of(anna, revision, name)["tax_percent"] for name in ("Chai", "Mug", "Gift")] == [
        "7.00", "19.00", "0.00",
    ]  # fmt: skip
    before = quotes(anna).totals(revision).gross
    anna.store.commit([update("quote_line", line_of(anna, revision, "Chai")["id"], {"tax_percent": forged})])
    anna.store.commit([transition("quote_revision", revision, "sent")])  # a program of his own
    assert refused(anna) == ["tax_differs"]
    assert standing(anna, revision) == ("draft", True)
    quotes(anna).review(revision)
    assert quotes(anna).totals(revision).gross == before
    quotes(anna).send(revision)
    assert refused(anna) == ["tax_differs"]  # the old one alone
    assert standing(anna, revision) == ("sent", False)


def test_nor_does_it_come_before_the_eyes_of_who_approves(people: Making) -> None:
    anna = people("anna", "rep")
    revision = offer(anna)
    anna.store.commit([update("quote_line", line_of(anna, revision, "Gift")["id"], {"tax_percent": "7"})])
    anna.store.commit([transition("quote_revision", revision, "waiting_approval")])
    assert refused(anna) == ["tax_differs"]
    assert standing(anna, revision) == ("draft", True)


def test_a_paper_without_a_day_has_no_rate_of_its_choice(people: Making) -> None:
    anna = people("anna", "rep")
    revision = offer(anna)
    anna.store.commit([patch("quote_revision", revision, {"quote_date": None})])
    anna.store.commit([transition("quote_revision", revision, "sent")])
    assert refused(anna) == ["tax_differs"]


@pytest.mark.parametrize("moved", ["rate", "gone", "class"])
def test_an_honest_offer_at_a_rate_that_changed_meanwhile_goes_out_and_is_looked_at(people: Making, moved: str) -> None:
    anna, desk = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna)
    match moved:
        case "rate":
            anna.company.write("tax_rate", "food", tax_class="food", percent="8", valid_from="2021-01-01")
        case "gone":
            desk.store.commit([delete("tax_rate", "food")])
            assert desk.sync().error is None
        case "class":
            anna.company.write("product", "chai", name="Chai", number="chai", tax_class="full")
    quotes(anna).send(revision)  # printed at the customer's, without a network
    assert refused(anna) == []
    assert standing(anna, revision) == ("sent", True)
    # Who knows of the change has no excuse any more.
    second = offer(anna)
    line = line_of(anna, second, "Chai")
    anna.store.commit([update("quote_line", line["id"], {"tax_percent": "7"})])
    anna.store.commit([transition("quote_revision", second, "sent")])
    assert refused(anna) == ["tax_differs"]


@pytest.mark.parametrize(("tax", "told"), [("19", []), ("5", ["tax_differs"]), ("16", ["tax_differs"])])
def test_a_line_without_a_product_bears_a_tax_there_is(people: Making, tax: str, told: list[str]) -> None:
    """5 % was the rate of food before 2021, 16 % never was one."""
    anna = people("anna", "rep")
    revision = offer(anna)
    line = line_of(anna, revision, "Gift")
    anna.store.commit([update("quote_line", line["id"], {"product_id": None, "tax_percent": tax})])
    if told:  # her laptop says it before the server does
        with pytest.raises(InvalidInput) as said:
            quotes(anna).send(revision)
        assert said.value.code == "not_calculated"
    anna.store.commit([transition("quote_revision", revision, "sent")])
    assert refused(anna) == told


def test_a_rate_that_is_gone_meanwhile_is_no_fault_of_a_line_without_a_product(people: Making) -> None:
    anna, desk = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna)
    line = line_of(anna, revision, "Gift")
    anna.store.commit([update("quote_line", line["id"], {"product_id": None, "tax_percent": "19"})])
    desk.store.commit([delete("tax_rate", "full")])
    assert desk.sync().error is None
    lines = anna.store.read(lambda reader: reader.where("quote_line", revision_id=revision, name="Mug"))
    anna.store.commit([delete("quote_line", row["id"]) for row in lines])
    quotes(anna).send(revision)
    assert refused(anna) == []
    assert standing(anna, revision) == ("sent", True)


@pytest.mark.parametrize(("forged", "told"), [
    ({"tax_percent": "0"}, ["tax_differs"]), ({"line_total": "1.00"}, ["total_differs"]), ({"name": "Chai!"}, []),
])  # fmt: skip
def test_a_line_of_an_order_says_what_its_quote_said(people: Making, forged: Row, told: list[str]) -> None:
    anna, desk = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna)
    quotes(anna).send(revision)
    order_id = QuoteOutcomes(anna.store, anna.company.clock, anna.user_id).order(revision).order_id
    assert refused(anna) == []
    assert desk.sync().error is None
    (chai,) = anna.store.read(lambda reader: reader.where("order_line", order_id=order_id, name="Chai"))
    anna.store.commit([update("order_line", chai["id"], forged)])
    assert refused(anna) == told
    copied = {name: chai[name] for name in ("product_id", "name", "quantity", "line_total", "tax_percent")}
    anna.store.commit([create("order_line", "more", copied | {"order_id": order_id} | forged)])
    assert refused(anna) == told * 2
    desk.store.commit([update("order_line", chai["id"], forged)])  # who keeps orders may
    assert refused(desk) == []


@pytest.mark.parametrize("rests_on", ["nothing", "an order that comes behind it", "a draft", "a quote nobody accepted"])
def test_an_order_holds_what_a_customer_accepted_and_nothing_else(people: Making, rests_on: str) -> None:
    anna, desk = people("anna", "rep"), people("laura", "inside_sales")
    revision = offer(anna)
    drawn = line_of(anna, revision, "Chai")
    if rests_on == "a draft":  # another revision of the quote was accepted, at a higher price
        quotes(anna).send(revision)
        draft = quotes(anna).revise(drawn["quote_id"])
        quotes(anna).change_line(line_of(anna, draft, "Chai")["id"], Decimal(1))
        drawn = line_of(anna, draft, "Chai")
        anna.store.commit([transition("quote_revision", revision, "accepted")])
    elif rests_on == "a quote nobody accepted":
        quotes(anna).send(revision)
    assert refused(anna) == []
    of_quote = rests_on in ("a draft", "a quote nobody accepted")
    head = create("order", "forged", {"account_id": "acc", "quote_id": drawn["quote_id"] if of_quote else None})
    copied = {name: drawn[name] for name in ("product_id", "name", "quantity", "line_total", "tax_percent")}
    line = create("order_line", "line", copied | {"order_id": "forged"})
    made = [line, head] if rests_on == "an order that comes behind it" else [head, line]
    anna.store.commit(made)
    assert refused(anna) == ["dangling" if made[0] is line else "not_accepted"]
    assert desk.sync().error is None
    desk.store.commit([head, line])  # who keeps orders may
    assert refused(desk) == []


def test_an_order_whose_quote_is_not_here_yet_waits_for_it(people: Making) -> None:
    """A restored server may hear of the order before it hears of the quote, from another laptop."""
    anna = people("anna", "rep")
    offer(anna)
    anna.store.commit([create("order", "early", {"account_id": "acc", "quote_id": "to-come"})])
    assert refused(anna) == ["dangling"]
