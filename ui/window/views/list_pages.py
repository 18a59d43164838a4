"""The list page of each kind of record."""

from datetime import date
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView

from crm_desktop.services.handover import Owners
from crm_desktop.store.lists import Filter, ListQuery
from ui.presenters import day_lists
from ui.presenters.lead_capture import open_leads
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
    """Quotes with the state of their newest revision; the chosen ones can be taken over from a colleague (T)."""

    name = "quotes"

    def __init__(self, shell: Shell) -> None:
        self.take_button = normal("", "handshake")
        super().__init__(shell)
        self.head.bar.add_right(self.take_button, before=self.head.new_button)
        self.take_button.clicked.connect(self.take_over)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._letters[Qt.Key.Key_T] = self.take_over

    def retranslate(self) -> None:
        """The button in the language of the window, too."""
        self.body.more_hints = (("T", tr("quotes.key_take")),)
        super().retranslate()
        self.take_button.set_text(tr("quotes.take_over"))

    def take_over(self) -> None:
        """The chosen quotes become the user's own, in one step that can be taken back."""
        numbers = [self.model.row_number(index.row()) for index in self.table.selectionModel().selectedRows()]
        app = self.shell.app
        if not numbers:
            self.shell.toast(tr("quotes.none_chosen"))
            return

        def work() -> Owners:
            rows = app.store.read(lambda reader: reader.rows("quote", numbers))
            return app.handover.take_over([row["id"] for row in rows])

        def done(owners: Owners) -> None:
            if not owners:
                self.shell.toast(tr("quotes.own_already"))
                return
            back = partial(self.shell.tasks.write, lambda: app.handover.give_back(owners))
            self.shell.toast(tr("quotes.taken_over", count=len(owners)), back)

        self.shell.tasks.write(work, done)


class OrdersPage(RecordListPage):
    """Orders as the ERP knows them."""

    name = "orders"


class PresetPage(RecordListPage):
    """A list with one condition that is wanted daily behind a button and the key R."""

    preset_icon = "clock"

    def __init__(self, shell: Shell) -> None:
        self.preset_button = normal("", self.preset_icon)
        super().__init__(shell)
        self.head.bar.add_left(self.preset_button)
        self.preset_button.clicked.connect(lambda: self.conditions.show(self.preset()))
        self._letters[Qt.Key.Key_R] = self.preset_button.click

    def preset(self) -> ListQuery:
        """The list behind the button."""
        raise NotImplementedError

    def retranslate(self) -> None:
        """Every word again."""
        self.body.more_hints = self.more_hints()
        super().retranslate()
        self.preset_button.set_text(tr(f"list.preset_{self.name}"))

    def more_hints(self) -> tuple[tuple[str, str], ...]:
        """The keys of this list alone."""
        return (("R", tr(f"list.key_preset_{self.name}")),)

    def today(self) -> date:
        """The day of this machine."""
        return self.shell.app.clock.now().astimezone().date()


class LeadsPage(PresetPage):
    """People met before anything is known of them."""

    name = "leads"
    preset_icon = "user-plus"

    def preset(self) -> ListQuery:
        """Those nobody has decided on yet, the oldest first."""
        return open_leads()


class PipelinePage(PresetPage):
    """Opportunities as a list; the board shows the same."""

    name = "pipeline"

    def __init__(self, shell: Shell) -> None:
        self.board_button = normal("", "kanban")
        super().__init__(shell)
        self.head.bar.add_left(self.board_button)
        self.board_button.clicked.connect(lambda: shell.navigate("board"))
        self._letters[Qt.Key.Key_B] = self.board_button.click

    def preset(self) -> ListQuery:
        """Customers who said when they buy next, the nearest first."""
        return ListQuery("opportunity", (Filter("next_purchase_on", "filled"),), "next_purchase_on")

    def more_hints(self) -> tuple[tuple[str, str], ...]:
        """The board too."""
        return (*super().more_hints(), ("B", tr("board.key_board")))

    def retranslate(self) -> None:
        """Every word again."""
        super().retranslate()
        self.board_button.set_text(tr("board.as_board"))


class ContractsPage(PresetPage):
    """Contracts, the running one whose notice is next on top."""

    name = "contracts"

    def preset(self) -> ListQuery:
        """Those whose reminder has come."""
        return day_lists.contracts_due(self.shell.app.user_id, self.today())


class CasesPage(PresetPage):
    """Complaints, questions and ideas, the open one that is due first on top."""

    name = "cases"

    def preset(self) -> ListQuery:
        """Those to be answered by today."""
        return day_lists.cases_due(self.shell.app.user_id, self.today())


class StagesPage(RecordListPage):
    """The company's own stages of its pipelines."""

    name = "stages"

    def new_record(self) -> None:
        """A new stage is called something first; its pipeline and code may stay empty."""
        self.shell.navigate("record", entity=self.spec.entity, focus="name")


class TasksPage(RecordListPage):
    """What is to be done."""

    name = "tasks"
