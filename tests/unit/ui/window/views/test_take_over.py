"""A colleague's quotes become one's own: by keyboard in the list, on the command line, and back."""

from typing import Any

import pytest
from PySide6.QtCore import Qt

from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots
from ui.cli.output import Output
from ui.cli.parser import build
from ui.window.views.list_pages import QuotesPage

Key = Qt.Key


@pytest.fixture
def page(shell: TestShell) -> QuotesPage:
    receive(
        shell.app.store,
        {
            "quote": [
                {"id": f"q-{at}", "number": f"L-{at}", "account_id": "acc-1", "owner_id": owner}
                for at, owner in enumerate((LAURA, LAURA, ME))
            ],
            "quote_revision": [
                {"id": f"r-{at}", "quote_id": f"q-{at}", "revision": 1, "status": "sent"} for at in range(3)
            ],
        },
    )
    made = QuotesPage(shell)
    shell.put(made)
    made.open()
    shell.settle()
    return made


def owners(shell: TestShell) -> dict[str, Any]:
    return shell.app.store.read(lambda reader: {row["id"]: row["owner_id"] for row in reader.where("quote")})


def test_chosen_quotes_in_one_step_and_back(shell: TestShell, page: QuotesPage) -> None:
    before = len(shell.app.store.read(lambda reader: reader.outbox()))
    for _ in range(2):
        press(page.table, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    shots(shell, "quotes-take-over")
    press(page.table, Key.Key_T)
    shell.settle()
    assert set(owners(shell).values()) == {ME}
    assert len(shell.app.store.read(lambda reader: reader.outbox())) == before + 1, "one transaction"
    assert shell.toasts == ["2 quotes are yours now"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert owners(shell) == {"q-0": LAURA, "q-1": LAURA, "q-2": ME}


def test_what_is_mine_already_says_so(shell: TestShell, page: QuotesPage) -> None:
    press(page.table, Key.Key_Home)
    assert page.body.current_id() == "q-2"
    page.take_button.click()
    shell.settle()
    assert shell.toasts == ["These quotes are yours already"]


def test_an_empty_list_asks_to_choose_first(shell: TestShell) -> None:
    page = QuotesPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    page.table.clearSelection()
    page.take_button.click()
    shell.settle()
    assert shell.toasts == ["Nothing taken: choose the quotes first"]


@pytest.mark.parametrize(
    ("words", "language", "told"),
    [
        (["--of", ME], "en", "Nothing taken: yours already."),
        (["L-2"], "de", "Nichts übernommen: Es gehört Ihnen schon."),
        (["--of", "sven"], "en", "Nothing taken: Sven Falk has no quotes on this laptop."),
    ],
)
def test_the_command_line_says_why_nothing_is_taken(
    shell: TestShell, page: QuotesPage, capsys: pytest.CaptureFixture[str], words: list[str], language: str, told: str
) -> None:
    receive(shell.app.store, {"user": [{"id": "sven", "name": "Sven Falk", "login": "sven", "role": "rep"}]})
    arguments = build().parse_args(["take-over", *words])
    assert arguments.run(shell.app, arguments, Output(False, language)) == 0
    assert capsys.readouterr().out.strip() == told


def test_all_of_a_colleague_on_the_command_line(shell: TestShell, page: QuotesPage) -> None:
    arguments = build().parse_args(["take-over", "--of", LAURA])
    assert arguments.run(shell.app, arguments, Output(True, "en")) == 0
    assert set(owners(shell).values()) == {ME}
