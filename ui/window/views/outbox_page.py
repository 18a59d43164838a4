"""The outbox: what waits, field by field; what was refused, and what to do; how the last runs went."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.services.refusals import Proposal
from ui.presenters.outbox import OutboxContents, load_outbox
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, boxed, column
from ui.window.views.outbox_list import OutboxList
from ui.window.views.outbox_needs import OutboxNeeds
from ui.window.views.outbox_side import OutboxSide
from ui.window.views.record_way import open_record
from ui.window.widgets.button import Button
from ui.window.widgets.empty_state import EmptyState
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.top_bar import TopBar
from ui.window.window_keys import part_keys

_SIDE = 386


class OutboxPage(Page):
    """What is on its way, in plain words."""

    name = "outbox"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._contents: OutboxContents | None = None
        self._file_count = 0
        self._under_way: set[str] = set()
        self.files_frame = QWidget()
        self._build()
        self.retranslate()
        part_keys(self, {"R": self.sync_now})

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

    def retranslate(self) -> None:
        """All words again."""
        self.bar.set_title(tr("nav.outbox"))
        self.sync_button.set_text(tr("action.sync_now"))
        self.export_button.set_text(tr("outbox.export"))
        self.needs.retranslate()
        self.waiting.retranslate()
        self.hints.set_hints(
            [("↑ ↓", tr("key.choose")), ("← →", tr("outbox.key_parts")), (tr("key.enter"), tr("key.open")),
             (tr("key.delete"), tr("outbox.key_back")), ("R", tr("outbox.key_sync"))]
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
        waiting = contents.waiting
        all_waiting = waiting + self._file_count
        self.bar.set_caption(tr("strip.wait", count=all_waiting) if all_waiting else tr("strip.nothing_waits"))
        self.needs.show_needs(contents)
        if not waiting and self.list.hasFocus():
            self.setFocus(Qt.FocusReason.OtherFocusReason)  # else it would go to the navigation
        self.waiting.show_waiting(contents)
        quiet = not waiting and not contents.refused and not contents.conflicts and not self._file_count
        self.empty.setVisible(quiet)
        self.empty.set_state(
            "circle-check", tr("outbox.empty"), tr("outbox.empty_text"),
            [(tr("action.sync_now"), self.sync_now)] if self.shell.app.runner is not None else [],
        )  # fmt: skip
        self.sync_button.setVisible(self.shell.app.runner is not None)
        self.export_button.setEnabled(bool(waiting or contents.refused))
        self.side.show_side(contents, self.shell.app)

    def _retry(self, refused_id: str) -> None:
        refusals = self.shell.app.refusals
        self._do(refused_id, lambda: refusals.retry(refused_id, "outbox"), "outbox.retried")

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
        self._do(refused_id, lambda: refusals.drop(refused_id, reason, "outbox"), "outbox.dropped")

    def _hand_over(self, refused_id: str, word: str) -> None:
        refusals = self.shell.app.refusals
        self._do(refused_id, lambda: refusals.hand_over(refused_id, word, "outbox"), "outbox.handed_over")

    def _do(self, refused_id: str, act: Callable[[], Any], said: str) -> None:
        """Carry out one way out of a refusal; a second press before it is done is none."""
        if refused_id in self._under_way:
            return
        self._under_way.add(refused_id)

        def done(_count: int) -> None:
            self._under_way.discard(refused_id)
            self.shell.toast(tr(said))

        def failed(error: CrmError) -> None:
            self._under_way.discard(refused_id)
            self.shell.show_error(error)

        self.shell.tasks.write(act, done, failed)

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

    def _build(self) -> None:
        self.export_button = Button("", "normal", "download")
        self.sync_button = Button("", "primary", "refresh-cw")
        self.export_button.clicked.connect(self._export)
        self.sync_button.clicked.connect(self.sync_now)
        self.bar = TopBar("", "", [self.export_button, self.sync_button])
        self.needs = OutboxNeeds()
        self.needs.retried.connect(self._retry)
        self.needs.edited.connect(self._edit)
        self.needs.opened.connect(partial(open_record, self.shell))
        self.needs.dropped.connect(self._drop)
        self.needs.handed.connect(self._hand_over)
        self.needs.decided.connect(lambda conflict_id: self.shell.navigate("conflicts", conflict_id=conflict_id))
        self.waiting = OutboxList(self.shell)
        self.waiting.opened.connect(partial(open_record, self.shell))
        self.list, self.rows, self.delegate = self.waiting.view, self.waiting.rows, self.waiting.delegate
        self.back_button = self.waiting.back_button
        self.empty = EmptyState("circle-check", "")
        self.files = AttachmentsPanel(self.shell, None, wide=True, told=self._files_told)
        self.files_frame.setLayout(column(self.files, margins=(24, 12, 24, 12)))
        parts = column(self.needs, self.waiting, self.files_frame, self.empty, STRETCH)
        parts.setStretchFactor(self.empty, 100)  # in the middle of the page
        main = boxed(parts)
        self.side = OutboxSide(lambda: self.shell.navigate("sync_history"))
        self.hints = KeyHints()
        self.columns = FoldingColumns(main, self.side, _SIDE, self.hints)
        self.setLayout(column(self.bar, self.columns))
