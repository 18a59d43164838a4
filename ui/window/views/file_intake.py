"""Ways a file comes in: dropped on a widget, pasted as picture or as files."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, QObject
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from crm_desktop.errors import CrmError, InvalidInput
from ui.window.error_banner import error_words

NotKept = list[tuple[str, CrmError]]
"""Names of files and why each was not kept."""


class FileDrop(QObject):
    """Makes a widget take dropped files; `dragging` is told when some are held over it and when they leave."""

    def __init__(
        self, target: QWidget, taken: Callable[[list[Path]], None], dragging: Callable[[bool], None] | None = None
    ) -> None:
        super().__init__(target)
        self._taken = taken
        self._dragging = dragging or (lambda _over: None)
        target.setAcceptDrops(True)
        target.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Local files are taken, everything else goes its own way."""
        if isinstance(event, QDropEvent) and event.type() in (QEvent.Type.DragEnter, QEvent.Type.DragMove):
            if local_files(event.mimeData()):
                self._dragging(True)
                event.acceptProposedAction()
                return True
        elif event.type() == QEvent.Type.DragLeave:
            self._dragging(False)
        elif isinstance(event, QDropEvent) and not isinstance(event, QDragEnterEvent):
            self._dragging(False)
            paths = local_files(event.mimeData())
            if paths:
                event.acceptProposedAction()
                self._taken(paths)
                return True
        return super().eventFilter(watched, event)


def local_files(data: QMimeData) -> list[Path]:
    """Files of this machine that are dragged or on the clipboard; what cannot be read of them is told when added."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def carries_files(data: QMimeData) -> bool:
    """Whether there are files or a picture and no words (a table of a spreadsheet carries a picture of itself)."""
    return bool(local_files(data)) or (data.hasImage() and not data.hasText())


def not_kept(failed: NotKept) -> InvalidInput:
    """One error for all of them: which files, and each reason once."""
    names = ", ".join(name for name, _ in failed)
    reasons = " ".join(dict.fromkeys(" ".join(error_words(error)) for _, error in failed))
    return InvalidInput("files_not_kept", f"Not added: {names}", reasons, files=names, reasons=reasons)


def clipboard_data() -> QMimeData:
    """What is on the clipboard."""
    return QGuiApplication.clipboard().mimeData()


def picture_of(data: QMimeData) -> bytes:
    """The picture in it as PNG; empty where there is none."""
    image = data.imageData() if data.hasImage() else None
    return png(image) if isinstance(image, QImage) else b""


def png(image: QImage) -> bytes:
    """A picture as a PNG file; empty for none."""
    if image.isNull():
        return b""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    # "PNG" as bytes is what the call takes
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    buffer.close()
    return bytes(data.data())
