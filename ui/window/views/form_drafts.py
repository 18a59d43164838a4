"""What was typed into a form and not saved: given back after Escape, and kept on the disk for a program that ends."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from PySide6.QtCore import QObject, QTimer

from ui.window.page import Shell
from ui.window.views.child_rows import ChildRows, KeptRows
from ui.window.views.form_fields import FormFields
from ui.window.views.left_draft import KEY

DRAFT_MS = 800
_PLACE = ("entity", "record_id", "values")


@dataclass(frozen=True, slots=True)
class Kept:
    """What was typed into fields and repeated rows and not saved."""

    fields: dict[str, Any]
    rows: dict[str, KeptRows]

    @property
    def names(self) -> set[str]:
        """The fields and kinds of rows that hold it."""
        return {*self.fields, *self.rows}


def typed_into(fields: FormFields, rows: Mapping[str, ChildRows], touched: Collection[str]) -> Kept:
    """What stands in the parts of a form that were touched, readable or not."""
    return Kept(fields.kept(touched), {name: rows[name].kept() for name in rows if name in touched})


def unreadable_of(fields: FormFields, rows: Mapping[str, ChildRows]) -> Kept:
    """What cannot be read: fields, and the kinds of rows in which one cannot."""
    return typed_into(fields, rows, fields.unreadable() | {name for name in rows if rows[name].pending() is None})


def give_back(kept: Kept, fields: FormFields, rows: Mapping[str, ChildRows]) -> None:
    """It stands in the form again, not saved yet."""
    fields.give_back(kept.fields)
    for name, former in kept.rows.items():
        if name in rows:
            rows[name].give_back(former)


class FormDrafts(QObject):
    """The one draft of a profile: of the form that is open. At the latest 800 ms after a key it is on the disk."""

    def __init__(self, shell: Shell, parent: QObject) -> None:
        super().__init__(parent)
        self._shell = shell
        self._store = shell.app.store
        self._own = False  # what stands on the disk is of this run
        self._there = False
        self._data: dict[str, Any] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAFT_MS)
        self._timer.timeout.connect(self._save)
        self._make: Any = None

    def touched(self, where: Mapping[str, Any], make: Any) -> None:
        """A key came into the form opened with `where`; `make` gives what stands in it. Typing on delays nothing."""
        self._own = True
        self._data, self._make = _place(where), make
        if not self._timer.isActive():
            self._timer.start()

    def clear(self) -> None:
        """It is saved, or given up."""
        self._timer.stop()
        if self._there:
            self._there = False
            self._shell.tasks.write(lambda: self._store.clear_draft(KEY))

    def left_by_another_run(self, where: Mapping[str, Any]) -> Kept | None:
        """What was typed into this form before the program ended; call it off the main thread."""
        draft = None if self._own else self._store.load_draft(KEY)
        if draft is None or draft["place"] != _place(where):
            return None
        return Kept(draft["fields"], draft["rows"])

    def taken(self) -> None:
        """What another run left stands in the form now: it is this run's."""
        self._own = self._there = True

    def _save(self) -> None:
        draft = {"place": self._data, **asdict(self._make())}
        self._there = True
        self._shell.tasks.write(lambda: self._store.save_draft(KEY, draft))


def _place(where: Mapping[str, Any]) -> dict[str, Any]:
    return {name: where[name] for name in _PLACE if where.get(name)}
