"""The list page of each kind of record."""

from PySide6.QtCore import Qt

from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.record_list_page import RecordListPage
from ui.window.widgets.button import normal


class AccountsPage(RecordListPage):
    """Accounts, with import."""

    name = "accounts"


class ContactsPage(RecordListPage):
    """People at accounts."""

    name = "contacts"


class VisitsPage(RecordListPage):
    """Visits and their notes."""

    name = "visits"


class QuotesPage(RecordListPage):
    """Quotes with the state of their newest revision."""

    name = "quotes"


class OrdersPage(RecordListPage):
    """Orders as the ERP knows them."""

    name = "orders"


class LeadsPage(RecordListPage):
    """People met before anything is known of them."""

    name = "leads"


class PipelinePage(RecordListPage):
    """Opportunities as a list; the board shows the same."""

    name = "pipeline"

    def __init__(self, shell: Shell) -> None:
        self.board_button = normal("", "kanban")
        super().__init__(shell)
        self.head.bar.add_right(self.board_button)
        self.board_button.clicked.connect(lambda: shell.navigate("board"))
        self._letters[Qt.Key.Key_B] = self.board_button.click

    def retranslate(self) -> None:
        """Every word again."""
        super().retranslate()
        self.board_button.set_text(tr("board.as_board"))


class ContractsPage(RecordListPage):
    """Contracts, the one that ends first on top."""

    name = "contracts"


class CasesPage(RecordListPage):
    """Complaints, questions and ideas, the oldest answer due first."""

    name = "cases"


class TasksPage(RecordListPage):
    """What is to be done."""

    name = "tasks"
