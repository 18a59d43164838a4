"""Files as lines: sizes as people say them, one word for where the bytes are, nothing that could run is opened."""

import pytest

from crm_desktop.store.file_views import FileView, Place
from ui.presenters.attachments import is_viewable, size_words, state_of


def _file(place: Place, sent: int = 0, refused: str = "") -> FileView:
    return FileView("f", ("visit", "v"), "a.jpg", "image/jpeg", 200, "0" * 64, "", None, "", place, sent, refused)


@pytest.mark.parametrize(
    ("size", "english", "german"),
    [(0, "0 B", "0 B"), (999, "999 B", "999 B"), (340_400, "340 kB", "340 kB"), (1_250_000, "1.2 MB", "1,2 MB")],
)
def test_sizes(size: int, english: str, german: str) -> None:
    assert (size_words(size, "en"), size_words(size, "de")) == (english, german)


def test_one_word_for_where_the_bytes_are() -> None:
    assert state_of(_file("only_here")) == "only_here"
    assert state_of(_file("only_here", sent=100)) == "sending"
    assert state_of(_file("only_here", sent=100, refused="too_large")) == "refused"
    assert state_of(_file("wanted", sent=100)) == "wanted"
    assert _file("wanted", sent=100).percent == 50


@pytest.mark.parametrize("name", ["setup.exe", "a.JS", "b.desktop", "c", "d.lnk", "photo.jpg.bat"])
def test_what_could_run_is_never_opened(name: str) -> None:
    assert not is_viewable(name)
    assert is_viewable("Photo.JPG")
