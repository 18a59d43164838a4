"""Which change of a line splits a draft, what is kept of it, and which revision of a quote is the current one."""

from typing import Any

import pytest

from crm_desktop.model.operations import FieldChange, Operation, Outcome, Patch
from crm_desktop.model.wire import default_row
from crm_desktop.rules.forks import fork_header, fork_id, fork_line, fork_line_id, split
from crm_desktop.rules.merge import merge
from crm_desktop.rules.merged import Context, RecordState
from crm_desktop.rules.named_ids import is_named, named_id
from crm_desktop.rules.revisions import current_last, is_fork

CONTEXT = Context(epoch="e", commit_seq=9, at="2026-05-01T10:00:00.000Z", received_at="2026-05-01T10:00:01.000Z")
BASE = {"quantity": "10.000", "net_price": "18.00000000", "line_total": "180.00", "optional": False, "position": "1"}
PRICE = ("list_price", "discount_percent", "net_price", "ladder", "line_total")


def theirs(*names: str, **changed: Any) -> RecordState:
    """The line as somebody else left it in commit 8; `names` are the fields he wrote."""
    row = default_row("quote_line") | {"revision_id": "r"} | BASE | changed
    return RecordState(row, dict.fromkeys(names or changed, 8), 8)


def mine(entity: str = "quote_line", **changed: Any) -> Operation:
    """A change made on commit 7."""
    made = {
        name: FieldChange(base_ver=7, old=(default_row("quote_line") | {"revision_id": "r"} | BASE)[name], new=value)
        for name, value in changed.items()
    }
    return Patch(op_id="o", e=entity, id="line", base_epoch="e", set=made)


@pytest.mark.parametrize(
    ("standing", "op", "kept"),
    [
        (theirs(quantity="20.000"), mine(quantity="30.000"), {"quantity": "30.000"}),
        # Price and quantity belong together: the whole change goes to the fork, also what nobody else touched.
        (
            theirs(quantity="20.000"),
            mine(quantity="30.000", net_price="17.00000000", line_total="510.00"),
            {"quantity": "30.000", "net_price": "17.00000000", "line_total": "510.00"},
        ),
        (theirs(*PRICE, net_price="16.00000000"), mine(line_total="170.00"), {"line_total": "170.00"}),
        (theirs(optional=True, quantity="20.000"), mine(optional=True, quantity="11.000"), {"quantity": "11.000"}),
        (theirs(quantity="20.000"), mine(quantity="20.000"), None),  # both wanted the same
        (theirs(quantity="20.000"), mine(position="3"), None),  # another field
        (theirs(position="2"), mine(position="3"), None),  # the place costs nothing: decided as ever
        (theirs(quantity="20.000"), mine(quantity="30.000", revision_id="other"), None),  # moved elsewhere
        (theirs("unit", quantity="10.000"), mine(quantity="30.000"), None),  # nobody changed the quantity
    ],
)
def test_what_splits_a_draft(standing: RecordState, op: Operation, kept: dict[str, Any] | None) -> None:
    merged = merge("quote_line", standing, op, CONTEXT)
    forked = split(standing, op, merged)
    if kept is None:
        assert forked is None
        return
    assert forked is not None
    assert (forked.state, forked.changed, forked.outcome) == (standing, False, Outcome.CONFLICT)
    (entry,) = forked.conflicts
    assert (entry.mine, entry.rule, entry.settled, entry.mine_stands) == (kept, "fork", True, False)
    assert entry.theirs == {name: standing.row[name] for name in kept}
    assert entry.fields[0] == entry.field
    assert set(entry.before) == set(kept)


def test_the_same_conflict_of_an_order_line_is_decided_as_ever() -> None:
    state = RecordState(default_row("order_line") | {"quantity": "20.000"}, {"quantity": 8}, 8)
    op = mine("order_line", quantity="30.000")
    assert split(state, op, merge("order_line", state, op, CONTEXT)) is None


def test_a_fork_is_a_plain_draft_with_the_lines_of_its_author() -> None:
    revision = default_row("quote_revision") | {
        "quote_id": "q", "revision": 3, "status": "draft", "intro": "Dear", "requested_by": "anna", "signed_by": "x",
        "decision_note": "no", "needs_review": True,
    }  # fmt: skip
    head = fork_header(revision)
    assert (head["quote_id"], head["revision"], head["intro"], head["needs_review"]) == ("q", 3, "Dear", True)
    assert not {"requested_by", "signed_by", "decision_note", "status"} & head.keys()
    copy = fork_line(BASE | {"revision_id": "r"}, "f", {"quantity": "30.000"})
    assert (copy["revision_id"], copy["quantity"], copy["net_price"]) == ("f", "30.000", "18.00000000")


def test_ids_follow_from_revision_and_author() -> None:
    assert fork_id("r", "ben") == fork_id("r", "ben")
    different = {fork_id("r", "ben"), fork_id("r", "anna"), fork_id("s", "ben"), fork_line_id(fork_id("r", "ben"), "l")}
    assert len(different) == 4
    assert all(is_named(found) and len(found) == 36 for found in different)
    assert named_id("order of 1") == "acf949ca-8028-85ef-8015-0d2876246411"  # orders are called so since they exist


def test_of_one_number_the_one_that_is_no_fork_is_current() -> None:
    fork, first, second = (
        fork_id("r", "ben"),
        "01a2038c-0000-7000-8000-000000000000",
        "01a2038d-0000-7000-8000-000000000000",
    )
    rows: list[dict[str, Any]] = [{"id": fork, "revision": 1}, {"id": first, "revision": 1}]
    assert max(rows, key=current_last)["id"] == first
    assert [is_fork(row) for row in rows] == [True, False]
    assert max([*rows, {"id": fork, "revision": 2}], key=current_last)["revision"] == 2
    assert max([*rows, {"id": second, "revision": None}], key=current_last)["id"] == first
