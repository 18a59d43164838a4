"""A quote becomes one order, whichever revisions two laptops order without a network."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crm_desktop.errors import InvalidInput, KnownError
from crm_desktop.services.orders import OrderService
from crm_desktop.services.quote_approvals import ApprovalService
from crm_desktop.services.quote_outcome import QuoteOutcomes, order_id_of
from crm_desktop.services.quotes import NewLine, QuoteService
from crm_desktop.services.refusals import RefusalService, RefusedView
from crm_desktop.store.intents import Intent, create, delete, restore, update
from tests.integration.in_process import Company, Profile
from tests.integration.people import Making, catalogue, people_of, sync
from ui.presenters.outbox import reason_words
from ui.presenters.outbox_entries import main_change


@pytest.fixture
def people(company: Company, tmp_path: Path) -> Iterator[Making]:
    """Laptops of users of one territory, with a customer and a product."""
    catalogue(company, chai="18.00")
    with people_of(company, tmp_path) as make:
        yield make


def two_sent_revisions(person: Profile) -> tuple[str, str]:
    quotes = QuoteService(person.store, person.company.clock, person.user_id)
    quote_id = quotes.new_quote("acc", lines=[NewLine("chai", Decimal(10))])
    first = revisions(person)[0]
    quotes.send(first)
    second = quotes.revise(quote_id)
    quotes.send(second)
    return first, second


def revisions(person: Profile) -> list[str]:
    return [row["id"] for row in person.store.read(lambda reader: reader.where("quote_revision"))]


def order(person: Profile, revision_id: str) -> str:
    return QuoteOutcomes(person.store, person.company.clock, person.user_id).order(revision_id).order_id


def orders(person: Profile) -> list[str]:
    return [row["id"] for row in person.store.read(lambda reader: reader.where("order"))]


def refused(person: Profile) -> list[RefusedView]:
    sync(person)
    return RefusalService(person.store, person.company.clock).open()


def test_two_laptops_that_order_two_revisions_make_one_order(people: Making) -> None:
    anna, ben = people("anna", "rep"), people("ben", "rep")
    first, second = two_sent_revisions(anna)
    sync(anna, ben)
    made, late = order(anna, second), order(ben, first)  # the superseded one may still be accepted
    assert made != late
    assert refused(anna) == []
    (entry,) = refused(ben)
    sync(anna)
    assert orders(anna) == orders(ben) == [made]
    found = anna.get("order", made)
    assert found is not None
    # The sentence says which order stands; what Ben wrote is kept whole.
    assert entry.reason == "ordered_already"
    assert found["number"] in reason_words(entry.reason, "en", entry.detail)
    assert found["number"] in reason_words(entry.reason, "de", entry.detail)
    assert {change.entity for change in entry.changes} == {"quote_revision", "order", "order_line", "quote"}
    assert main_change(entry.changes).entity == "order"
    states = {i: row["status"] for i in (first, second) if (row := ben.get("quote_revision", i))}
    assert states == {first: "superseded", second: "accepted"}
    # Sending it again, on what stands now, is refused again: never twice.
    RefusalService(ben.store, ben.company.clock).retry(entry.id)
    assert [view.reason for view in refused(ben)] == ["ordered_already"]
    assert orders(ben) == [made]
    assert order(ben, first) == made  # his laptop knows the order now


def test_an_order_comes_to_the_quote_in_no_other_way(people: Making) -> None:
    anna = people("anna", "rep")
    _, second = two_sent_revisions(anna)
    made = order(anna, second)
    sync(anna)
    quote_id = anna.get("order", made)["quote_id"]  # type: ignore[index]
    tried: list[list[Intent]] = [
        [create("order", "by-hand", {"account_id": "acc", "quote_id": quote_id})],
        [create("order", "free", {"account_id": "acc"})],
        [update("order", "free", {"quote_id": quote_id})],
    ]
    for intents in tried:
        anna.store.commit(intents)
    assert [view.reason for view in refused(anna)] == ["ordered_already", "ordered_already"]
    assert sorted(orders(anna)) == sorted([made, "free"])


def test_a_cancelled_order_makes_room_and_comes_back_only_where_no_other_stands(
    people: Making,
) -> None:
    anna = people("anna", "rep")
    first, second = two_sent_revisions(anna)
    made = order(anna, second)
    sync(anna)
    anna.store.commit([update("order", made, {"status": "cancelled"})])
    sync(anna)
    again = order(anna, first)
    assert again == order_id_of(first)
    assert refused(anna) == []
    assert sorted(orders(anna)) == sorted([made, again])
    anna.store.commit([update("order", made, {"status": "open"})])
    assert [view.reason for view in refused(anna)] == ["ordered_already"]
    anna.store.commit([delete("order", again)])
    sync(anna)
    anna.store.commit([update("order", made, {"status": "open"})])
    assert len(refused(anna)) == 1
    anna.store.commit([restore("order", again)])
    assert [view.reason for view in refused(anna)] == ["ordered_already", "ordered_already"]
    assert orders(anna) == [made]


def test_no_revision_goes_out_after_another_one_was_ordered(people: Making) -> None:
    anna, ben = people("anna", "rep"), people("ben", "rep")
    quotes = QuoteService(anna.store, anna.company.clock, anna.user_id)
    quote_id = quotes.new_quote("acc", lines=[NewLine("chai", Decimal(10))])
    (first,) = revisions(anna)
    quotes.send(first)
    second = quotes.revise(quote_id)
    sync(anna, ben)
    made = order(ben, first)
    quotes.send(second)  # Anna knows nothing of the order yet
    sync(ben)
    (entry,) = refused(anna)
    number = anna.get("order", made)["number"]  # type: ignore[index]
    assert entry.reason == "sent_after_order"
    assert number in reason_words(entry.reason, "en", entry.detail)
    assert number in reason_words(entry.reason, "de", entry.detail)
    assert {i: anna.get("quote_revision", i)["status"] for i in (first, second)} == {  # type: ignore[index]
        first: "accepted", second: "draft"}  # fmt: skip
    # Her laptop knows now, and says so before anything is written.
    with pytest.raises(InvalidInput, match=number) as told:
        quotes.send(second)
    assert told.value.code == "ordered_already"
    with pytest.raises(InvalidInput, match=number) as told:
        ApprovalService(anna.store, anna.company.clock, anna.user_id).ask(second, "he insists")
    assert told.value.code == "ordered_already"
    # The office cancels the order: the draft may go out.
    ben.store.commit([update("order", made, {"status": "cancelled"})])
    sync(ben, anna)
    RefusalService(anna.store, anna.company.clock).drop(entry.id, "the order stood")
    quotes.send(second)
    assert refused(anna) == []
    assert anna.get("quote_revision", second)["status"] == "sent"  # type: ignore[index]


def test_an_ordered_quote_is_not_revised(people: Making) -> None:
    anna = people("anna", "rep")
    first, second = two_sent_revisions(anna)
    made = order(anna, first)
    quote_id = anna.get("order", made)["quote_id"]  # type: ignore[index]
    quotes = QuoteService(anna.store, anna.company.clock, anna.user_id)
    provisional = anna.get("order", made)["provisional_number"]  # type: ignore[index]
    with pytest.raises(InvalidInput, match=provisional) as told:
        quotes.revise(quote_id)
    assert told.value.code == "ordered_already"
    anna.store.commit([update("order", made, {"status": "cancelled"})])
    third = quotes.revise(quote_id)
    quotes.send(third)
    assert refused(anna) == []
    assert anna.get("quote_revision", second)["status"] == "superseded"  # type: ignore[index]
    assert anna.get("quote_revision", third)["status"] == "sent"  # type: ignore[index]


def cancel(person: Profile, order_id: str) -> None:
    OrderService(person.store, person.user_id).cancel(order_id)


def test_a_refused_revision_is_tried_again_once_the_order_is_cancelled(
    people: Making,
) -> None:
    anna, ben = people("anna", "rep"), people("ben", "rep")
    quotes = QuoteService(anna.store, anna.company.clock, anna.user_id)
    quote_id = quotes.new_quote("acc", lines=[NewLine("chai", Decimal(10))])
    (first,) = revisions(anna)
    quotes.send(first)
    second = quotes.revise(quote_id)
    sync(anna, ben)
    made = order(ben, first)
    quotes.send(second)
    sync(ben)
    (entry,) = refused(anna)
    assert entry.reason == "sent_after_order"
    retry = RefusalService(anna.store, anna.company.clock).retry
    assert RefusalService(anna.store, anna.company.clock).of_paper(second) == ""
    retry(entry.id)  # the order stands: refused again, and still to be decided
    (entry,) = refused(anna)
    cancel(ben, made)
    sync(ben, anna)
    service = RefusalService(anna.store, anna.company.clock)
    assert service.of_paper(second) == entry.id  # what "Send" on the quote sends then
    quotes.set_header(second, {"discount_percent": Decimal(5)})
    assert service.of_paper(second) == ""  # another paper by now
    quotes.set_header(second, {"discount_percent": Decimal(0)})
    retry(service.of_paper(second))
    assert refused(anna) == []
    sync(ben)
    for person in (anna, ben):
        states = {i: row["status"] for i in (first, second) if (row := person.get("quote_revision", i))}
        assert states == {first: "accepted", second: "sent"}


def test_who_may_cancel_an_order_and_until_when(people: Making) -> None:
    anna, ben, laura = people("anna", "rep"), people("ben", "rep"), people("laura", "inside_sales")
    _, second = two_sent_revisions(anna)
    made = order(anna, second)
    anna.store.commit([create("order", "imported", {"account_id": "acc", "status": "open"})])
    sync(anna, ben, laura)
    with pytest.raises(KnownError) as told:
        cancel(ben, made)  # a colleague's
    assert told.value.code == "may_not_cancel"
    ben.store.commit([update("order", made, {"status": "cancelled"})])  # a program that asks nobody
    (entry,) = refused(ben)
    assert entry.reason == "no_permission"
    with pytest.raises(KnownError):
        cancel(anna, "imported")  # of no quote: inside sales keeps it
    cancel(laura, "imported")
    cancel(anna, made)
    sync(anna, laura)
    for order_id in (made, "imported"):
        found = laura.get("order", order_id)
        assert found is not None
        assert found["status"] == "cancelled"
    # It holds again, is delivered, and a laptop that does not know comes too late.
    OrderService(laura.store, laura.user_id).reopen(made)
    sync(laura, anna)
    laura.store.commit([update("order", made, {"status": "delivered"})])
    sync(laura)
    cancel(anna, made)
    (entry,) = refused(anna)
    assert entry.reason == "order_delivered"
    number = laura.get("order", made)["number"]  # type: ignore[index]
    for language in ("en", "de"):
        assert number in reason_words(entry.reason, language, entry.detail)
    assert anna.get("order", made)["status"] == "delivered"  # type: ignore[index]
    with pytest.raises(InvalidInput) as late:
        cancel(anna, made)
    assert late.value.code == "order_delivered"


def test_an_order_is_taken_back_before_and_after_it_has_left(people: Making) -> None:
    anna = people("anna", "rep")
    first, second = two_sent_revisions(anna)
    sync(anna)
    outcomes = QuoteOutcomes(anna.store, anna.company.clock, anna.user_id)
    orders_of = OrderService(anna.store, anna.user_id)
    orders_of.take_back(outcomes.order(second))
    assert orders(anna) == []  # it never happened: the paper is open as it was
    assert anna.get("quote_revision", second)["status"] == "sent"  # type: ignore[index]
    made = outcomes.order(second)
    sync(anna)
    orders_of.take_back(made)
    assert anna.get("order", made.order_id)["status"] == "cancelled"  # type: ignore[index]
    again = outcomes.order(first)
    with pytest.raises(InvalidInput) as told:
        orders_of.reopen(made.order_id)
    assert told.value.code == "ordered_already"
    cancelled = orders_of.cancel(again.order_id)
    orders_of.take_back(cancelled)
    assert anna.get("order", again.order_id)["status"] == "open"  # type: ignore[index]
    assert refused(anna) == []
