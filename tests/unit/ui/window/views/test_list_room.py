"""Where a list has too little room names stay whole and the column that matters least goes."""

from datetime import UTC, datetime

import pytest

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, receive, shots
from ui.window import i18n
from ui.window.delegates import CELL_ROLE, TOOLTIP_ROLE
from ui.window.delegates.roles import Cell
from ui.window.theme import metrics
from ui.window.views.list_pages import CasesPage, LeadsPage, QuotesPage
from ui.window.views.record_list_page import RecordListPage

_PADDINGS = {0: 32}


def filled(shell: TestShell) -> None:
    at = datetime(2026, 11, 18, 8, 0, tzinfo=UTC).isoformat()
    leads = [
        ("Annegret Wiesenthal-Hohenstein", "annegret.wiesenthal@feinkost-nord.example", "+49 40 1234567"),
        ("Jan Kurz", "jan@kurz.example", "0171 5556667"),
    ]
    cases = [("Torn wrapping on two pallets", "acc-3"), ("Wrong invoice", "acc-1")]
    receive(
        shell.app.store,
        {
            "account": [{"id": "acc-3", "name": "Kaffeehaus Müller & Sohn OHG", "owner_id": ME}],
            "lead": [
                {"id": f"l-{n}", "name": name, "email": email, "phone": phone, "source": "Anuga 2026, booth 12",
                 "company": "Feinkost Nord GmbH", "status": "disqualified", "created_at": at}
                for n, (name, email, phone) in enumerate(leads)
            ],
            "case": [
                {"id": f"c-{n}", "account_id": account, "subject": subject, "kind": "complaint", "priority": "high",
                 "status": "in_progress", "due_on": "2026-11-27", "owner_id": LAURA}
                for n, (subject, account) in enumerate(cases)
            ],
        },
    )  # fmt: skip


def shown(page: RecordListPage) -> list[str]:
    return [item.key for at, item in enumerate(page.columns) if not page.table.isColumnHidden(at)]


def whole(page: RecordListPage, key: str) -> bool:
    """Whether a column shows its words unshortened in every row."""
    at = next(n for n, item in enumerate(page.columns) if item.key == key)
    room = page.table.columnWidth(at) - _PADDINGS.get(at, 16)
    cells = [page.model.index(row, at).data(CELL_ROLE) for row in range(page.model.rowCount())]
    texts = [cell for cell in cells if isinstance(cell, Cell)]
    assert len(texts) == page.model.rowCount()
    return all(metrics(cell.size, cell.weight).horizontalAdvance(cell.text or "") <= room for cell in texts)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("width", "preview"), [(1440, True), (1440, False), (960, False)])
@pytest.mark.parametrize(
    ("kind", "names", "least"), [(LeadsPage, ["title"], "source"), (CasesPage, ["title", "account_id"], "owner_id")]
)
def test_names_are_whole_and_what_matters_least_goes_first(
    shell: TestShell,
    kind: type[RecordListPage],
    names: list[str],
    least: str,
    width: int,
    preview: bool,
    language: i18n.Language,
) -> None:
    i18n.set_language(language)
    filled(shell)
    shell.resize_to(width, 700)
    page = kind(shell)
    shell.put(page)
    page.open()
    shell.settle()
    if page.body.preview.isHidden() == preview:
        page.body.toggle_preview()
    shell.settle()
    seen = shown(page)
    for key in names:
        assert whole(page, key), key
    hidden = [item for item in page.columns if item.key not in seen]
    if hidden:
        assert least in [item.key for item in hidden]
        assert min(item.yields for item in hidden) >= max(
            item.yields for item in page.columns[1:-1] if item.key in seen
        )
    assert "state" in seen
    assert "status" in seen
    assert sum(page.table.columnWidth(at) for at in range(len(page.columns))) == page.table.viewport().width()
    email = page.model.index(0, 1).data(TOOLTIP_ROLE)
    assert email, "what is shortened is said whole by its tooltip"
    if preview and language == "en":
        shots(shell, f"room-{page.name}")


def test_days_of_another_year_are_whole_beside_the_preview(shell: TestShell) -> None:
    account = {"account_id": "acc-1", "owner_id": ME}
    receive(shell.app.store, {
        "account": [{"id": "acc-1", "name": "Kaffeehaus Müller & Sohn OHG", "owner_id": ME}],
        "quote": [{"id": f"q-{n}", "number": f"GEN-09999{n}", **account} for n in range(2)],
        "quote_revision": [{"id": f"r-{n}", "quote_id": f"q-{n}", "revision": 1, "status": "sent", "currency": "EUR",
                            "valid_until": f"2025-03-2{n + 7}"} for n in range(2)],
        "quote_line": [{"id": f"n-{n}", "quote_id": f"q-{n}", "revision_id": f"r-{n}", "line_total": "4232882.82"}
                       for n in range(2)],
    })  # fmt: skip
    page = QuotesPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    assert not page.body.preview.isHidden()
    assert whole(page, "valid_until")
