"""Which class shows which page. The window builds a page when it is first opened."""

from ui.window.page import Page
from ui.window.views.account_page import AccountPage
from ui.window.views.approvals_page import ApprovalsPage
from ui.window.views.board_page import BoardPage
from ui.window.views.briefing_page import BriefingPage
from ui.window.views.conflicts_page import ConflictsPage
from ui.window.views.enrol_page import EnrolPage
from ui.window.views.help_page import HelpPage
from ui.window.views.lead_capture_page import LeadCapturePage
from ui.window.views.list_pages import (
    AccountsPage,
    CasesPage,
    ContactsPage,
    ContractsPage,
    LeadsPage,
    OrdersPage,
    PipelinePage,
    QuotesPage,
    StagesPage,
    TasksPage,
    VisitsPage,
)
from ui.window.views.news_page import NewsPage
from ui.window.views.note_page import NotePage
from ui.window.views.order_page import OrderPage
from ui.window.views.outbox_page import OutboxPage
from ui.window.views.outcomes_page import OutcomesPage
from ui.window.views.plan_page import PlanPage
from ui.window.views.quote_page import QuotePage
from ui.window.views.record_form_page import RecordFormPage
from ui.window.views.settings_page import SettingsPage
from ui.window.views.start_page import StartPage
from ui.window.views.sync_history_page import SyncHistoryPage
from ui.window.views.today_page import TodayPage

PAGES: dict[str, type[Page]] = {
    "today": TodayPage,
    "plan": PlanPage,
    "briefing": BriefingPage,
    "accounts": AccountsPage,
    "account": AccountPage,
    "contacts": ContactsPage,
    "leads": LeadsPage,
    "lead_capture": LeadCapturePage,
    "visits": VisitsPage,
    "quotes": QuotesPage,
    "pipeline": PipelinePage,
    "board": BoardPage,
    "outcomes": OutcomesPage,
    "stages": StagesPage,
    "orders": OrdersPage,
    "contracts": ContractsPage,
    "cases": CasesPage,
    "tasks": TasksPage,
    "note": NotePage,
    "quote": QuotePage,
    "approvals": ApprovalsPage,
    "order": OrderPage,
    "news": NewsPage,
    "outbox": OutboxPage,
    "conflicts": ConflictsPage,
    "sync_history": SyncHistoryPage,
    "record": RecordFormPage,
    "start": StartPage,
    "enrol": EnrolPage,
    "settings": SettingsPage,
    "help": HelpPage,
}
