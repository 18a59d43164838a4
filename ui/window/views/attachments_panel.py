"""The files of a record: add by button, drop or paste; show, save, fetch, remove."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from crm_desktop.errors import CrmError
from crm_desktop.store.file_views import Parent
from crm_desktop.store.reader import Reader
from ui.presenters.attachments import FileLine, FileList, read_files, read_waiting
from ui.presenters.tasks import Progress
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.file_intake import FileDrop, NotKept, clipboard_data, local_files, not_kept, picture_of
from ui.window.views.file_rows import FileRow
from ui.window.views.file_thumbnails import Thumbnails
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import Button, link
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.window_keys import part_keys

_KINDS = frozenset({"attachment", "files", "visit", "quote", "opportunity", "order", "contact", "user", "everything"})
WithParent = Callable[[Callable[[Parent], None]], None]


class AttachmentsPanel(QWidget):
    """`wide`: with author, day and state in words beside each file; else for a side column.

    `with_parent` calls back with the record new files belong to, made first where it does not exist yet. Without it
    the panel shows the files that wait for the server, and takes none.
    `told` is called with the number of files whenever they were read.
    """

    def __init__(
        self,
        shell: Shell,
        with_parent: WithParent | None,
        *,
        wide: bool,
        told: Callable[[int], None] = lambda _count: None,
    ) -> None:
        super().__init__()
        self.shell = shell
        self._with_parent = with_parent
        self._wide = wide
        self._told = told
        self._shown: Parent | None = None
        self._everything = False
        self._list = FileList()
        self.rows: dict[str, FileRow] = {}
        self._thumbnails = Thumbnails(shell, self.rows)
        self._build()
        if with_parent is not None:
            FileDrop(self, self.add_paths, self.dragging)
            part_keys(self, {"Ctrl+V": self.paste})
        self.retranslate()

    # -- what is shown ------------------------------------------------------------------------------------------

    def show_files_of(self, parent: Parent | None) -> None:
        """The files of a record; None for one that does not exist yet."""
        if parent != self._shown:
            self._everything = False
            self._thumbnails.forget()
        self._shown = parent
        self.read()

    def refresh(self, kinds: frozenset[str]) -> None:
        """Read again when files or what they belong to changed."""
        if kinds & _KINDS:
            self.read()

    def read(self) -> None:
        """Read the files in one snapshot."""
        parent, store, words, everything = self._shown, self.shell.app.store, language(), self._everything
        waiting = self._with_parent is None
        if parent is None and not waiting:
            self._show(FileList())
            return

        def find(reader: Reader) -> FileList:
            if parent is None:
                return read_waiting(reader, words, everything=everything)
            return read_files(reader, parent, words, everything=everything)

        def work() -> FileList:
            return store.read(find)

        def done(found: FileList) -> None:
            if parent == self._shown:
                self._show(found)

        self.shell.tasks.read(work, done, key=f"files {'waiting' if waiting else 'wide' if self._wide else 'side'}")

    def retranslate(self) -> None:
        """Every word again."""
        self.head.set_title(tr("files.title" if self._with_parent else "files.waiting"))
        self.add_button.set_text(tr("files.add"))
        self.hint.set_text(tr("files.hint" if self._wide else "files.hint_short"))
        self.add_button.setVisible(self._with_parent is not None)
        self.hint.setVisible(self._with_parent is not None)
        self.setAccessibleName(tr("files.title" if self._with_parent else "files.waiting"))
        self._show(self._list)
        self.read()

    # -- adding -------------------------------------------------------------------------------------------------

    def choose(self) -> None:
        """Ask for files."""
        names, _ = QFileDialog.getOpenFileNames(self.window(), tr("files.choose"), "", f"{tr('import.all_files')} (*)")
        if names:
            self.add_paths([Path(name) for name in names])

    def paste(self) -> None:
        """Add the picture or the files on the clipboard."""
        self.take(clipboard_data())

    def take(self, given: QMimeData) -> None:
        """Add the picture or the files that were pasted or dropped."""
        paths = local_files(given)
        data = b"" if paths else picture_of(given)
        if paths:
            self.add_paths(paths)
        elif data:
            now = self.shell.app.clock.now().astimezone()
            self._add_bytes(tr("files.pasted", time=now.strftime("%Y-%m-%d %H.%M.%S")) + ".png", data)
        else:
            self.shell.toast(tr("files.nothing_to_paste"))

    def add_paths(self, paths: list[Path]) -> None:
        """Keep copies of these files; what cannot be read is told, the others are kept."""
        attachments = self.shell.app.attachments

        def add(parent: Parent) -> None:
            def work(progress: Progress) -> NotKept:
                failed: NotKept = []
                for number, path in enumerate(paths):
                    if not progress(number, len(paths)):
                        break
                    try:
                        attachments.add(path, parent)
                    except CrmError as error:
                        failed.append((path.name, error))
                return failed

            self.shell.tasks.long(
                tr("files.adding", count=len(paths)), work, lambda failed: self._added(parent, failed)
            )

        if self._with_parent is not None:
            self._with_parent(add)

    def _add_bytes(self, name: str, data: bytes) -> None:
        attachments = self.shell.app.attachments

        def add(parent: Parent) -> None:
            self.shell.tasks.write(
                lambda: attachments.add_bytes(name, data, parent), lambda _id: self._added(parent, [])
            )

        if self._with_parent is not None:
            self._with_parent(add)

    def _added(self, parent: Parent, failed: NotKept) -> None:
        if failed:
            self.shell.show_error(not_kept(failed))
        if self._shown is None:
            self._shown = parent
        self.read()

    # -- one file -----------------------------------------------------------------------------------------------

    def open(self, file_id: str) -> None:
        """Show a file in the program for its kind; what could run is saved instead, what is away is fetched."""
        line = self.rows[file_id].line
        if not line.readable:
            self.fetch(file_id)
        elif not line.viewable:
            self.save(file_id)
        else:
            attachments = self.shell.app.attachments
            self.shell.tasks.write(
                lambda: attachments.open_copy(file_id),
                lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))),
            )

    def save(self, file_id: str) -> None:
        """Ask for a place and write the file there."""
        name = self.rows[file_id].line.name
        target, _ = QFileDialog.getSaveFileName(self.window(), tr("files.save"), name, f"{tr('import.all_files')} (*)")
        if target:
            attachments, path = self.shell.app.attachments, Path(target)
            self.shell.tasks.long(
                tr("files.saving", file=path.name),
                lambda _progress: attachments.save_copy(file_id, path),
                lambda _size: self.shell.toast(tr("files.saved", file=path.name)),
            )

    def fetch(self, file_id: str) -> None:
        """Fetch the bytes of a file before all others."""
        attachments = self.shell.app.attachments
        self.shell.tasks.write(lambda: attachments.fetch(file_id), lambda _done: self.read())

    def remove(self, file_id: str) -> None:
        """Remove a file, with a way back."""
        attachments, name = self.shell.app.attachments, self.rows[file_id].line.name

        def undo() -> None:
            self.shell.tasks.write(lambda: attachments.restore(file_id), lambda _done: self.read())

        def done(_: None) -> None:
            self.shell.toast(tr("files.removed", file=name), undo)
            if self.add_button.isVisible():
                self.add_button.setFocus(Qt.FocusReason.OtherFocusReason)
            self.read()

        self.shell.tasks.write(lambda: attachments.remove(file_id), done)

    # -- inside -------------------------------------------------------------------------------------------------

    def _show(self, found: FileList) -> None:
        self._list = found
        wanted = [line.id for line in found.lines]
        for file_id in [known for known in self.rows if known not in wanted]:
            gone = self.rows.pop(file_id)
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for at, line in enumerate(found.lines):
            known = self.rows.get(line.id)
            if known is None:
                known = self.rows[line.id] = self._made(line)
            else:
                known.show_line(line)
            if self._lines.indexOf(known) != at:
                self._lines.insertWidget(at, known)
        self.head.set_count(str(found.total) if found.total else "")
        left = found.total - len(found.lines)
        self.more_button.setVisible(left > 0)
        self.more_button.set_text(tr("files.more", count=left) if left > 0 else "")
        self._told(found.total)
        self._thumbnails.draw()

    def _made(self, line: FileLine) -> FileRow:
        made = FileRow(line, wide=self._wide)
        made.opened.connect(self.open)
        made.saved.connect(self.save)
        made.fetched.connect(self.fetch)
        made.removed.connect(self.remove)
        return made

    def _everything_shown(self) -> None:
        self._everything = True
        self.read()

    def dragging(self, over: bool) -> None:
        """Say that files held over the page would be taken."""
        self.hint.set_tone("accent" if over else "")

    def _build(self) -> None:
        self.add_button: Button = link("", "plus")
        self.add_button.clicked.connect(self.choose)
        self.head = SectionHeader("", "", self.add_button)
        self.hint = Label("", "cap", wrap=True)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2)
        self.more_button: Button = link("")
        self.more_button.clicked.connect(self._everything_shown)
        self.more_button.hide()
        below = boxed(row(self.more_button, STRETCH))
        self.setLayout(column(self.head, self.hint, 6, self._lines, below, STRETCH if self._wide else None))
