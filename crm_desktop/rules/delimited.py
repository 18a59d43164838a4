"""Reading foreign tables: any encoding, any delimiter, any line end; broken rows are reported, the rest is kept."""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from crm_desktop.errors import InvalidInput

DELIMITERS = (",", ";", "\t", "|")
_BOMS = (  # the longer marks first: UTF-32 begins like UTF-16
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp437", "cp850", "mac_roman", "shift_jis", "gb18030"]
_SNIFFED_ROWS = 60
_SNIFFED_CHARS = 64_000
_SEPARATOR_LINE = re.compile(r"sep=(.)(\r\n|\n|\r)", re.IGNORECASE)
# cp1252 text that is really another code page: symbols inside words, or runs of accented letters.
_UNLIKELY_WESTERN = re.compile(r"(?<=[^\W\d_])[¡-¿×÷€ƒ‚„…†‡ˆ‰‹›•™](?=[^\W\d_])|[À-ÿŒœŠšŽžŸ]{3,}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a foreign file that a person should look at. `line` counts physical lines from 1."""

    line: int
    message_code: str
    text: str
    text_de: str = ""

    def shown(self, language: str) -> str:
        """The sentence in 'de' or 'en'."""
        return self.text_de if language == "de" and self.text_de else self.text


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row; `line_number` is the physical line on which it begins."""

    line_number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as read: rows have exactly as many cells as the header."""

    header: list[str]
    rows: list[TableRow]
    encoding: str
    delimiter: str
    problems: list[Problem]


@dataclass(frozen=True, slots=True)
class _Record:
    start: int
    end: int
    line: int
    lines: int
    cells: list[str]
    unclosed: bool


def read_table(data: bytes) -> Table:
    """Table in `data`; InvalidInput when there is nothing that could be one."""
    text, encoding = decode(data)
    if not text.strip():
        raise InvalidInput("empty_file", "The file is empty.", "Choose a file with a header line and rows.")
    start_line = 1
    said = _SEPARATOR_LINE.match(text)
    if said:
        delimiter, text, start_line = said.group(1), text[said.end() :], 2
    else:
        delimiter = _sniff(text)
    header: list[str] = []
    rows: list[TableRow] = []
    problems: list[Problem] = []
    for record in _repaired(text, delimiter, start_line, problems):
        if not any(cell.strip() for cell in record.cells):
            continue
        if not header:
            header = _header(record.cells)
            continue
        cells = record.cells
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()
        if len(cells) != len(header):
            problems.append(
                Problem(
                    record.line,
                    "wrong_cell_count",
                    f"Line {record.line} has {len(cells)} cells, the header has {len(header)}; the line was left out.",
                    f"Zeile {record.line} hat {len(cells)} Zellen, die Kopfzeile {len(header)}; "
                    "die Zeile wurde ausgelassen.",
                )
            )
            continue
        rows.append(TableRow(record.line, cells))
    if not header:
        raise InvalidInput("no_header", "The file has no readable header line.", "Check the first line of the file.")
    return Table(header, rows, encoding, delimiter, problems)


def decode(data: bytes) -> tuple[str, str]:
    """Text of a file and the name of its encoding; InvalidInput for a file that is no text."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(name).removeprefix("\ufeff"), name.removesuffix("-sig")
            except UnicodeDecodeError:
                break
    if b"\x00" in data[:4096]:
        return _without_mark(data)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _without_mark(data: bytes) -> tuple[str, str]:
    """UTF-16 without a mark shows as NUL in every other byte of western text."""
    head = data[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    if data[:2] != b"PK" and max(even, odd) > len(head) // 5 and min(even, odd) == 0:
        try:
            return data.decode(name), name
        except UnicodeDecodeError:
            pass
    raise InvalidInput("not_a_table", "The file is no text table.", "Save it as CSV and import that file.")


def _decode_legacy(data: bytes) -> tuple[str, str]:
    """Windows-1252 unless its text looks impossible; else what charset-normalizer proposes."""
    try:
        western: str | None = data.decode("cp1252")
    except UnicodeDecodeError:
        western = None
    if western is not None:
        foreign = sum(1 for char in western if not char.isascii())
        if len(_UNLIKELY_WESTERN.findall(western)) * 10 <= foreign:
            return western, "cp1252"
    from charset_normalizer import from_bytes  # slow to load, and seldom needed

    # Only lines that say something about the encoding, so that one accent in a large file counts.
    telling = b"\n".join(line for line in data.splitlines() if not line.isascii())[:_SNIFFED_CHARS]
    guess = from_bytes(telling, cp_isolation=_LEGACY).best()
    if guess is not None:
        try:
            return data.decode(guess.encoding), guess.encoding
        except UnicodeDecodeError:
            pass
    return (western, "cp1252") if western is not None else (data.decode("latin-1"), "latin-1")


def _header(cells: list[str]) -> list[str]:
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    return header


def _sniff(text: str) -> str:
    """The delimiter under which most rows have as many cells as the first; ties go to the wider table."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        widths = []
        for record in _records(text[:_SNIFFED_CHARS], delimiter, 0, 1):
            if any(cell.strip() for cell in record.cells):
                widths.append(len(record.cells))
            if len(widths) == _SNIFFED_ROWS:
                break
        if not widths or widths[0] < 2:
            continue
        agreeing = Counter(widths)[widths[0]] / len(widths)
        # Commas inside prose may agree by chance in short files: width decides among similar agreement.
        score = (round(agreeing, 1), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


@cache
def _cell_pattern(delimiter: str) -> re.Pattern[str]:
    d = re.escape(delimiter)
    return re.compile(
        rf'(?:[ ]*"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"[ ]*|(?P<plain>[^{d}\r\n]*+))(?P<end>{d}|\r\n|\n|\r|\Z)'
    )


def _records(text: str, delimiter: str, start: int, line: int) -> Iterator[_Record]:
    pattern = _cell_pattern(delimiter)
    position, first, lines = start, start, 1
    cells: list[str] = []
    unclosed = False
    while position < len(text) or cells:
        match = pattern.match(text, position)
        if match is None:  # cannot happen: the plain branch matches anywhere
            return
        quoted = match["quoted"]
        if quoted is not None:
            lines += _line_ends(quoted)
            cells.append(quoted.replace('""', '"'))
        else:
            plain = match["plain"]
            unclosed = unclosed or (plain.lstrip(" ").startswith('"') and plain.count('"') % 2 == 1)
            cells.append(plain)
        position = match.end()
        if match["end"] == delimiter:
            continue
        yield _Record(first, position, line, lines, cells, unclosed)
        line += lines
        first, lines, cells, unclosed = position, 1, [], False


def _line_ends(text: str) -> int:
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _repaired(text: str, delimiter: str, line: int, problems: list[Problem]) -> Iterator[_Record]:
    """Records, where one that swallowed others through a lost quote is cut back to its first line."""
    width = 0
    position = 0
    while position < len(text):
        for record in _records(text, delimiter, position, line):
            swallowed = record.lines > 1 and width and len(record.cells) != width
            if record.unclosed or swallowed:
                problems.append(
                    Problem(
                        record.line,
                        "unclosed_quote",
                        f"Line {record.line} has a quotation mark that is never closed; the line was left out.",
                        f"In Zeile {record.line} wird ein Anführungszeichen nie geschlossen; "
                        "die Zeile wurde ausgelassen.",
                    )
                )
                position, line = _next_line(text, record.start), record.line + 1
                break
            width = width or len(_header(record.cells))
            yield record
            position, line = record.end, record.line + record.lines
        else:
            return


def _next_line(text: str, start: int) -> int:
    ends = [at for at in (text.find("\n", start), text.find("\r", start)) if at >= 0]
    if not ends:
        return len(text)
    end = min(ends)
    return end + (2 if text.startswith("\r\n", end) else 1)
