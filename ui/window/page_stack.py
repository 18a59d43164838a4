"""The pages of the window: built when first opened, back and forward through what was seen."""

from collections import deque
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget

from ui.presenters import saved_lists
from ui.presenters.page_history import PageHistory, Place
from ui.window.page import Page, Shell, Spot
from ui.window.pages import PAGES

_NAV_OF = {
    "lead_capture": "leads",
    "board": "pipeline",
    "stages": "pipeline",
    "account": "accounts",
    "note": "visits",
    "quote": "quotes",
    "order": "orders",
}
_NAV_OF_ENTITY = {
    "account": "accounts",
    "contact": "contacts",
    "task": "tasks",
    "visit": "visits",
    "lead": "leads",
    "opportunity": "pipeline",
    "opportunity_stage": "pipeline",
    "contract": "contracts",
    "case": "cases",
}

_SPOTS_KEPT = 100


class PageStack(QStackedWidget):
    """Shows one page at a time; `built` holds those that were opened, by name."""

    opening = Signal(str)
    """A page comes to the front; the key of the navigation it belongs to."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.history = PageHistory()
        self.built: dict[str, Page] = {}
        self._spots: deque[tuple[Place, Spot]] = deque(maxlen=_SPOTS_KEPT)

    def go(self, page: str, where: dict[str, Any]) -> None:
        """Open a page and remember the place; the page before may keep its own."""
        if self._may_leave():
            self._keep_spot()
            self.history.go(Place(page, where))
            self._open(Place(page, where))

    def step(self, by: int, record: tuple[str, str] | None = None) -> bool:
        """Back (-1) or forward (1), the keys where they were there or on a record; False where no page lies there."""
        if not self.history.can(by) or not self._may_leave():
            return False
        self._keep_spot()
        place = self.history.step(by)
        if place is None:
            return False
        self._open(place)
        page = self.built[place.page]
        if record is not None and page.seek(*record):
            return True
        spot = next((kept for where, kept in self._spots if where == place), None)
        if spot is not None:
            page.look_for(spot)
        return True

    def back_with(self, entity: str, record_id: str) -> bool:
        """Back from a form that has saved; forward then leads to the record, not to a form for another one."""
        here = self.history.here()
        if here is None or not self.history.can(-1):
            return False
        self.made(here.where, entity, record_id)
        return self.step(-1, (entity, record_id))

    def made(self, where: dict[str, Any], entity: str, record_id: str) -> None:
        """The place of a form for a new record is that of the record from now on."""
        if not where.get("record_id"):
            form = Place("record", where)
            self.history.replace(form, Place("record", {"entity": entity, "record_id": record_id}))

    def back_without(self, record_id: str) -> bool:
        """Back to the last page that does not show a record that is gone."""
        self.history.forget(record_id)
        place = self.history.here()
        if place is not None:
            self._open(place)
        return place is not None

    def each(self) -> list[Page]:
        """The pages built so far."""
        return list(self.built.values())

    def open_saved(self, list_id: str) -> None:
        """Show a saved list on the page it belongs to; one that was removed opens nothing."""
        store = self._shell.app.store

        def show(found: saved_lists.SavedList | None) -> None:
            if found is not None:
                self._shell.navigate(found.page, list_id=list_id)

        self._shell.tasks.read(lambda: saved_lists.find(store, list_id), show, key="saved list")

    def give_keys(self) -> None:
        """The keys back to what had them on the page before they were elsewhere, else to what comes first on it."""
        here = self.history.here()
        if here is None:
            return
        page = self.built[here.page]
        spot = next((kept for where, kept in self._spots if where == here), None)
        found = spot.find(page) if spot is not None else None
        (found or page).setFocus(Qt.FocusReason.ShortcutFocusReason)
        if QApplication.focusWidget() is page:  # a page as such has no use for keys
            page.focusNextChild()

    def keep_keys(self) -> None:
        """Remember what has the keys on the page, before they go elsewhere."""
        self._keep_spot()

    def _keep_spot(self) -> None:
        """What has the keys on the page that is left, the newest first."""
        here, focused = self.history.here(), QApplication.focusWidget()
        if here is None or focused is None or not self.built[here.page].isAncestorOf(focused):
            return
        kept = [(place, spot) for place, spot in self._spots if place != here]
        self._spots = deque([(here, Spot.of(focused, self.built[here.page])), *kept], maxlen=_SPOTS_KEPT)

    def _may_leave(self) -> bool:
        here = self.history.here()
        return here is None or self.built[here.page].may_leave()

    def _open(self, place: Place) -> None:
        page = self.built.get(place.page)
        if page is None:
            page = self.built[place.page] = PAGES[place.page](self._shell)
            self.addWidget(page)
        self.opening.emit(_nav_key(place))
        self.setCurrentWidget(page)
        page.open(**place.where)
        if not page.isAncestorOf(self.window().focusWidget() or self):
            page.setFocus(Qt.FocusReason.OtherFocusReason)


def _nav_key(place: Place) -> str:
    if place.where.get("list_id"):
        return f"list:{place.where['list_id']}"
    if place.page == "record":
        return _NAV_OF_ENTITY.get(str(place.where.get("entity", "")), "")
    return _NAV_OF.get(place.page, place.page)
