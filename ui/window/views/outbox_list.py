"""What waits to be sent: a list whose lines open, field by field and part by part, and what can be done with one."""

from functools import partial

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QListView, QWidget

from crm_desktop.services.outbox import OutboxService, TakenBack
from ui.presenters.outbox import OutboxContents
from ui.window.i18n import fmt_number, tr
from ui.window.models.plain_rows import PlainRows
from ui.window.page import Shell
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.views.outbox_lines import Line, lines_of, row_of
from ui.window.views.outbox_rows import OutboxDelegate
from ui.window.widgets.button import Button
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline
from ui.window.window_keys import Actions, part_keys


class OutboxList(QWidget):
    """The current line shows what it changes; a line with parts opens to them."""

    opened = Signal(str, str)
    """Kind and id of the record a person wants to see."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shell = shell
        self._contents: OutboxContents | None = None
        self._lines: list[Line] = []
        self._unfolded: set[str] = set()
        self._build()
        actions: Actions = {
            "Return": self.open_record, "Delete": self.take_back, "Right": partial(self._unfold, True),
            "Left": partial(self._unfold, False), "Space": self._turn,
        }  # fmt: skip
        part_keys(self.view, actions, alone=True)

    def show_waiting(self, contents: OutboxContents) -> None:
        """Replace what is shown; the current line and what is opened stay."""
        self._contents = contents
        self._unfolded &= {group.id for group in contents.groups}
        self._fill()
        self.setVisible(bool(self._lines))
        self.title.set_count(fmt_number(contents.waiting))

    def current(self) -> Line | None:
        """The line of the cursor."""
        at = self.view.currentIndex().row()
        return self._lines[at] if 0 <= at < len(self._lines) else None

    def open_record(self) -> None:
        """The page of the record the current line is about."""
        if (line := self.current()) is not None:
            self.opened.emit(*line.target)

    def take_back(self) -> None:
        """Undo what was never sent: an action, or all of a record's, with what builds on it."""
        line = self.current()
        if line is None or not line.can_discard:
            return
        outbox, name = self._shell.app.outbox, line.name
        chosen = [entry.client_seq for entry in line.entries]
        self._shell.tasks.write(lambda: outbox.take_back(*chosen), partial(self._taken, name, outbox))

    def _taken(self, name: str, outbox: OutboxService, taken: list[TakenBack]) -> None:
        if not taken:
            self._shell.toast(tr("outbox.too_late", name=name))
            return
        undo = partial(self._shell.tasks.write, partial(outbox.put_back, taken, "outbox"))
        self._shell.toast(tr("outbox.taken_back", name=name, count=len(taken)), undo)

    def retranslate(self) -> None:
        """All words again; the lines with the next reading."""
        self.title.set_title(tr("outbox.waiting"))
        self.open_button.set_text(tr("action.open"))
        self.back_button.set_text(tr("action.take_back"))
        self.view.setAccessibleName(tr("outbox.waiting"))
        if self._contents is not None:
            self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A click on the arrow of a line opens or closes it."""
        if watched is self.view.viewport() and isinstance(event, QMouseEvent):
            pressed = event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton
            index = self.view.indexAt(event.position().toPoint())
            if pressed and index.isValid() and self.delegate.on_arrow(event.position().x(), self.rows.row(index.row())):
                self.view.setCurrentIndex(index)
                self._turn()
                return True
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        contents = self._contents
        if contents is None:
            return
        shell, before, stood = self._shell, self.current(), max(0, self.view.currentIndex().row())
        wanted = (self.delegate.opened, before.group.id if before is not None else "")
        runner = shell.app.runner
        online = runner is not None and runner.status().state in ("online", "syncing")
        now = shell.app.clock.now()
        self._lines = [line for group in contents.groups for line in lines_of(group, group.id in self._unfolded)]
        self.rows.set_rows([row_of(line, contents.names, self._unfolded, now, online=online) for line in self._lines])
        if self._lines:
            known = [line.id for line in self._lines]
            at = next((known.index(name) for name in wanted if name in known), min(stood, len(known) - 1))
            self.view.setCurrentIndex(self.rows.index(at, 0))
        else:
            self.delegate.opened = ""
        self.older.set_text(tr("outbox.older", count=contents.older) if contents.older else "")
        self.older.setVisible(bool(contents.older))
        self._fit()
        self._show_actions()

    def _turn(self) -> None:
        line = self.current()
        if line is not None:
            self._unfold(line.group.id not in self._unfolded)

    def _unfold(self, wanted: bool) -> None:
        """Open the current line, or close the one it belongs to."""
        line = self.current()
        if line is None or (line.id == line.group.id and not line.parts):
            return
        if wanted:
            self._unfolded.add(line.group.id)
        else:
            self._unfolded.discard(line.group.id)
            self.delegate.opened = line.group.id  # from a part back to what it belongs to
        self._fill()

    def _on_current(self, index: QModelIndex) -> None:
        line = self._lines[index.row()] if 0 <= index.row() < len(self._lines) else None
        self.delegate.opened = line.id if line is not None else ""
        self._fit()
        self._show_actions()

    def _show_actions(self) -> None:
        line = self.current()
        self.back_button.setEnabled(line is not None and line.can_discard)
        several = line is not None and len(line.entries) > 1
        self.back_button.set_text(tr("outbox.take_all_back") if several else tr("action.take_back"))
        self.back_button.setToolTip("" if line is None or line.can_discard else tr("outbox.on_its_way"))

    def _fit(self) -> None:
        self.view.doItemsLayout()
        self.view.setFixedHeight(sum(self.view.sizeHintForRow(at) for at in range(self.rows.rowCount())))

    def _build(self) -> None:
        self.title = SectionHeader("")
        self.rows = PlainRows(lambda found: found.spoken, self)
        self.view = QListView()
        self.view.setProperty("ownRing", True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setModel(self.rows)
        self.delegate = OutboxDelegate(self.view)
        self.view.setItemDelegate(self.delegate)
        self.view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.viewport().setAutoFillBackground(False)
        self.view.viewport().installEventFilter(self)
        self.view.selectionModel().currentChanged.connect(lambda now, _before: self._on_current(now))
        self.view.doubleClicked.connect(lambda _index: self.open_record())
        self.open_button, self.back_button = Button(), Button("", "normal", "undo-2")
        self.open_button.clicked.connect(self.open_record)
        self.back_button.clicked.connect(self.take_back)
        head = boxed(row(self.title, margins=(24, 8, 24, 4)))
        actions = boxed(row(self.open_button, self.back_button, STRETCH, margins=(24, 12, 24, 12)))
        self.older = Label("", "cap")
        older = boxed(row(self.older, margins=(24, 8, 24, 0)))
        self.setLayout(column(head, hline(), self.view, older, actions))
