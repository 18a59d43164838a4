"""Does this installation work? Opens an encrypted database, reads a translation and a font, prints a PDF."""

import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import resources
from pathlib import Path

from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.model.schema import SCHEMA_VERSION
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.connection import KEY_BYTES, connect, sqlite_version
from crm_desktop.store.intents import create
from crm_desktop.store.migrations import prepare
from ui.compose import default_folder

Check = Callable[[], str]


def run(more: Iterable[tuple[str, Check]] = ()) -> int:
    """Run all checks, also those that stop at an error; 0 when every one passed.

    `more` are checks of the face that calls (picture and font in the window's toolkit).
    """
    passed = True
    checks = (
        ("sqlite", sqlite_version),
        ("database", _database),
        ("translations", _translations),
        ("pdf", _pdf),
        ("folder", _folder),
        *more,
    )
    for name, check in checks:
        try:
            line = f"ok    {name}: {check()}"
        except Exception as error:  # whatever is broken is to be told here
            passed = False
            said = str(error).partition("\n")[0]
            line = f"FAIL  {name}: {type(error).__name__}: {said}"
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    return 0 if passed else 1


def _database() -> str:
    key = b"\x07" * KEY_BYTES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "crm.db"
        # A new file is made without its history: an installation has to know that too, for the files it will meet.
        connection = connect(path, key)
        prepare(connection, path, by_migrations=True)
        connection.close()
        with ClientStore.open(Path(folder), key, SystemClock()) as store:
            account = new_id()
            store.commit([create("account", account, {"name": "Self check"})])
            found = store.read(lambda reader: reader.search("self che"))
        content = path.read_bytes()
    if [hit.id for hit in found] != [account]:
        raise RuntimeError("a saved record is not found")
    if content.startswith(b"SQLite format 3") or b"Self check" in content:
        raise RuntimeError("the database is not encrypted")
    return f"encrypted, schema {SCHEMA_VERSION}, a record saved and found"


def _translations() -> str:
    counts = []
    for language in ("en", "de"):
        text = (resources.files("resources") / "translations" / f"{language}.toml").read_text(encoding="utf-8")
        counts.append(f"{language} {len(tomllib.loads(text))} sections")
    return ", ".join(counts)


def _pdf() -> str:
    from crm_desktop.documents.quote_document import Company, QuoteDocument, QuoteDocumentLine
    from crm_desktop.documents.quote_pdf import render_quote
    from crm_desktop.rules.pricing import TotalLine, totals

    price = Decimal("9.90")
    pdf = render_quote(
        QuoteDocument(
            company=Company("Self check"),
            recipient=("Self check",),
            number="SELF-CHECK",
            revision=1,
            quote_date=date(2026, 1, 1),
            currency="EUR",
            lines=(QuoteDocumentLine("Self check", Decimal(1), price, price, Decimal(19), price),),
            totals=totals([TotalLine(price, Decimal(19))], "EUR"),
            made_at=datetime(2026, 1, 1, tzinfo=UTC),
        ),
        "en",
    )
    if not pdf.startswith(b"%PDF"):
        raise RuntimeError("no PDF came out")
    return f"{len(pdf)} bytes"


def _folder() -> str:
    return str(default_folder())
