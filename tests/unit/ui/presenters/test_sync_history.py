"""Runs from logged reports."""

from decimal import Decimal

from ui.presenters.sync_history import run_of


def test_a_run_in_figures() -> None:
    run = run_of(
        {
            "started_at": "2026-11-19T07:41:00.000Z", "ended_at": "2026-11-19T07:41:01.400Z", "pushed": 3,
            "pulled": 128, "deleted": 1, "evicted": 2, "conflicts": 1, "bytes_out": 1024, "bytes_in": 512,
            "error_code": None, "digest_ok": 1,
        }
    )  # fmt: skip
    assert (run.sent, run.received, run.gone, run.seconds, run.kilobytes) == (3, 128, 3, Decimal("1.4"), Decimal("1.5"))
    assert run.verified is True
    assert run.reason == ""


def test_an_error_has_a_word_and_an_unknown_one_too() -> None:
    assert run_of({"error_code": "offline"}).reason == "offline"
    assert run_of({"error_code": "device_revoked"}).reason == "device"
    assert run_of({"error_code": "never_heard_of"}).reason == "other"
    assert run_of({}).verified is None
