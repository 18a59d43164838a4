"""Where a verb's result goes: one JSON document, or lines a person reads."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from crm_desktop import standard_output
from crm_desktop.errors import CrmError, KnownError
from ui.cli.words import told, word


class Output:
    """Writes to standard output; every write is flushed, so that what was reported was durable before."""

    def __init__(self, as_json: bool, language: str) -> None:
        self.as_json = as_json
        self.language = language

    def say(self, data: Any, *lines: str) -> None:
        """`data` as JSON, or `lines`. KnownError where the output cannot be written."""
        text = (
            json.dumps(data, ensure_ascii=False, default=str) + "\n"
            if self.as_json
            else "".join(line + "\n" for line in lines)
        )
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except BrokenPipeError:  # the reader of our output went away, as in `| head`
            raise
        except OSError as error:
            standard_output.abandon()
            raise KnownError(
                "output_not_written",
                "What this command found could not be written.",
                "Free some space where its output goes. What it did stands.",
            ) from error

    def word(self, key: str, /, **values: object) -> str:
        """A message in the language of the profile."""
        return word(key, self.language, **values)

    def error(self, error: CrmError) -> str:
        """An error in the language of the profile."""
        return told(error, self.language)

    def table(self, data: Any, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """`data` as JSON, or an aligned table."""
        self.say(data, *table_lines(header, rows, self.word("none")))


def table_lines(header: Sequence[str], rows: Iterable[Sequence[Any]], empty: str, most: int = 48) -> list[str]:
    """Aligned lines; long cells are cut at `most` signs; `empty` alone where there is no row."""
    cells = [[_cell(value, most) for value in row] for row in rows]
    if not cells:
        return [empty]
    widths = [max(len(row[index]) for row in [list(header), *cells]) for index in range(len(header))]

    def aligned(line: Sequence[str]) -> str:
        return "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()

    return [aligned(line) for line in (list(header), ["-" * width for width in widths], *cells)]


def text_of(value: Any) -> str:
    """A wire value as a person reads it."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    return str(value)


def _cell(value: Any, most: int) -> str:
    text = " ".join(text_of(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"
