"""The typesetter: a template of resources/templates and strings in, an archivable PDF out.

User text reaches the template as JSON data and is shown as strings, so nothing in it can be read as markup.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import fontpkg_inter
import typst

from crm_desktop.errors import BugError, KnownError

_MISSING_SIGN = re.compile(r"the text `?\"(?P<sign>.+?)\"`? could not be displayed", re.DOTALL)


def typeset(template: str, sheet: Mapping[str, Any], made_at: datetime, *, letter: bool = False) -> bytes:
    """PDF of the template filled with `sheet`, stamped with `made_at` (naive: taken as UTC).

    `letter`: it builds on what our letters have in common (letter.typ).

    KnownError `cannot_print_sign` when neither our font nor the system's have a sign of the text.
    """
    folder = files("resources") / "templates"
    source = b"".join((folder / name).read_bytes() for name in (("letter.typ",) if letter else ()) + (template,))
    data = json.dumps(sheet, ensure_ascii=False, sort_keys=True)
    stamp = int((made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)).timestamp())
    try:
        return _compile(source, data, stamp, system_fonts=False)
    except typst.TypstError as error:
        # The paper looks the same everywhere as long as our font has every sign; only then ask the system.
        if _MISSING_SIGN.search(str(error)) is None:
            raise BugError(f"template {template}: {error}") from error
    try:
        return _compile(source, data, stamp, system_fonts=True)
    except typst.TypstError as error:
        missing = _MISSING_SIGN.search(str(error))
        if missing is None:
            raise BugError(f"template {template}: {error}") from error
        sign = missing["sign"]
        raise KnownError(
            "cannot_print_sign",
            f"The sign “{sign}” cannot be printed: no font on this computer has it.",
            "Replace it in the text, or install a font that has it.",
            sign=sign,
        ) from error


def _compile(source: bytes, data: str, stamp: int, *, system_fonts: bool) -> bytes:
    return typst.compile(
        source,
        format="pdf",
        font_paths=typst.Fonts(
            include_system_fonts=system_fonts,
            font_paths=[fontpkg_inter.ROOT / "files"],
        ),
        sys_inputs={"sheet": data},
        pdf_standards=["a-3b", "ua-1"],  # to be archived, and read aloud
        timestamp=stamp,
    )
