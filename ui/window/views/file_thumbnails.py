"""Small pictures of image files."""

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize
from PySide6.QtGui import QImage, QImageReader

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
