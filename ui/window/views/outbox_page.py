"""The outbox: what waits, field by field; what was refused, and what to do; how the last runs went."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QFrame, QListView, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.services.outbox import TakenBack
from crm_desktop.services.refusals import Proposal
from ui.presenters.outbox import Entry, OutboxContents, load_outbox
from ui.window.i18n import fmt_near_day, fmt_number, tr
from ui.window.models.plain_rows import PlainRows
from ui.window.page import Page, Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.views.outbox_needs import OutboxNeeds
from ui.window.views.outbox_rows import OutboxDelegate, OutboxRow, diff_lines
from ui.window.views.outbox_side import OutboxSide
from ui.window.views.value_words import entity_word
from ui.window.widgets.button import Button
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline
from ui.window.widgets.top_bar import TopBar

_SIDE = 386
_ICONS = {
    "account": "building-2", "contact": "user-round", "visit": "map-pin", "quote": "file-text",
    "quote_revision": "file-text", "quote_line": "file-text", "task": "square-check-big", "order": "package",
    "activity": "phone", "address": "map-pin", "channel": "phone", "conflict": "git-compare-arrows",
}  # fmt: skip
_PAGES = {"account": "account_id", "quote": "quote_id", "order": "order_id", "conflict": "conflict_id"}


class OutboxPage(Page):
    """What is on its way, in plain words."""

    name = "outbox"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._contents: OutboxContents | None = None
        self._file_count = 0
        self.files_frame = QWidget()
        self._build()
        self.retranslate()
        for keys, act in (("R", self.sync_now), ("Return", self.open_record), ("Delete", self.take_back)):
            shortcut = QShortcut(QKeySequence(keys), self.list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    def open(self, **where: Any) -> None:
        """Read what waits."""
        self._read()
        (self.list if self.list.isVisible() else self).setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Every local change and every run shows here."""
        self.files.refresh(kinds)
        if kinds & {"outbox", "sync_log", "sync_status", "conflict", "quarantine", "everything"}:
            self._read()

    def sync_now(self) -> None:
        """Ask for a run at once."""
        runner = self.shell.app.runner
        if runner is not None:
            runner.sync_now()

    def open_record(self) -> None:
        """The page of the record the current action is about."""
        if (entry := self._current()) is not None:
            self._go_to(entry.entity, entry.record_id)

    def take_back(self) -> None:
        """Undo an action that was never sent."""
        entry = self._current()
        if entry is None or not entry.can_discard:
            return
        outbox, title = self.shell.app.outbox, entry.title or entity_word(entry.entity)

        def told(taken: TakenBack | None) -> None:
            if taken is None:
                self.shell.toast(tr("outbox.too_late", name=title))
                return
            again = partial(outbox.put_back, taken, "outbox")
            self.shell.toast(tr("outbox.taken_back", name=title), lambda: self.shell.tasks.write(again))

        self.shell.tasks.write(lambda: outbox.take_back(entry.client_seq), told)

    def retranslate(self) -> None:
        """All words again."""
        self.bar.set_title(tr("nav.outbox"))
        self.sync_button.set_text(tr("action.sync_now"))
        self.export_button.set_text(tr("outbox.export"))
        self.needs.retranslate()
        self.waiting_title.set_title(tr("outbox.waiting"))
        self.open_button.set_text(tr("action.open"))
        self.back_button.set_text(tr("action.take_back"))
        self.list.setAccessibleName(tr("outbox.waiting"))
        self.hints.set_hints(
            [("↑↓", tr("key.choose")), (tr("key.enter"), tr("key.open")), (tr("key.delete"), tr("outbox.key_back")),
             ("R", tr("outbox.key_sync"))]
        )  # fmt: skip
        self.files.retranslate()
        if self._contents is not None:
            self._show(self._contents)

    def _files_told(self, count: int) -> None:
        self.files_frame.setVisible(bool(count))
        if count != self._file_count:
            self._file_count = count
            if self._contents is not None:
                self._show(self._contents)

    def _read(self) -> None:
        app = self.shell.app

        def work() -> OutboxContents:
            return load_outbox(app.store, app.outbox, app.refusals, app.conflicts.open())

        self.shell.tasks.read(work, self._show, key="outbox")

    def _show(self, contents: OutboxContents) -> None:
        self._contents = contents
        waiting = len(contents.waiting)
        all_waiting = waiting + self._file_count
        self.bar.set_caption(tr("strip.wait", count=all_waiting) if all_waiting else tr("strip.nothing_waits"))
        self.needs.show_needs(contents)
        before = self.delegate.opened
        self.rows.set_rows([self._row(entry, contents.names) for entry in contents.waiting])
        at = next((n for n, entry in enumerate(contents.waiting) if entry.id == before), 0)
        if waiting:
            self.list.setCurrentIndex(self.rows.index(at, 0))
        else:
            self.delegate.opened = ""
        self._fit()
        self.waiting_title.set_count(fmt_number(waiting) if waiting else "")
        if not waiting and self.list.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # else it would go to the navigation
        for part in (self.waiting_frame, self.list, self.action_row):
            part.setVisible(bool(waiting))
        quiet = not waiting and not contents.refused and not contents.conflicts and not self._file_count
        self.empty.setVisible(quiet)
        self.empty.set_state(
            "circle-check", tr("outbox.empty"), tr("outbox.empty_text"),
            [(tr("action.sync_now"), self.sync_now)] if self.shell.app.runner is not None else [],
        )  # fmt: skip
        self.sync_button.setVisible(self.shell.app.runner is not None)
        self.export_button.setEnabled(bool(waiting or contents.refused))
        self._show_actions()
        self.side.show_side(contents, self.shell.app)

    def _row(self, entry: Entry, names: dict[str, str]) -> OutboxRow:
        now = self.shell.app.clock.now()
        kind = entity_word(entry.entity)
        said = "create" if entry.kind == "create" else "delete" if entry.kind == "delete" else "change"
        second = (
            tr("outbox.changed", kind=kind, count=entry.fields) if said == "change" else tr(f"outbox.{said}", kind=kind)
        )
        if entry.others:
            second += ", " + tr("outbox.others", count=entry.others)
        runner = self.shell.app.runner
        online = runner is not None and runner.status().state in ("online", "syncing")
        if entry.state == "sent" or (online and entry.state == "sending"):
            state = "sent"
        else:  # what was tried without network has not gone out, as far as anyone knows
            state = "goes_out" if online else "waits"
        return OutboxRow(
            entry.id, _ICONS.get(entry.entity, "pen-line"), entry.title or kind, second,
            fmt_near_day(parse_instant(entry.at), now), "waiting", tr(f"outbox.{state}"),
            diff_lines(entry.diffs, names), tr("word.empty"),
        )  # fmt: skip

    def _retry(self, refused_id: str) -> None:
        refusals = self.shell.app.refusals
        self._do(lambda: refusals.retry(refused_id, "outbox"), "outbox.retried")

    def _edit(self, refused_id: str) -> None:
        refusals = self.shell.app.refusals

        def show(found: Proposal) -> None:
            record_id = None if found.is_new else found.record_id
            self.shell.navigate("record", entity=found.entity, record_id=record_id, refused=refused_id)

        self.shell.tasks.read(lambda: refusals.proposal(refused_id), show, key="outbox.edit")

    def _drop(self, refused_id: str, reason: str) -> None:
        if not reason:
            self.shell.toast(tr("outbox.say_why"))
            return
        refusals = self.shell.app.refusals
        self._do(lambda: refusals.drop(refused_id, reason, "outbox"), "outbox.dropped")

    def _hand_over(self, refused_id: str, word: str) -> None:
        refusals = self.shell.app.refusals
        self._do(lambda: refusals.hand_over(refused_id, word, "outbox"), "outbox.handed_over")

    def _do(self, act: Callable[[], Any], said: str) -> None:
        self.shell.tasks.write(act, lambda _done: self.shell.toast(tr(said)))

    def _export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, tr("outbox.export"), str(Path.home() / "outbox.jsonl"), "JSON (*.jsonl)"
        )
        if chosen:
            self.export_to(Path(chosen))

    def export_to(self, path: Path) -> None:
        """Write what waits and what was refused as a file."""
        outbox = self.shell.app.outbox
        self.shell.tasks.write(
            lambda: outbox.export(path), lambda count: self.shell.toast(tr("outbox.exported", count=count))
        )

    def _go_to(self, entity: str, record_id: str) -> None:
        if entity in _PAGES:
            self.shell.navigate("conflicts" if entity == "conflict" else entity, **{_PAGES[entity]: record_id})
            return
        if entity == "visit":
            self.shell.navigate("note", visit_id=record_id)
            return
        store = self.shell.app.store

        def show(found: dict[str, Any] | None) -> None:
            if found is not None and found.get("quote_id"):
                self.shell.navigate("quote", quote_id=found["quote_id"])
            elif found is not None and entity in ("address", "channel") and found.get("account_id"):
                self.shell.navigate("account", account_id=found["account_id"])
            else:
                self.shell.navigate("record", entity=entity, record_id=record_id)

        self.shell.tasks.read(lambda: store.read(lambda reader: reader.get(entity, record_id)), show, key="outbox.go")

    def _current(self) -> Entry | None:
        at = self.list.currentIndex().row()
        waiting = self._contents.waiting if self._contents is not None else ()
        return waiting[at] if 0 <= at < len(waiting) else None

    def _on_current(self, index: QModelIndex) -> None:
        found = self.rows.row(index.row())
        self.delegate.opened = found.id if isinstance(found, OutboxRow) else ""
        self._fit()
        self._show_actions()

    def _show_actions(self) -> None:
        entry = self._current()
        self.back_button.setEnabled(entry is not None and entry.can_discard)
        self.back_button.setToolTip("" if entry is None or entry.can_discard else tr("outbox.on_its_way"))

    def _fit(self) -> None:
        self.list.doItemsLayout()
        height = sum(self.list.sizeHintForRow(at) for at in range(self.rows.rowCount()))
        self.list.setFixedHeight(height)

    def _build(self) -> None:
        self.export_button = Button("", "normal", "download")
        self.sync_button = Button("", "primary", "refresh-cw")
        self.export_button.clicked.connect(self._export)
        self.sync_button.clicked.connect(self.sync_now)
        self.bar = TopBar("", "", [self.export_button, self.sync_button])
        self.needs = OutboxNeeds()
        self.needs.retried.connect(self._retry)
        self.needs.edited.connect(self._edit)
        self.needs.opened.connect(self._go_to)
        self.needs.dropped.connect(self._drop)
        self.needs.handed.connect(self._hand_over)
        self.needs.decided.connect(lambda conflict_id: self.shell.navigate("conflicts", conflict_id=conflict_id))
        self.waiting_title = SectionHeader("")
        self.waiting_frame = boxed(column(boxed(row(self.waiting_title, margins=(24, 8, 24, 4))), hline()))
        self.rows = PlainRows(lambda found: found.spoken, self)
        self.list = QListView()
        self.list.setProperty("ownRing", True)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setModel(self.rows)
        self.delegate = OutboxDelegate(self.list)
        self.list.setItemDelegate(self.delegate)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.viewport().setAutoFillBackground(False)
        self.list.selectionModel().currentChanged.connect(lambda now, _before: self._on_current(now))
        self.list.doubleClicked.connect(lambda _index: self.open_record())
        self.open_button, self.back_button = Button(), Button("", "normal", "undo-2")
        self.open_button.clicked.connect(self.open_record)
        self.back_button.clicked.connect(self.take_back)
        self.action_row = boxed(row(self.open_button, self.back_button, STRETCH, margins=(24, 12, 24, 12)))
        self.empty = EmptyState("circle-check", "")
        self.files = AttachmentsPanel(self.shell, None, wide=True, told=self._files_told)
        self.files_frame.setLayout(column(self.files, margins=(24, 12, 24, 12)))
        parts = column(
            self.needs, self.waiting_frame, self.list, self.action_row, self.files_frame, self.empty, STRETCH
        )
        parts.setStretchFactor(self.empty, 100)  # in the middle of the page
        main = boxed(parts)
        self.side = OutboxSide(lambda: self.shell.navigate("sync_history"))
        self.hints = KeyHints()
        self.columns = FoldingColumns(main, self.side, _SIDE, self.hints)
        self.setLayout(column(self.bar, self.columns))
