"""Won and lost of thousands: as many questions to the store for many sales as for few."""

from datetime import UTC, date, datetime
from pathlib import Path

from crm_desktop.store.reader import Reader
from tests.unit.ui.window.shell_for_tests import open_app, receive
from ui.presenters.outcomes import load_outcomes

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
DAY = {"closed_on": "2026-11-02"}


def test_more_sales_ask_no_more_questions(tmp_path: Path) -> None:
    app = open_app(tmp_path / "profile", datetime(2026, 11, 19, 9, 4, tzinfo=UTC))

    def questions() -> tuple[int, int, int]:
        asked: list[str] = []

        def read(reader: Reader) -> tuple[int, int]:
            reader._connection.set_trace_callback(asked.append)
            found = load_outcomes(reader, FIRST, LAST)
            reader._connection.set_trace_callback(None)
            return len(found.won), len(found.lost)

        return *app.store.read(read), len(asked)

    def sales(numbers: range) -> None:
        receive(app.store, {
            "account": [{"id": f"acc-{n}", "name": f"Firm {n}"} for n in numbers],
            "opportunity": [{"id": f"opp-{n}", "account_id": f"acc-{n}", "stage": "lost"} | DAY for n in numbers],
            "quote": [{"id": f"quo-{n}", "number": f"Q{n}", "account_id": f"acc-{n}"} | DAY for n in numbers],
            "quote_revision": [{"id": f"rev-{n}", "quote_id": f"quo-{n}", "revision": 1, "status": "accepted",
                                "sent_at": "2026-11-02T09:00:00.000Z"} for n in numbers],
            "quote_line": [{"id": f"line-{n}", "quote_id": f"quo-{n}", "revision_id": f"rev-{n}", "line_total": "7"}
                           for n in numbers],
        })  # fmt: skip

    sales(range(3))
    few = questions()
    sales(range(3, 40))
    many = questions()
    app.close()
    assert (few[:2], many[:2]) == ((3, 3), (40, 40))
    assert many[2] == few[2]
