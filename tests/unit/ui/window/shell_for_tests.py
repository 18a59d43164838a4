"""A window for one page on a real store, with a small world in it, and real keys.

Pages run on the real task pool. Records come as pages of the server, so that they are synced like in life.
"""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.model.wire import clean_row, columns
from crm_desktop.store.client_store import ClientStore
from tests.fresh_files import open_fresh
from ui.compose import App
from ui.presenters.tasks import Tasks
from ui.window import i18n, theme
from ui.window.bridges import StoreBridge
from ui.window.page import Page
from ui.window.task_pool import TaskPool
from ui.window.widgets.surface import surface

KEY = bytes(range(32))
NAVIGATION = 232
ME, LAURA = "user-anne", "user-laura"
Rows = dict[str, list[dict[str, Any]]]


class NoSecrets:
    """No page asks for a secret."""

    protection: Any = "passphrase"

    def database_key(self) -> bytes:
        return KEY

    def token(self, vault: Any) -> str:
        return ""

    def save_token(self, vault: Any, token: str) -> None:
        raise AssertionError("a page saved a token")


class FixedClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, by: timedelta) -> None:
        self._now += by


class TestShell(QWidget):
    """One page beside an empty navigation; remembers what pages asked of the window."""

    __test__ = False

    def __init__(self, app: App, *, width: int = 1440, height: int = 900) -> None:
        super().__init__()
        surface(self, "canvas")
        self.setMinimumSize(960, 600)
        self.app = app
        self.errors: list[CrmError] = []
        self.pool = TaskPool(self.show_error, self)
        self.tasks: Tasks = self.pool
        self.visited: list[tuple[str, dict[str, Any]]] = []
        self.toasts: list[str] = []
        self.undo: Callable[[], Any] | None = None
        self.page: Page | None = None
        self._cover: QWidget | None = None
        self._side = QWidget()
        surface(self._side, "nav")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(0)
        self._row.addWidget(self._side)
        self.resize_to(width, height)
        self.bridge = StoreBridge(app.store, self)
        self.bridge.changed.connect(self._changed)

    def resize_to(self, width: int, height: int) -> None:
        """A window of this size, with the navigation the window would have."""
        self._side.setFixedWidth(52 if width < 1100 else NAVIGATION)
        self.resize(width, height)

    def navigate(self, page: str, **where: Any) -> None:
        self.visited.append((page, where))

    def toast(
        self, text: str, undo: Callable[[], Any] | None = None, *, opens: Callable[[], Any] | None = None
    ) -> None:
        self.toasts.append(text)
        self.undo = undo

    def show_error(self, error: CrmError) -> None:
        self.errors.append(error)

    def cover(self, view: QWidget | None) -> None:
        """As the window does: what is covered is not in the tree any more."""
        parts = [part for part in (self._side, self.page) if part is not None]
        if self._cover is not None:
            self._row.removeWidget(self._cover)
            self._cover.setParent(None)
            self._cover.deleteLater()
            self._cover = None
            for stretch, part in enumerate(parts):
                self._row.addWidget(part, stretch)
                part.show()
        if view is not None:
            for part in parts:
                self._row.removeWidget(part)
                part.setParent(None)
            self._cover = view
            self._row.addWidget(view, 1)

    def sync_now(self) -> None:
        self.visited.append(("sync_now", {}))

    def change_settings(self, **changes: Any) -> None:
        self.visited.append(("settings", changes))

    def put(self, page: Page) -> None:
        """Show a page."""
        self.page = page
        self._row.addWidget(page, 1)
        self.show()
        self.activateWindow()
        QTest.qWaitForWindowActive(self)

    def settle(self) -> None:
        """Until nothing is under way."""
        for _ in range(30_000):  # a bound for work that never ends, not for a slow machine
            QCoreApplication.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            if not self.pool.busy and not self.bridge._timer.isActive():
                QCoreApplication.processEvents()
                if not self.pool.busy and not self.bridge._timer.isActive():
                    return
            QTest.qWait(1)
        raise AssertionError("work did not end")

    def shut(self) -> None:
        """Close the page, then the store."""
        self.bridge.close()
        self.pool.close()
        self.close()
        self.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)

    def _changed(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        if self.page is not None:
            self.page.refresh(kinds, ids)


def open_app(folder: Path, now: datetime | None = None) -> App:
    """A profile enrolled for Anne, with its own clock."""
    clock = FixedClock(now or datetime.now(UTC).replace(microsecond=0))
    store = open_fresh(folder, KEY, clock)
    store.enrol("device-1", "D7F", ME, "epoch-1")
    return App(folder, store, NoSecrets(), clock)


def receive(store: ClientStore, rows: Rows, gone: list[tuple[str, str]] | None = None) -> None:
    """One commit of the server with these records, and a pull that is complete."""
    state = store.sync_state()
    seq = state.cursor_seq + 1
    put = []
    for entity, records in rows.items():
        names = columns(entity)
        table = []
        for record in records:
            clean = clean_row(entity, record)
            table.append([record["id"], record["id"], 0, *(clean[name] for name in names)])
        put.append({"e": entity, "cols": list(names), "rows": table})
    page = {
        "epoch": "epoch-1",
        "asked": {"seq": state.cursor_seq, "commit_id": state.cursor_commit},
        "cursor": {"seq": seq, "commit_id": f"commit-{seq}"},
        "more": False,
        "scopes": ["catalogue", f"user:{ME}"],
        "scope_sets": [["catalogue"]],
        "commits": [{"seq": seq, "put": put, "gone": [list(pair) for pair in gone or []], "evict": []}],
        "digest": None,
    }
    assert store.apply_page(page).applied


def world(now: datetime) -> Rows:
    """A few customers, colleagues and products; two price steps and a contract."""
    today = now.astimezone().date()

    def day(days: int) -> str:
        return (today + timedelta(days=days)).isoformat()

    def at(days: int, hour: int = 9) -> str:
        return (now.replace(hour=hour, minute=0) + timedelta(days=days)).isoformat()

    products = [
        ("p-chai", "1", "Chai", "10 boxes x 20 bags", "18.00", "11.00", False),
        ("p-tofu", "14", "Tofu", "40 - 100 g pkgs.", "23.25", "15.00", False),
        ("p-queso", "11", "Queso Cabrales", "1 kg pkg.", "21.00", "14.00", False),
        ("p-sirop", "61", "Sirop d'érable", "24 - 500 ml bottles", "28.50", "20.10", False),
        ("p-vegie", "63", "Vegie-spread", "15 - 625 g jars", "43.90", "29.00", False),
        ("p-old", "5", "Chef Anton's Gumbo Mix", "36 boxes", "21.35", None, True),
    ]
    items = [
        {"id": f"i-{key}", "price_list_id": "list-48", "product_id": key, "min_quantity": None, "price": price}
        for key, _, _, _, price, _, _ in products
    ]
    items.append(
        {"id": "i-chai-50", "price_list_id": "list-48", "product_id": "p-chai", "min_quantity": "50", "price": "17.10"}
    )
    return {
        "user": [
            {"id": ME, "name": "Anne Dodsworth", "role": "inside_sales", "email": "anne@northwind.example"},
            {"id": LAURA, "name": "Laura Callahan", "role": "inside_sales"},
        ],
        "company": [{"id": "company", "name": "Northwind Traders", "city": "London", "quote_valid_days": "30"}],
        "tax_rate": [
            {"id": "t7", "tax_class": "food", "percent": "7.00", "valid_from": "2000-01-01"},
            {"id": "t19", "tax_class": "normal", "percent": "19.00", "valid_from": "2000-01-01"},
        ],
        "product": [
            {
                "id": key, "number": number, "name": name, "unit": unit, "tax_class": "food", "category": "Beverages",
                "cost": cost, "margin_floor_percent": "22.00" if cost else None, "discontinued": ended,
            }
            for key, number, name, unit, _, cost, ended in products
        ]
        + [{"id": "p-freight", "number": "F1", "name": "Freight, Speedy Express", "tax_class": "normal",
            "is_charge": True, "unit": "trip"}],
        "price_list": [
            {"id": "list-48", "name": "EUR Trade v48", "currency": "EUR", "rounding": "unit", "valid_from": day(-3)}
        ],
        "price_item": [
            *items,
            {"id": "i-freight", "price_list_id": "list-48", "product_id": "p-freight", "price": "49.00"},
        ],
        "account": [
            {"id": "acc-1", "name": "Alfreds Futterkiste", "external_id": "ALFKI", "customer_class": "A",
             "key_account": True, "owner_id": ME, "payment_terms_days": 14, "language": "en", "visit_rhythm_days": 90},
            {"id": "acc-2", "name": "Königlich Essen", "customer_class": "B", "owner_id": ME},
            {"id": "acc-3", "name": "Kaffeehaus Müller & Sohn", "customer_class": "B", "owner_id": ME},
        ],
        "contact": [
            {"id": "con-1", "account_id": "acc-1", "name": "Maria Anders", "preferred": True},
            {"id": "con-2", "account_id": "acc-2", "name": "Philip Cramer", "preferred": True},
            {"id": "con-3", "account_id": "acc-3", "name": "Rita Müller", "preferred": True},
        ],
        "address": [
            {"id": "adr-1", "account_id": "acc-1", "street": "Obere Str. 57", "postal_code": "12209",
             "city": "Berlin", "country": "Germany", "preferred": True},
            {"id": "adr-2", "account_id": "acc-2", "street": "Maubelstr. 90", "postal_code": "14776",
             "city": "Brandenburg", "country": "Germany", "preferred": True},
        ],
        "customer_condition": [
            {"id": "cond-1", "account_id": "acc-1", "name": "Contract 2026, beverages", "kind": "percent",
             "value": "8", "product_id": "p-chai"},
        ],
        "visit": [
            {"id": "vis-1", "account_id": "acc-1", "owner_id": ME, "contact_id": "con-1", "starts_at": at(-90),
             "status": "done", "subject": "Price talk", "outcome": "follow_up", "next_step": "Sample box of Chai",
             "note": "Tofu sells well in the new branch. Competitor Biotrend offers Chai 6 % cheaper, but late."},
            {"id": "vis-2", "account_id": "acc-1", "owner_id": ME, "contact_id": "con-1", "starts_at": at(0, 9),
             "duration_min": 60, "status": "planned", "subject": "Quarterly review"},
            {"id": "vis-3", "account_id": "acc-2", "owner_id": ME, "starts_at": at(0, 11), "duration_min": 45,
             "status": "planned", "subject": "First visit"},
            {"id": "vis-4", "account_id": "acc-3", "owner_id": ME, "starts_at": at(1, 10), "duration_min": 60,
             "status": "planned", "subject": "Fair"},
        ],
        "task": [
            {"id": "task-1", "account_id": "acc-1", "owner_id": ME, "subject": "Send the 2027 price list to Maria",
             "due_on": day(-1), "status": "open"},
            {"id": "task-2", "account_id": "acc-2", "owner_id": ME, "subject": "Ask for the new VAT number",
             "due_on": day(0), "status": "open"},
            {"id": "task-3", "account_id": "acc-3", "owner_id": ME, "subject": "Plan the fair",
             "due_on": day(9), "status": "open"},
        ],
        "order": [
            {"id": "ord-1", "number": "11011", "account_id": "acc-1", "owner_id": ME, "ordered_on": day(-10),
             "status": "delivered", "currency": "EUR"},
        ],
        "order_line": [
            {"id": "ol-1", "order_id": "ord-1", "product_id": "p-chai", "name": "Chai", "quantity": "40",
             "unit_price": "13.25", "discount_percent": "5", "tax_percent": "7", "line_total": "503.50"},
            {"id": "ol-2", "order_id": "ord-1", "product_id": "p-tofu", "name": "Tofu", "quantity": "20",
             "unit_price": "21.50", "line_total": "430.00", "tax_percent": "7"},
        ],
    }  # fmt: skip


def press(widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """One key with no text of its own."""
    QTest.keyClick(widget, key, modifiers)


def type_text(text: str) -> None:
    """Key events to whatever has the focus; umlauts too, which keyClicks cannot."""
    for char in text:
        target = QApplication.focusWidget()
        assert target is not None
        if char == "\n":
            QTest.keyClick(target, Qt.Key.Key_Return)
            continue
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, 0, Qt.KeyboardModifier.NoModifier, char)
            QApplication.sendEvent(target, event)


def focus() -> QWidget:
    """What the next key goes to."""
    target = QApplication.focusWidget()
    assert target is not None
    return target


def shots(shell: TestShell, name: str) -> None:
    """Pictures of the page in both themes and languages and both sizes, when CRM_SCREENSHOTS names a folder."""
    folder = os.environ.get("CRM_SCREENSHOTS")
    if not folder:
        return
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    page = shell.page
    assert page is not None
    for scheme, language, width, height in (
        ("light", "en", 1440, 900), ("dark", "en", 1440, 900), ("light", "de", 1440, 900), ("light", "en", 960, 600),
        ("dark", "de", 960, 600),
    ):  # fmt: skip
        theme.apply_theme(app, "dark" if scheme == "dark" else "light")
        i18n.set_language("de" if language == "de" else "en")
        shell.resize_to(width, height)
        page.retranslate()
        shell.settle()
        shell.grab().save(str(Path(folder) / f"{name}-{width}-{scheme}-{language}.png"))
    theme.apply_theme(app, "light")
    i18n.set_language("en")
    shell.resize_to(1440, 900)
    page.retranslate()
    shell.settle()


def today_of(app: App) -> date:
    """The day of the profile's clock."""
    return app.clock.now().astimezone().date()
