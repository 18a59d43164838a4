"""Files of a record as lines to show: name, size, where the bytes are, and what can be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from crm_desktop.store.file_views import FileView, Parent
from crm_desktop.store.reader import Reader

SHOWN = 50
THUMBNAIL_BYTES = 24 * 1024 * 1024  # a larger picture is not decoded for a thumbnail
_UNITS = (("MB", 1_000_000, 1), ("kB", 1_000, 0), ("B", 1, 0))
_LOOKS = {
    "only_here": ("hard-drive", "t2"),
    "sending": ("cloud-upload", "warn"),
    "here": ("circle-check", "t3"),
    "away": ("hard-drive-download", "t2"),
    "wanted": ("download", "warn"),
    "missing": ("triangle-alert", "ask"),
    "damaged": ("octagon-alert", "bad"),
    "refused": ("octagon-alert", "bad"),
}
# What other programs show. Anything else may run: it is saved where its owner wants it, never started from here.
_VIEWABLE = frozenset(
    "jpg jpeg png gif webp heic heif bmp tif tiff pdf txt md csv tsv odt ods odp doc docx xls xlsx ppt pptx rtf "
    "mp3 m4a ogg oga opus wav flac aac mp4 m4v mov webm mkv avi eml ics vcf".split()
)


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file. `state` is a key of words; `icon`, `tone` draw it; `parent` names where it belongs, if elsewhere."""

    id: str
    name: str
    size: str
    at: str
    by: str
    state: str
    icon: str
    tone: str
    percent: int
    picture: bool
    viewable: bool
    readable: bool
    fetchable: bool
    sha256: str
    parent: Parent
    refused: str = ""


@dataclass(frozen=True, slots=True)
class FileList:
    """Lines newest first, at most `SHOWN` unless all were asked for; `total` counts all there are."""

    lines: tuple[FileLine, ...] = ()
    total: int = 0


def read_files(reader: Reader, parent: Parent, language: str, *, everything: bool = False) -> FileList:
    """The files of a record."""
    return _listed(reader, reader.files(*parent), language, everything=everything)


def read_waiting(reader: Reader, language: str, *, everything: bool = False) -> FileList:
    """The files that are on this laptop alone."""
    return _listed(reader, reader.waiting_files(), language, everything=everything)


def _listed(reader: Reader, files: Sequence[FileView], language: str, *, everything: bool) -> FileList:
    names = {record_id: str(row["name"]) for record_id, row in reader.many("user", (file.by for file in files)).items()}
    shown = files if everything else files[:SHOWN]
    return FileList(tuple(_line(file, names, language) for file in shown), len(files))


def size_words(size: int, language: str) -> str:
    """Bytes as people say them: 1.2 MB, 340 kB."""
    unit, divisor, places = next((item for item in _UNITS if size >= item[1]), _UNITS[-1])
    number = f"{size / divisor:.{places}f}"
    return f"{number.replace('.', ',') if language == 'de' else number} {unit}"


def is_viewable(name: str) -> bool:
    """Whether another program may be asked to show such a file."""
    return PurePath(name).suffix.lower().lstrip(".") in _VIEWABLE


def state_of(file: FileView) -> str:
    """Where the bytes are, in one word of `_LOOKS`."""
    if file.refused:
        return "refused"
    if file.place == "only_here" and file.sent:
        return "sending"
    return file.place


def _line(file: FileView, names: dict[str, str], language: str) -> FileLine:
    state = state_of(file)
    icon, tone = _LOOKS[state]
    return FileLine(
        id=file.id,
        name=file.name,
        size=size_words(file.size, language),
        at=file.at,
        by=names.get(file.by or "", ""),
        state=state,
        icon=icon,
        tone=tone,
        percent=file.percent,
        picture=file.media_type.startswith("image/") and file.readable and file.size <= THUMBNAIL_BYTES,
        viewable=is_viewable(file.name),
        readable=file.readable,
        fetchable=file.place in ("away", "missing"),
        sha256=file.sha256,
        parent=file.parent,
        refused=file.refused,
    )
