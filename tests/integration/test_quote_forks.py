"""The same line of a draft changed on two laptops without a network: the second draft becomes a fork of its own."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crm_desktop.documents.quote_mail import compose_mail
from crm_desktop.documents.signed_quote import load_quote_document
from crm_desktop.errors import InvalidInput
from crm_desktop.ids import new_id
from crm_desktop.model.wire import Row
from crm_desktop.rules.forks import fork_id
from crm_desktop.rules.revisions import is_fork
from crm_desktop.services.conflicts import ConflictService
from crm_desktop.services.quote_outcome import QuoteOutcomes
from crm_desktop.services.quotes import NewLine
from crm_desktop.services.refusals import RefusalService
from crm_desktop.store.intents import create, patch
from tests.integration.in_process import Company, Profile
from tests.integration.people import Making, catalogue, people_of, quotes


@pytest.fixture
def people(company: Company, tmp_path: Path) -> Iterator[Making]:
    """Laptops of representatives of one territory, with a customer and two products."""
    catalogue(company, chai="18.00", tofu="23.25")
    with people_of(company, tmp_path) as make:
        yield make


def sync(*people: Profile) -> None:
    for person in people:
        report = person.sync()
        assert report.error is None, report.error
        assert not report.outcomes.get("quarantined"), report


def shared_draft(anna: Profile, ben: Profile) -> tuple[str, str]:
    """Quote and revision with one line of each product, seen by both."""
    quote_id = quotes(anna).new_quote("acc", lines=[NewLine("chai", Decimal(10)), NewLine("tofu", Decimal(1))])
    sync(anna, ben)
    return quote_id, revisions(anna, quote_id)[0]["id"]


def shared_paper(anna: Profile, ben: Profile) -> tuple[str, str]:
    """Quote and revision, sent by Anna and seen by both."""
    quote_id, revision = shared_draft(anna, ben)
    quotes(anna).send(revision)
    sync(anna, ben)
    return quote_id, revision


def revisions(person: Profile, quote_id: str) -> list[Row]:
    view = person.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    return view.revisions


def lines(person: Profile, revision_id: str) -> dict[str, tuple[str, str]]:
    """Quantity and total by product."""
    rows = person.store.read(lambda reader: reader.where("quote_line", revision_id=revision_id))
    return {row["product_id"]: (row["quantity"], row["line_total"]) for row in rows}


def line(person: Profile, revision_id: str, product: str) -> str:
    (row,) = person.store.read(lambda r: r.where("quote_line", revision_id=revision_id, product_id=product))
    return str(row["id"])


def test_the_second_draft_is_a_fork_and_neither_is_lost(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    chai, tofu = line(anna, revision, "chai"), line(anna, revision, "tofu")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30), Decimal(5))
    quotes(ben).change_line(tofu, Decimal(2))  # nobody else's: goes to the common draft
    quotes(ben).change_line(chai, Decimal(31))  # on his own: his last word in the fork
    sync(anna, ben, anna)
    for person in (anna, ben):
        current, fork = revisions(person, quote_id)
        assert (current["id"], fork["id"]) == (revision, fork_id(revision, ben.user_id))
        assert (is_fork(current), is_fork(fork)) == (False, True)
        assert (fork["revision"], fork["status"], fork["created_by"]) == (1, "draft", ben.user_id)
        assert lines(person, revision) == {"chai": ("20.000", "360.00"), "tofu": ("2.000", "46.50")}
        # 31 at 5 % off, and what stood beside it when the fork was made
        assert lines(person, fork["id"]) == {"chai": ("31.000", "530.10"), "tofu": ("1.000", "23.25")}
    # The ledger tells both values, and nobody is asked field by field.
    service = ConflictService(ben.store)
    assert service.open() == []
    kept = {
        row["field"]: row
        for row in ben.store.read(lambda reader: reader.where("conflict", rule="fork", record_id=chai))
    }
    assert {row["status"] for row in kept.values()} == {"settled"}
    assert json.loads(kept["quantity"]["mine"])["quantity"] == "31.000"
    assert json.loads(kept["quantity"]["theirs"])["quantity"] == "20.000"


def test_who_is_forked_calculates_his_own_draft_again_and_not_the_common_one(people: Making) -> None:
    """The common draft is as its author left it; the fork has her header and his line."""
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    quotes(anna).set_header(revision, {"discount_percent": Decimal(5)})
    quotes(ben).change_line(line(ben, revision, "chai"), Decimal(30))
    sync(anna, ben, anna)
    for person in (anna, ben):
        current, fork = revisions(person, quote_id)
        assert (current["id"], current["needs_review"]) == (revision, False)
        assert (fork["id"], fork["needs_review"]) == (fork_id(revision, ben.user_id), True)
    quotes(anna).send(revision)
    quotes(ben).review(fork["id"])
    sync(anna, ben)


def test_the_fork_is_what_goes_out_where_its_author_sends_it(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30))
    sync(anna, ben)
    fork = fork_id(revision, ben.user_id)
    quotes(ben).send(fork)
    sync(ben, anna)
    # What went out is the current one, and no two papers are called alike.
    assert [(row["id"], row["revision"]) for row in revisions(anna, quote_id)] == [(fork, 2), (revision, 1)]
    again = quotes(anna).revise(quote_id)
    assert lines(anna, again)["chai"] == ("30.000", "540.00")
    assert revisions(anna, quote_id)[0]["revision"] == 3
    made = QuoteOutcomes(ben.store, ben.company.clock, ben.user_id).order(fork).order_id
    sync(anna, ben, anna)
    assert anna.get("order", made) is not None


def test_a_fork_given_up_is_gone_and_the_next_is_decided_field_by_field(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30))
    sync(anna, ben, anna)
    fork = fork_id(revision, ben.user_id)
    quotes(anna).bring_back(quotes(anna).drop_fork(fork))
    assert lines(anna, fork)["chai"] == ("30.000", "540.00")  # at once: nothing has left yet
    given_up = quotes(anna).drop_fork(fork)
    sync(anna, ben)
    assert len(revisions(ben, quote_id)) == 1
    quotes(anna).bring_back(given_up)
    sync(anna, ben)
    assert lines(ben, fork)["chai"] == ("30.000", "540.00")
    quotes(anna).drop_fork(fork)
    sync(anna, ben)
    with pytest.raises(InvalidInput):
        quotes(anna).drop_fork(revision)
    for person in (anna, ben):
        assert [row["id"] for row in revisions(person, quote_id)] == [revision]
        assert lines(person, fork) == {}
    quotes(anna).change_line(chai, Decimal(40))
    quotes(ben).change_line(chai, Decimal(50))
    sync(anna, ben, anna)
    assert [row["id"] for row in revisions(ben, quote_id)] == [revision]
    assert {view.rule for view in ConflictService(ben.store).open()} == {"keep_server"}


@pytest.mark.parametrize("change", ["changed", "added"])
def test_a_fork_a_colleague_works_on_is_given_up_whole_or_not_at_all(people: Making, change: str) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30))
    sync(anna, ben, anna)
    fork = fork_id(revision, ben.user_id)
    before = lines(anna, fork)
    quotes(anna).drop_fork(fork)
    if change == "changed":
        quotes(ben).change_line(line(ben, fork, "chai"), Decimal(33))
    else:
        quotes(ben).add_line(fork, "tofu", Decimal(5))
    sync(ben)
    assert anna.sync().error is None  # what she did is refused, in one piece
    sync(ben)
    for person in (anna, ben):
        assert [row["id"] for row in revisions(person, quote_id)] == [revision, fork]
        found = person.store.read(lambda reader: reader.where("quote_line", revision_id=fork))
        assert len(found) == len(before) + (change == "added")
    (entry,) = RefusalService(anna.store, anna.company.clock).open()
    assert entry.reason == "state_changed"
    assert ConflictService(anna.store).open() == []
    RefusalService(anna.store, anna.company.clock).drop(entry.id, "he works on it")
    quotes(anna).drop_fork(fork)  # she knows of it now
    sync(anna, ben)
    for person in (anna, ben):
        assert [row["id"] for row in revisions(person, quote_id)] == [revision]
        assert person.store.read(lambda reader: reader.where("quote_line", revision_id=fork)) == []


def test_a_fork_that_others_worked_on_is_not_written_over(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    _, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30))
    sync(anna, ben, anna)
    fork = fork_id(revision, ben.user_id)
    quotes(anna).change_line(line(anna, fork, "chai"), Decimal(35))
    quotes(anna).change_line(chai, Decimal(21))
    quotes(ben).change_line(chai, Decimal(31))
    sync(anna, ben, anna)
    for person in (anna, ben):
        assert lines(person, fork)["chai"][0] == "35.000"
        assert lines(person, revision)["chai"] == ("21.000", "378.00")
    assert ConflictService(ben.store).open() != []


def test_who_knows_both_versions_is_asked_where_he_writes_on_the_common_one(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    _, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30))
    sync(anna, ben, anna)
    fork = fork_id(revision, ben.user_id)
    quotes(ben).change_line(line(ben, fork, "chai"), Decimal(33))
    sync(ben, anna)
    quotes(anna).change_line(chai, Decimal(21))
    quotes(ben).change_line(chai, Decimal(31))
    sync(anna, ben, anna)
    assert lines(anna, fork)["chai"][0] == "33.000"  # what he made of his version stays
    assert lines(anna, revision)["chai"][0] == "21.000"
    assert ConflictService(ben.store).open() != []


def test_equal_changes_and_different_lines_fork_nothing(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    chai, tofu = line(anna, revision, "chai"), line(anna, revision, "tofu")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(20))
    quotes(ben).change_line(tofu, Decimal(3))
    sync(anna, ben, anna)
    for _ in range(2):  # one's own change on one's own, answered but not pulled
        quotes(ben).change_line(tofu, Decimal(4))
        quotes(ben).change_line(tofu, Decimal(5), Decimal(2))
        sync(ben)
    sync(anna)
    assert [row["id"] for row in revisions(anna, quote_id)] == [revision]
    assert lines(anna, revision) == {"chai": ("20.000", "360.00"), "tofu": ("5.000", "113.95")}


def test_a_change_that_waited_for_the_other_laptop_is_still_a_draft_of_its_own(
    people: Making,
) -> None:
    """It is carried out in the very commit in which the other one's work on the same line arrives."""
    anna, ben = people("anna"), people("ben")
    quote_id, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    bussard = new_id()
    (territory,) = anna.store.read(lambda reader: reader.where("territory"))
    quotes(anna).change_line(chai, Decimal(20))
    anna.store.commit([create("account", bussard, {"name": "Bussard", "territory_id": territory["id"]})])
    # Ben works for a customer the server does not know: it was set back, and Anna sends it once more.
    mine = {"quantity": "30.000", "line_total": "540.00"}
    ben.store.commit([patch("quote_line", chai, mine), create("task", "t", {"subject": "Call", "account_id": bussard})])
    assert ben.sync().outcomes["quarantined"] == 2
    sync(anna, ben, anna)
    fork = fork_id(revision, ben.user_id)
    for person in (anna, ben):
        assert [row["id"] for row in revisions(person, quote_id)] == [revision, fork]
        assert lines(person, revision)["chai"][0] == "20.000"
        assert lines(person, fork)["chai"] == ("30.000", "540.00")
    assert ConflictService(ben.store).open() == []


@pytest.mark.parametrize("forked", [True, False])
def test_lines_of_a_header_that_does_not_stand_are_calculated_again(people: Making, forked: bool) -> None:
    """Prices of one currency do not go out under the header of another."""
    anna, ben = people("anna"), people("ben")
    company = anna.company
    company.write("price_list", "swiss", name="Swiss", currency="CHF", rounding="unit", valid_from="2025-01-01")
    for product in ("chai", "tofu"):
        company.write("price_item", price_list_id="swiss", product_id=product, price="40.00")
    sync(anna, ben)
    quote_id, revision = shared_draft(anna, ben)
    (before,) = revisions(ben, quote_id)
    other = "swiss" if before["price_list_id"] == "list" else "list"
    if forked:
        quotes(anna).set_header(revision, {"discount_percent": Decimal(5)})
    else:
        anna.store.commit([patch("quote_revision", revision, {"discount_percent": Decimal(5)})])
    quotes(ben).set_header(revision, {"price_list_id": other})
    mine = lines(ben, revision)
    sync(anna, ben, anna)
    apart = fork_id(revision, ben.user_id) if forked else revision
    found = {row["id"]: row for row in revisions(anna, quote_id)}
    assert lines(anna, apart) == mine
    assert {row["currency"] for row in found.values()} == {before["currency"]}
    assert [i for i, row in found.items() if row["needs_review"]] == [apart]
    with pytest.raises(InvalidInput):
        quotes(ben).send(apart)


@pytest.mark.parametrize("both", [True, False])
def test_a_paper_goes_out_with_the_optional_line_its_author_saw(people: Making, both: bool) -> None:
    """What is offered beside the total is promised too."""
    anna, ben = people("anna"), people("ben")
    quote_id = quotes(anna).new_quote(
        "acc", lines=[NewLine("chai", Decimal(10)), NewLine("tofu", Decimal(1), optional=True)]
    )
    sync(anna, ben)
    revision = revisions(anna, quote_id)[0]["id"]
    tofu = line(anna, revision, "tofu")
    quotes(anna).change_line(tofu, Decimal(2))
    if both:
        quotes(ben).change_line(tofu, Decimal(3))
    quotes(ben).send(revision)
    sync(anna)
    assert ben.sync().error is None
    assert [view.reason for view in RefusalService(ben.store, ben.company.clock).open()] == ["total_differs"]
    assert lines(ben, revision)["tofu"][0] == "2.000"
    assert {row["status"] for row in revisions(ben, quote_id)} == {"draft"}
    quotes(ben).review(revision)  # he knows it now
    quotes(ben).send(revision)
    sync(ben, anna)
    assert {row["status"] for row in revisions(anna, quote_id) if row["id"] == revision} == {"sent"}


@pytest.mark.parametrize("way", ["forks of one draft", "revisions of one paper"])
def test_papers_two_people_sent_without_a_network_are_called_differently_for_ever(people: Making, way: str) -> None:
    anna, ben, carl = people("anna"), people("ben"), people("carl")
    quote_id, revision = shared_draft(anna, ben)
    chai = line(anna, revision, "chai")
    if way == "forks of one draft":
        sync(carl)
        for person, quantity in ((anna, 20), (ben, 30), (carl, 40)):
            quotes(person).change_line(chai, Decimal(quantity))
        sync(anna, ben, carl, ben)
        mine = {person.user_id: fork_id(revision, person.user_id) for person in (ben, carl)}
    else:
        quotes(anna).send(revision)
        sync(anna, ben, carl)
        mine = {person.user_id: quotes(person).revise(quote_id) for person in (ben, carl)}
    said = {}
    for person in (ben, carl):
        quotes(person).send(mine[person.user_id])
        said[mine[person.user_id]] = paper(person, mine[person.user_id])
    assert list(said.values()) == ["2 (ben)", "2 (carl)"]
    for person in (ben, carl, ben, anna):  # that the older paper was replaced twice is asked about
        assert person.sync().error is None
    for person in (anna, ben, carl):  # what is in the customer's hands is called so here
        assert {i: paper(person, i) for i in mine.values()} == said
    assert paper(anna, revision) == "1"


def test_a_paper_names_the_colleagues_paper_it_replaces_as_that_was_called(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, _ = shared_paper(anna, ben)
    quotes(ben).send(quotes(ben).revise(quote_id))
    sync(ben, anna)
    last = load_quote_document(anna.store, quotes(anna).revise(quote_id), "en", anna.company.clock.now())
    assert last.replaces is not None
    assert (last.called, last.replaces.called) == ("3", "2 (ben)")


def paper(person: Profile, revision_id: str) -> str:
    """How the paper calls its revision."""
    document = load_quote_document(person.store, revision_id, "en", person.company.clock.now())
    assert document.file_name == f"{document.number}-{document.called}"
    assert f"revision {document.called}" in compose_mail(person.store, revision_id, "en", document.made_at).subject
    return document.called


def test_two_papers_that_replace_one_both_stand(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, first = shared_paper(anna, ben)
    sent = []
    for person in (anna, ben):  # each without a network
        draft = quotes(person).revise(quote_id)
        quotes(person).send(draft)
        sent.append(draft)
    sync(anna, ben, anna)
    for person in (anna, ben):
        states = {row["id"]: row["status"] for row in revisions(person, quote_id)}
        assert states == {first: "superseded", sent[0]: "sent", sent[1]: "sent"}
        assert RefusalService(person.store, person.company.clock).open() == []


def test_a_paper_goes_out_though_the_one_it_replaces_was_lost_meanwhile(people: Making) -> None:
    anna, ben = people("anna"), people("ben")
    quote_id, first = shared_paper(anna, ben)
    QuoteOutcomes(anna.store, anna.company.clock, anna.user_id).lose(first, "budget")
    late = quotes(ben).revise(quote_id)
    quotes(ben).send(late)
    sync(anna, ben, anna)
    for person in (anna, ben):
        assert {row["id"]: row["status"] for row in revisions(person, quote_id)} == {first: "lost", late: "sent"}
