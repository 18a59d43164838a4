"""Which class shows which page. The window builds a page when it is first opened."""

from ui.window.page import Page
from ui.window.views.account_page import AccountPage
from ui.window.views.enrol_page import EnrolPage
from ui.window.views.record_form_page import RecordFormPage
from ui.window.views.record_list_page import (
    AccountsPage,
    ContactsPage,
    OrdersPage,
    QuotesPage,
    TasksPage,
    VisitsPage,
)
from ui.window.views.settings_page import SettingsPage

PAGES: dict[str, type[Page]] = {
    "accounts": AccountsPage,
    "account": AccountPage,
    "contacts": ContactsPage,
    "visits": VisitsPage,
    "quotes": QuotesPage,
    "orders": OrdersPage,
    "tasks": TasksPage,
    "record": RecordFormPage,
    "enrol": EnrolPage,
    "settings": SettingsPage,
}
