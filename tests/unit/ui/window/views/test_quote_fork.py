"""A draft that two people changed at once: both versions are told apart, opened, given up and brought back by hand."""

from decimal import Decimal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from crm_desktop.rules.forks import fork_id
from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import LAURA, ME, TestShell, press, receive, shots
from ui.window.views.quote_page import QuotePage

Key = Qt.Key


def said(shell: TestShell) -> str:
    shown = [label.accessibleName() or label.text() for label in shell.findChildren(QLabel) if label.isVisible()]
    return " ".join(" ".join(shown).split())


def forked(shell: TestShell) -> tuple[str, str, str]:
    """Quote, revision, and the fork that Laura's work came to on the server."""
    receive(shell.app.store, {"user": [{"id": LAURA, "name": "Laura Callahan", "role": "inside_sales"}]})
    quote_id = shell.app.quotes.new_quote("acc-1", "con-1", lines=[NewLine("p-chai", Decimal(60))])
    view = shell.app.store.read(lambda reader: reader.quote(quote_id))
    assert view is not None
    assert view.revision is not None
    revision = view.revision["id"]
    fork = fork_id(revision, LAURA)
    left_out = ("id", "status", "created_at", "created_by")
    head = {name: value for name, value in view.revision.items() if name not in left_out and value not in (None, "")}
    line = {name: value for name, value in view.lines[0].items() if name not in left_out and value is not None}
    twice = Decimal(line["line_total"]) * 2
    copy = line | {"id": "copy", "revision_id": fork, "quantity": "120.000", "line_total": f"{twice}"}
    receive(shell.app.store, {"quote_revision": [head | {"id": fork, "created_by": LAURA}], "quote_line": [copy]})
    return quote_id, revision, fork


def opened(shell: TestShell, quote_id: str, revision_id: str = "") -> QuotePage:
    page = QuotePage(shell)
    shell.put(page)
    page.open(quote_id=quote_id, revision_id=revision_id)
    shell.settle()
    return page


def test_the_first_version_stays_the_current_one_and_names_the_other(shell: TestShell) -> None:
    quote_id, revision, fork = forked(shell)
    page = opened(shell, quote_id)
    assert page.editor.revision_id == revision
    assert "Laura Callahan changed the same lines without seeing this version" in said(shell)
    assert page.header.revision.text() == "Revision 1"
    shots(shell, "quote-forked")
    (button,) = page.warning.banner.buttons
    assert button.text() == "Open Revision 1 (Laura Callahan)"
    press(button, Key.Key_Space)
    assert shell.visited[-1] == ("quote", {"quote_id": quote_id, "revision_id": fork})


def test_a_version_is_given_up_and_brought_back(shell: TestShell) -> None:
    quote_id, revision, fork = forked(shell)
    page = opened(shell, quote_id, fork)
    assert page.editor.revision_id == fork
    assert page.header.revision.text() == "Revision 1 (Laura Callahan)"
    assert "The version of Laura Callahan: somebody else changed the same lines first" in said(shell)
    assert "Revision 1 stays the current one" in said(shell)
    shots(shell, "quote-fork")
    press(page.warning.banner.buttons[1], Key.Key_Space)
    shell.settle()
    assert shell.errors == []
    assert page.editor.revision_id == revision
    assert "Laura Callahan" not in page.warning.banner.accessibleName()
    assert shell.app.store.read(lambda reader: reader.where("quote_line", revision_id=fork)) == []
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert shell.errors == []
    assert shell.visited[-1] == ("quote", {"quote_id": quote_id, "revision_id": fork})
    assert len(shell.app.store.read(lambda reader: reader.where("quote_line", revision_id=fork))) == 1


def test_a_version_that_is_sent_takes_a_number_of_its_own(shell: TestShell) -> None:
    receive(shell.app.store, {"user": [{"id": ME, "name": "Anne Dodsworth", "role": "admin"}]})
    quote_id, revision, fork = forked(shell)
    page = opened(shell, quote_id, fork)
    page.bar.send.click()
    shell.settle()
    assert shell.errors == []
    assert page.header.revision.text() == "Revision 2"
    page.open(quote_id=quote_id)
    shell.settle()
    assert page.editor.revision_id == fork
    page.open(quote_id=quote_id, revision_id=revision)
    shell.settle()
    assert not page.warning.isVisible()
