"""What can be done with a saved list: open, save under a name, remove and bring back."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_desktop.store.lists import ListQuery
from ui.presenters import saved_lists
from ui.presenters.record_list import record_names
from ui.presenters.saved_lists import SavedList
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.pages_frame import PageFrame

Names = dict[tuple[str, str], str]


class SavedListActions:
    """For the list page `name`; the navigation of the window is read again after a change."""

    def __init__(self, shell: Shell, name: str) -> None:
        self._shell = shell
        self._name = name

    def open(self, list_id: str, show: Callable[[SavedList | None, Names], Any]) -> None:
        """Find a list and the names of the records in its conditions; None where it is gone."""
        store = self._shell.app.store

        def work() -> tuple[SavedList | None, Names]:
            saved = saved_lists.find(store, list_id)
            names = store.read(lambda reader: record_names(reader, saved.entity, saved.filters)) if saved else {}
            return saved, names

        self._shell.tasks.read(work, lambda found: show(*found), key=f"saved {self._name}")

    def save(self, name: str, query: ListQuery, columns: Sequence[str] = ()) -> None:
        """Keep conditions, order and columns under a name and show the list."""
        store = self._shell.app.store

        def done(saved: SavedList) -> None:
            self._shell.toast(tr("list.saved", name=saved.name))
            self._shell.navigate(self._name, list_id=saved.id)
            self._frame()

        self._shell.tasks.write(lambda: saved_lists.save(store, name, self._name, query, columns), done)

    def remove(self, saved: SavedList) -> None:
        """Forget the list; the toast brings it back."""
        store = self._shell.app.store

        def back() -> None:
            self._shell.tasks.write(lambda: saved_lists.put_back(store, saved), lambda _: self._frame())

        def done(_gone: Any) -> None:
            self._shell.toast(tr("list.removed", name=saved.name), back)
            self._shell.navigate(self._name)
            self._frame()

        self._shell.tasks.write(lambda: saved_lists.remove(store, saved.id), done)

    def _frame(self) -> None:
        if isinstance(self._shell, PageFrame):
            self._shell.read_frame()
