"""The list page of each kind of record."""

from ui.window.views.record_list_page import RecordListPage


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


class ContractsPage(RecordListPage):
    """Contracts, the one that ends first on top."""

    name = "contracts"


class CasesPage(RecordListPage):
    """Complaints, questions and ideas, the oldest answer due first."""

    name = "cases"


class TasksPage(RecordListPage):
    """What is to be done."""

    name = "tasks"
