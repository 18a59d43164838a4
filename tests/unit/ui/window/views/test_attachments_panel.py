"""Files on real pages and a real store: added by button, drop and paste, shown, fetched, removed and brought back."""

import hashlib
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget

from crm_desktop.store.file_views import FileView
from tests.unit.ui.window.shell_for_tests import ME, TestShell, press, receive, shots
from ui.window.error_banner import error_words
from ui.window.views.account_page import AccountPage
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.file_intake import png
from ui.window.views.file_rows import FileRow
from ui.window.views.note_page import NotePage
from ui.window.views.outbox_page import OutboxPage


def opened(shell: TestShell, account_id: str = "acc-1") -> AccountPage:
    page = AccountPage(shell)
    shell.put(page)
    page.open(account_id=account_id)
    shell.settle()
    page.tabs.setCurrentIndex(next(n for n in range(page.tabs.count()) if page.tabs.tabData(n) == "files"))
    return page


def picture(colour: str = "teal", width: int = 640, height: int = 480) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    return image


def rows(panel: AttachmentsPanel) -> list[FileRow]:
    return [row for row in panel.findChildren(FileRow) if not row.isHidden()]


def drop(target: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    where = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    entering = QDragEnterEvent(target.rect().center(), *where)
    QApplication.sendEvent(target, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(target, QDropEvent(QPointF(target.rect().center()), *where))


def test_dropped_files_are_kept_and_the_originals_not_needed(shell: TestShell, tmp_path: Path) -> None:
    page = opened(shell)
    photo, paper = tmp_path / "Regal.png", tmp_path / "Angebot Wettbewerb.pdf"
    photo.write_bytes(png(picture()))
    paper.write_bytes(b"%PDF-1.7" * 100_000)
    drop(page, photo, paper)
    shell.settle()
    photo.unlink()
    assert {row.line.name for row in rows(page.files)} == {"Regal.png", "Angebot Wettbewerb.pdf"}
    assert "Files 2" in [page.tabs.tabText(at) for at in range(page.tabs.count())]
    first = next(row for row in rows(page.files) if row.line.name == "Regal.png")
    assert first.thumbnail.has_image()
    assert first.accessibleName().startswith("Regal.png, ")
    assert first.accessibleName().endswith("Only here")
    assert not shell.errors


def test_what_cannot_be_read_is_told_and_the_rest_is_kept(shell: TestShell, tmp_path: Path) -> None:
    page = opened(shell)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "good.txt").write_bytes(b"good")
    (tmp_path / "photos").mkdir()
    drop(page, *(tmp_path / name for name in ("empty.txt", "good.txt", "gone.txt", "photos")))
    shell.settle()
    assert [row.line.name for row in rows(page.files)] == ["good.txt"]
    (error,) = shell.errors  # one banner tells of all of them
    title, advice = error_words(error)
    assert title == "Not added: empty.txt, gone.txt, photos"
    assert "The file is empty." in advice
    assert "The file cannot be read." in advice
    assert "“photos” is a folder." in advice
    drop(page, tmp_path / "gone.txt")  # alone it is told too, not passed over
    shell.settle()
    assert error_words(shell.errors[-1])[0] == "Not added: gone.txt"


def test_a_picture_is_pasted(shell: TestShell) -> None:
    page = opened(shell)
    QGuiApplication.clipboard().setImage(picture("orange"))
    page.files.add_button.setFocus()
    press(page.files.add_button, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    shell.settle()
    (row,) = rows(page.files)
    assert row.line.name.startswith("Picture 2026-11-19")
    assert row.thumbnail.has_image()
    QGuiApplication.clipboard().setText("words")
    page.files.paste()
    assert "clipboard" in shell.toasts[-1]


def test_a_new_note_is_saved_first_and_gets_the_file(shell: TestShell, tmp_path: Path) -> None:
    page = NotePage(shell)
    shell.put(page)
    page.open(account_id="acc-2")
    shell.settle()
    assert not rows(page.files)
    (tmp_path / "a.txt").write_bytes(b"a")
    drop(page, tmp_path / "a.txt")  # anywhere on the page
    shell.settle()
    (row,) = rows(page.files)
    assert row.line.parent == ("visit", page.editor.visit_id)
    assert shell.app.store.read(lambda reader: reader.get("visit", page.editor.visit_id)) is not None
    files = shell.app.attachments.of("account", "acc-2")
    assert [file.name for file in files] == ["a.txt"]


def test_a_picture_pasted_into_the_text_becomes_a_file_and_words_stay_words(shell: TestShell, tmp_path: Path) -> None:
    page = NotePage(shell)
    shell.put(page)
    page.open(visit_id="vis-1")
    shell.settle()
    before = page.text.text()
    page.text.setFocus()
    QGuiApplication.clipboard().setImage(picture("orange"))
    press(page.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    (tmp_path / "a.txt").write_bytes(b"a")
    drop(page.text.viewport(), tmp_path / "a.txt")
    shell.settle()
    assert len(rows(page.files)) == 2
    assert page.text.text() == before
    QGuiApplication.clipboard().setText("words")
    press(page.text, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "words" in page.text.text()


def test_removed_and_brought_back(shell: TestShell, tmp_path: Path) -> None:
    page = opened(shell)
    (tmp_path / "a.txt").write_bytes(b"a")
    page.files.add_paths([tmp_path / "a.txt"])
    shell.settle()
    (row,) = rows(page.files)
    row.setFocus()
    press(row, Qt.Key.Key_Delete)
    shell.settle()
    assert not rows(page.files)
    assert shell.toasts == ["Removed: a.txt"]
    assert shell.undo is not None
    shell.undo()
    shell.settle()
    assert len(rows(page.files)) == 1


def test_enter_shows_what_is_a_paper_and_saves_what_could_run(
    shell: TestShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Path] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(Path(url.toLocalFile())))
    target = tmp_path / "saved.exe"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    page = opened(shell)
    for name in ("paper.pdf", "setup.exe"):
        (tmp_path / name).write_bytes(name.encode())
    page.files.add_paths([tmp_path / "paper.pdf", tmp_path / "setup.exe"])
    shell.settle()
    for row in rows(page.files):
        press(row, Qt.Key.Key_Return)
        shell.settle()
    assert [path.read_bytes() for path in shown] == [b"paper.pdf"]
    assert shell.app.folder in shown[0].parents
    assert target.read_bytes() == b"setup.exe"
    shell.app.attachments.end()
    assert not shown[0].exists()


def test_states_are_words_and_what_is_away_is_fetched(shell: TestShell, tmp_path: Path) -> None:
    page = opened(shell)
    data = png(picture("navy", 1200, 800))
    sha = hashlib.sha256(data).hexdigest()
    base = {"account_id": "acc-1", "created_by": "user-laura", "created_at": "2026-11-12T08:00:00.000Z"}
    receive(
        shell.app.store,
        {
            "attachment": [
                base | {"id": "f-1", "name": "Lager.png", "media_type": "image/png", "size": len(data), "sha256": sha},
                base | {"id": "f-2", "name": "Video.mp4", "size": 48_000_000, "sha256": "1" * 64},
                base | {"id": "f-3", "name": "Vertrag.pdf", "size": 900_000, "sha256": "2" * 64, "created_by": ME},
            ]
        },
    )  # fmt: skip
    (tmp_path / "Regal.png").write_bytes(png(picture("tan")))
    (tmp_path / "Wettbewerb.pdf").write_bytes(b"%PDF" * 500_000)
    page.files.add_paths([tmp_path / "Regal.png", tmp_path / "Wettbewerb.pdf"])
    shell.settle()
    files = shell.app.store.files
    upload = next(file for file in files_of(shell) if file.name == "Wettbewerb.pdf")
    files.moved(upload.sha256, 1_240_000)
    automatic = files.next_download()
    assert automatic is not None
    files.not_there(automatic)
    shell.settle()
    words = {row.line.name: row._state.plain_text() for row in rows(page.files)}
    assert words["Wettbewerb.pdf"] == "Sending, 62 %"
    assert words["Video.mp4"] == "Not on this laptop"
    assert "Not on the server" in words.values()
    video = next(row for row in rows(page.files) if row.line.name == "Video.mp4")
    video.fetch_button.click()
    shell.settle()
    assert next(row for row in rows(page.files) if row.line.name == "Video.mp4").line.state == "wanted"
    shots(shell, "account-files")


def files_of(shell: TestShell) -> list[FileView]:
    return list(shell.app.attachments.of("account", "acc-1"))


def test_a_long_list_is_shown_in_part(shell: TestShell) -> None:
    page = opened(shell)
    receive(
        shell.app.store,
        {
            "attachment": [
                {"id": f"f-{n:03d}", "account_id": "acc-1", "name": f"{n}.pdf", "size": 10, "sha256": f"{n:064d}"}
                for n in range(60)
            ]
        },
    )
    shell.settle()
    assert len(rows(page.files)) == 50
    assert page.files.more_button.accessibleName() == "Show 10 more files"
    page.files.more_button.click()
    shell.settle()
    assert len(rows(page.files)) == 60


def test_the_note_page_shows_the_visits_own_files(shell: TestShell, tmp_path: Path) -> None:
    for name, parent in (("mine.txt", ("visit", "vis-1")), ("other.txt", ("visit", "vis-2"))):
        (tmp_path / name).write_bytes(name.encode())
        shell.app.attachments.add(tmp_path / name, parent)
    shell.app.attachments.add_bytes("Regal.png", png(picture("tan")), ("visit", "vis-1"))
    page = NotePage(shell)
    shell.put(page)
    page.open(visit_id="vis-1")
    shell.settle()
    assert {row.line.name for row in rows(page.files)} == {"mine.txt", "Regal.png"}
    shots(shell, "note-files")


def test_the_outbox_shows_what_waits_for_the_server(shell: TestShell, tmp_path: Path) -> None:
    page = OutboxPage(shell)
    shell.put(page)
    page.open()
    shell.settle()
    assert page.files_frame.isHidden()
    assert not page.empty.isHidden()
    shell.app.attachments.add_bytes("Regal.png", png(picture("tan")), ("visit", "vis-1"))
    shell.app.attachments.add_bytes("Film.mp4", b"film" * 400_000, ("account", "acc-1"))
    shell.settle()
    assert {row.line.name for row in rows(page.files)} == {"Regal.png", "Film.mp4"}
    assert page.empty.isHidden()
    assert page.files.add_button.isHidden()
    shots(shell, "outbox-files")
    for file in shell.app.attachments.waiting():
        shell.app.store.files.uploaded(file.sha256, "epoch-1")
    shell.settle()
    assert page.files_frame.isHidden()
    assert {row.title for row in (page.rows.row(at) for at in range(page.rows.rowCount()))} == {"Regal.png", "Film.mp4"}
