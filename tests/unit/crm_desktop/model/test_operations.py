"""Transactions on the wire: what is sent is what is understood."""

from crm_desktop.model.operations import FieldChange, Patch, Text, Transaction, Transition


def transaction() -> Transaction:
    patch = Patch(
        op_id="1", e="account", id="r", set={"owner_id": FieldChange(base_ver=3, old=None, new="u")}, base_epoch="e"
    )
    text = Text(op_id="2", e="account", id="r", f="notes", base_sha="x", text="new", base="old")
    sent = Transition.model_validate(
        {"op_id": "3", "e": "quote_revision", "id": "q", "from": "draft", "to": "sent", "expected_total": "1.00"}
    )
    return Transaction(txn_id="t", client_seq=1, seen_cursor=3, at="2026-11-22T10:00:00.000Z", ops=[patch, text, sent])


def test_an_unknown_value_survives_the_wire() -> None:
    back = Transaction.model_validate(transaction().wire())
    assert isinstance(back.ops[0], Patch)
    assert back.ops[0].set["owner_id"].old is None


def test_the_base_of_a_text_stays_at_home() -> None:
    assert "base" not in transaction().wire()["ops"][1]


def test_a_transition_travels_under_its_short_names() -> None:
    assert transaction().wire()["ops"][2]["from"] == "draft"
