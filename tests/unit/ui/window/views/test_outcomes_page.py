"""Won and lost on a real store: sums, reasons and competitors of a period, by keys, and the way to each record."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import ME, FixedClock, TestShell, press, receive, shots
from ui.presenters.outcomes import load_outcomes, span
from ui.window.models.outcome_rows import COLUMNS
from ui.window.views.outcomes_page import OutcomesPage


def sent_quote(shell: TestShell, account: str, quantity: int) -> str:
    """A sent revision of a quote over Chai, and one line beside the total."""
    lines = [NewLine("p-chai", Decimal(quantity)), NewLine("p-sirop", Decimal(9), optional=True)]
    quote_id = shell.app.quotes.new_quote(account, lines=lines)
    (revision,) = shell.app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote_id))
    shell.app.quotes.send(revision["id"])
    return str(revision["id"])


def net(shell: TestShell, revision_id: str) -> Decimal:
    return shell.app.quotes.totals(revision_id).net


@pytest.fixture
def decided(shell: TestShell) -> dict[str, Decimal]:
    """One quote won, three lost, one open; an opportunity lost, one of another year, one that a quote tells of."""
    won, open_one = sent_quote(shell, "acc-1", 60), sent_quote(shell, "acc-1", 3)
    shell.app.outcomes.order(won)
    lost = [sent_quote(shell, account, count) for account, count in (("acc-2", 10), ("acc-3", 200), ("acc-2", 5))]
    outcomes = shell.app.outcomes
    outcomes.lose(lost[0], "price", competitor="Biotrend", price_gap_percent=Decimal("6.5"))
    outcomes.lose(lost[1], "price", competitor="Grossmarkt")
    outcomes.lose(lost[2], "budget")
    opportunity: dict[str, Any] = {"account_id": "acc-3", "owner_id": ME, "stage": "lost", "lost_reason": "price",
                                   "competitor": "Biotrend", "amount": "1000", "currency": "EUR"}  # fmt: skip
    quote = shell.app.store.read(lambda reader: reader.where("quote"))[0]
    receive(
        shell.app.store,
        {"opportunity": [
            {"id": "opp-1", "name": "Fair stock", "closes_on": "2026-10-05"} | opportunity,
            {"id": "opp-2", "name": "Old", "closes_on": "2025-10-05"} | opportunity,
            {"id": "opp-3", "name": "Told by its quote", "closes_on": "2026-10-06"} | opportunity,
        ]},
    )  # fmt: skip
    shell.app.records.update("quote", quote["id"], {"opportunity_id": "opp-3"})
    sums = {name: net(shell, revision) for name, revision in zip("abc", lost, strict=True)}
    return sums | {"won": net(shell, won), "open": net(shell, open_one)}


def opened(shell: TestShell) -> OutcomesPage:
    page = OutcomesPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    return page


def said(widget: QWidget) -> str:
    return "\n".join(label.accessibleName() for label in widget.findChildren(QLabel) if label.isVisible())


def cells(page: OutcomesPage, name: int) -> list[str]:
    return [str(page.model.data(page.model.index(row, name))) for row in range(page.model.rowCount())]


def test_the_figures_are_those_of_the_quotes(shell: TestShell, decided: dict[str, Decimal]) -> None:
    page = opened(shell)
    found = page.found
    assert found is not None
    lost = decided["a"] + decided["b"] + decided["c"] + 1000
    assert sum(one.amount or 0 for one in found.lost) == lost
    assert [(one.entity, one.amount) for one in found.won] == [("quote", decided["won"])]
    assert (found.rate, found.open_count) == (20, 1)
    text = said(page)
    assert f"€{lost:,.2f}" in text
    assert f"€{decided['won']:,.2f}" in text
    assert "20\xa0%" in text
    assert [(group.key, group.count) for group in found.reasons] == [("price", 3), ("budget", 1)]
    assert {group.key: group.sums[0][1] for group in found.competitors} == {
        "Biotrend": decided["a"] + 1000, "Grossmarkt": decided["b"],
    }  # fmt: skip
    assert "6.5\xa0%" in cells(page, 6)
    shots(shell, "outcomes")


def test_a_sale_of_millions_is_read_whole(shell: TestShell) -> None:
    sale = {"id": "opp-9", "name": "Plant", "account_id": "acc-1", "owner_id": ME, "stage": "lost", "currency": "EUR"}
    receive(shell.app.store, {"opportunity": [sale | {"amount": "1234567890.12", "closed_on": "2026-11-02"}]})
    page = opened(shell)
    amount = COLUMNS.index("amount")
    assert cells(page, amount) == ["€1,234,567,890.12"]
    assert page.table.columnWidth(amount) >= page.table.sizeHintForColumn(amount)


def test_pills_and_keys_lead_through_it(shell: TestShell, decided: dict[str, Decimal]) -> None:
    page = opened(shell)
    assert page.table.hasFocus()
    at = next(row for row in range(page.model.rowCount()) if cells(page, 0)[row] == "Fair stock")
    page.table.setCurrentIndex(page.model.index(at, 0))
    press(page.table, Qt.Key.Key_Return)
    assert shell.visited[-1] == ("record", {"entity": "opportunity", "record_id": "opp-1"})
    pills = list(page.which._pills.values())
    pills[0].setFocus()
    press(pills[0], Qt.Key.Key_Right)
    assert page.model.rowCount() == 1
    assert page.table.isColumnHidden(4)
    press(page.table, Qt.Key.Key_Return)
    assert [name for name, _ in shell.visited] == ["record", "quote"]
    period = page.period._pills["quarter"]
    period.setFocus()
    for _ in range(3):
        press(shell.focusWidget() or period, Qt.Key.Key_Right)
    shell.settle()
    assert page.period.value() == "last_year"
    assert page.found is not None
    assert [one.title for one in page.found.lost] == ["Old"]
    assert page.empty.isVisible()  # nothing was won then
    shots(shell, "outcomes-empty")


def test_a_loss_shows_at_once(shell: TestShell) -> None:
    revision = sent_quote(shell, "acc-1", 7)
    page = opened(shell)
    assert page.empty.isVisible()
    assert page.empty.buttons[0].hasFocus()
    press(page.empty.buttons[0], Qt.Key.Key_Space)
    shell.settle()
    assert page.period.value() == "year"
    shell.app.outcomes.lose(revision, "delivery", competitor="Biotrend")
    shell.settle()
    assert page.model.rowCount() == 1


def test_a_sale_counts_on_the_day_it_was_closed(shell: TestShell) -> None:
    revision, won = sent_quote(shell, "acc-1", 7), sent_quote(shell, "acc-1", 8)
    clock = shell.app.clock
    assert isinstance(clock, FixedClock)
    clock.move(timedelta(days=50))  # another quarter, and another year
    shell.app.outcomes.lose(revision, "budget")
    shell.app.quotes.close(won, "accepted")
    today = clock.now().astimezone().date()

    def counted(period: str) -> tuple[int, int, int]:
        found = shell.app.store.read(lambda reader: load_outcomes(reader, *span(period, today)))
        return len(found.won), len(found.lost), found.open_count

    assert (counted("quarter"), counted("last_quarter")) == ((1, 1, 0), (0, 0, 0))


@pytest.mark.parametrize(
    ("period", "day", "expected"),
    [
        ("quarter", "2026-11-19", ("2026-10-01", "2026-12-31")),
        ("quarter", "2026-01-01", ("2026-01-01", "2026-03-31")),
        ("last_quarter", "2026-02-28", ("2025-10-01", "2025-12-31")),
        ("last_quarter", "2026-11-19", ("2026-07-01", "2026-09-30")),
        ("year", "2026-11-19", ("2026-01-01", "2026-12-31")),
        ("last_year", "2026-11-19", ("2025-01-01", "2025-12-31")),
    ],
    ids=["autumn", "new year", "over new year", "summer", "year", "last year"],
)
def test_periods_follow_the_calendar(period: str, day: str, expected: tuple[str, str]) -> None:
    first, last = span(period, date.fromisoformat(day))
    assert (first.isoformat(), last.isoformat()) == expected


def test_what_is_not_in_the_period_is_not_counted(shell: TestShell, decided: dict[str, Decimal]) -> None:
    found = shell.app.store.read(lambda reader: load_outcomes(reader, date(2026, 11, 20), date(2026, 12, 31)))
    assert (found.won, found.lost, found.open_count, found.rate) == ((), (), 0, None)
