"""Pasted business cards and rows: the text, and beside it what would be taken of it."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.exchange.lead_paste import PastedLead
from crm_desktop.exchange.vcard_cards import decoded
from crm_desktop.model.wire import field_facts
from crm_desktop.named_files import reading
from crm_desktop.services.duplicates import Likeness
from crm_desktop.services.leads import NAMING
from ui.presenters.lead_capture import COMPARED_AT_ONCE, FIELDS, Preview, compare_more, preview
from ui.window.delegates import Cell
from ui.window.i18n import language, tr
from ui.window.models.cell_rows import CellRow, CellRows
from ui.window.page import Shell
from ui.window.theme import px
from ui.window.views.file_intake import FileDrop
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import normal
from ui.window.widgets.label import Label
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.undo_way import UndoWay

_WAIT_MS = 200
_MOST_PROBLEMS = 6
_MOST_LINES = 8  # named one by one
_TEXT_WIDTH = 320
_WIDTHS = (150, 130, 150, 110, 110, 140)
_KNOWN = len(FIELDS)
_GIVES_WAY = tuple(FIELDS.index(name) for name in ("interest", "phone", "email"))


class LeadPastePane(QWidget):
    """`preview` is what the text holds; None while it holds nothing."""

    read = Signal()
    """The text was read again."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.preview: Preview | None = None
        self.text = QPlainTextEdit()
        self.text.setProperty("k", "field")
        self.text.setObjectName("lead_text")
        self.text.setTabChangesFocus(True)
        self.text.setFixedWidth(_TEXT_WIDTH)
        self.file_button = normal("", "file-text")
        self.file_button.clicked.connect(self._choose)
        self.problems = Label("", "sec", "warn", wrap=True)
        self.problems.hide()
        self.model = CellRows(self)
        self.table = RecordTable("", 30, 0)
        self.table.setModel(self.model)
        self._empty = Label("", "sec", "t3", wrap=True)
        left = column(self.text, 8, row(self.file_button, STRETCH))
        right = column(self.problems, self._empty, self.table, spacing=8)
        right.setStretch(2, 1)
        whole = row(left, boxed(right), spacing=16)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        FileDrop(self, lambda paths: self._take_file(paths[0]))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._read)
        self.text.textChanged.connect(self._timer.start)
        UndoWay(self.text)
        self.retranslate()
        self.table.set_widths(_WIDTHS, _KNOWN)
        self.table.viewport().installEventFilter(self)

    def begin(self) -> None:
        """Where pasting begins."""
        self.text.setFocus()

    def clear(self) -> None:
        """The next paste."""
        self.text.clear()
        self._show(None)

    def values(self) -> list[dict[str, str]]:
        """The leads that would be taken."""
        return [dict(lead.values) for lead in self.preview.leads] if self.preview is not None else []

    def retranslate(self) -> None:
        """Every word again."""
        self.text.setPlaceholderText(tr("leads.paste_hint"))
        self.text.setAccessibleName(tr("leads.paste"))
        self.table.setAccessibleName(tr("leads.preview"))
        self.file_button.set_text(tr("leads.choose_file"))
        facts = field_facts("lead")
        self.model.set_headings([*(facts[name].label(language()) for name in FIELDS), tr("leads.known")])
        self._show(self.preview)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who is known stays in sight: in a narrow window what tells least about a person gives way."""
        if watched is self.table.viewport() and event.type() == QEvent.Type.Resize:
            room = self.table.viewport().width() - px(_WIDTHS[_KNOWN])
            shown = list(range(_KNOWN))
            for section in _GIVES_WAY:
                if sum(self.table.columnWidth(at) or px(_WIDTHS[at]) for at in shown) > room:
                    shown.remove(section)
            for section in range(_KNOWN):
                self.table.setColumnHidden(section, section not in shown)
        return super().eventFilter(watched, event)

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(
            self, tr("leads.choose_file"), "", "vCard, CSV (*.vcf *.csv *.tsv *.txt)"
        )
        if chosen:
            self._take_file(Path(chosen))

    def _take_file(self, path: Path) -> None:
        def work() -> str:
            with reading(path):
                return decoded(path.read_bytes())

        self._shell.tasks.read(work, self.text.setPlainText, self._shell.show_error, key="lead file")

    def _read(self) -> None:
        text, store = self.text.toPlainText(), self._shell.app.store
        if not text.strip():
            self._show(None)
            return

        def unreadable(_error: CrmError) -> None:
            self._show(None)

        self._shell.tasks.read(
            lambda: store.read(lambda reader: preview(reader, text)), self._show, unreadable, key="lead paste"
        )

    def _show(self, found: Preview | None) -> None:
        self.preview = found
        rows = _rows(found, 0, len(found.leads)) if found is not None else []
        self.model.set_rows(rows)
        self.table.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        self._empty.set_text(tr("leads.paste_nothing") if self.text.toPlainText().strip() else tr("leads.paste_empty"))
        self._tell_problems(found)
        self.read.emit()
        self._compare_on()

    def _compare_on(self) -> None:
        """The list of a whole fair is compared piece by piece; it can be read and saved meanwhile."""
        before, store = self.preview, self._shell.app.store
        if before is None or before.whole:
            return

        def done(found: Preview) -> None:
            if self.preview is before:  # else another text stands there
                first = len(before.known)
                self.preview = found
                self.model.change_rows(first, _rows(found, first, len(found.known)))
                self._tell_problems(found)
                self._compare_on()

        self._shell.tasks.read(
            lambda: store.read(lambda reader: compare_more(reader, before)), done, key="lead paste compared"
        )

    def _tell_problems(self, found: Preview | None) -> None:
        said: Sequence[str] = [problem.shown(language()) for problem in found.pasted.problems] if found else []
        if found is not None and found.pasted.unmapped:
            said = [*said, tr("leads.unmapped", columns=", ".join(found.pasted.unmapped))]
        if found is not None and any(found.again):
            said = [_again_in(found), *said]
        if found is not None and len(found.leads) > COMPARED_AT_ONCE:
            said = [_compared(found), *said]
        more = len(said) - _MOST_PROBLEMS
        shown = [*said[:_MOST_PROBLEMS], *([tr("leads.more_problems", count=more)] if more > 0 else [])]
        self.problems.set_text("\n".join(shown))
        self.problems.setVisible(bool(shown))


def _rows(found: Preview, first: int, end: int) -> list[CellRow]:
    rows = []
    for at, lead in enumerate(found.leads[first:end], first):
        cells = [Cell(lead.values.get(name, "").split("\n")[0], weight=600 if name == "name" else 400)
                 for name in FIELDS]  # fmt: skip
        compared = at < len(found.known)
        like, before = (found.known[at], found.again[at]) if compared else (None, None)
        said = [_known(like)] if like is not None else []
        if before is not None:
            said.append(tr("leads.same_as", line=before.line, name=_called(before)))
        rows.append(CellRow("", (*cells, Cell("; ".join(said), tone="warn", size=12))))
    return rows


def _compared(found: Preview) -> str:
    """How far a long list was compared, and how many of it are known."""
    total = len(found.leads)
    if not found.whole:
        return tr("leads.comparing", done=len(found.known), total=total)
    known = [lead.line for lead, like in zip(found.leads, found.known, strict=True) if like is not None]
    if not known:
        return tr("leads.compared_none", total=total)
    return tr("leads.compared", count=len(known), total=total, lines=_listed(known))


def _again_in(found: Preview) -> str:
    """In which lines somebody stands again who stands above."""
    again = [lead.line for lead, before in zip(found.leads, found.again, strict=False) if before is not None]
    return tr("leads.again", count=len(again), lines=_listed(again))


def _listed(lines: Sequence[int]) -> str:
    return ", ".join(str(line) for line in lines[:_MOST_LINES]) + (" …" if len(lines) > _MOST_LINES else "")


def _known(like: Likeness) -> str:
    """Name and place of who is known."""
    return ", ".join(part for part in (like.name, like.place) if part)


def _called(lead: PastedLead) -> str:
    """What a lead of the paste is called by."""
    return next((lead.values[name] for name in NAMING if lead.values.get(name)), "")
