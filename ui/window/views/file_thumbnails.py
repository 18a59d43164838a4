"""Small pictures of image files, drawn one by one behind the list of files."""

from collections.abc import Mapping

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

from ui.window.page import Shell
from ui.window.views.file_rows import FileRow

_PICTURE_SIDE = 128


def thumbnail(data: bytes) -> QImage:
    """A small picture of an image file, upright; null where it is none. Fit for any thread."""
    source = QBuffer()
    source.setData(QByteArray(data))
    source.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(source)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > _PICTURE_SIDE:
        least = max(1, min(size.width(), size.height()))
        share = _PICTURE_SIDE / least
        reader.setScaledSize(QSize(max(1, round(size.width() * share)), max(1, round(size.height() * share))))
    image = reader.read()
    source.close()
    return image


class Thumbnails:
    """Fills the rows of image files with their pictures. Each content is decoded once, off the main thread.

    `rows` is the panel's own mapping: a row that comes or goes while one is drawn is met as it stands then.
    """

    def __init__(self, shell: Shell, rows: Mapping[str, FileRow]) -> None:
        self._shell = shell
        self._rows = rows
        self._pictures: dict[str, QImage] = {}
        self._drawing = False

    def forget(self) -> None:
        """Other files are shown: the pictures of these are needed no longer."""
        self._pictures.clear()

    def draw(self) -> None:
        """Show the pictures there are, and draw the next that is missing; it goes on until none is."""
        for shown in self._rows.values():
            if shown.line.sha256 in self._pictures and not shown.thumbnail.has_image():
                shown.thumbnail.set_image(self._pictures[shown.line.sha256])
        if self._drawing:
            return
        line = next(
            (item.line for item in self._rows.values() if item.line.picture and item.line.sha256 not in self._pictures),
            None,
        )
        if line is None:
            return
        self._drawing = True
        attachments, file_id, sha256 = self._shell.app.attachments, line.id, line.sha256

        def done(image: QImage) -> None:
            self._drawing = False
            self._pictures[sha256] = image
            self.draw()

        self._shell.tasks.read(
            lambda: thumbnail(attachments.read(file_id)), done, lambda _error: done(QImage()), key=f"picture {sha256}"
        )
