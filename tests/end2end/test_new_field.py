"""A field is one line in a declaration and one migration: the rest of the program learns of it by itself."""

import csv
import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.model.schema import SCHEMA_VERSION
from tests.end2end.machines import PASSPHRASE, ROOT, Laptop, Server
from tests.end2end.processes import PersonProcess

DECLARATION = "crm_desktop/model/accounts.py"
LINE = '    loading_dock: str = text("Loading dock", "Laderampe", search=True, aliases=("loading dock", "laderampe"))\n'
NUMBER = SCHEMA_VERSION + 1
MIGRATION = f"crm_desktop/model/migrations/versions/{NUMBER:04d}_loading_dock.py"
MIGRATION_TEXT = f'''"""Accounts know where to unload."""

import sqlalchemy as sa
from alembic import op

revision = "{NUMBER:04d}"
down_revision = "{SCHEMA_VERSION:04d}"


def upgrade() -> None:
    op.add_column("account", sa.Column("loading_dock", sa.Text(), nullable=False, server_default=""))
'''
DOCK = "Rampe 7, Nordhof"
NOT_THE_PROGRAM = shutil.ignore_patterns(
    "__pycache__",
    ".*",
    "build",
    "dist",
    "demo-*",
    "*.egg-info",
    "docs",
    "benchmarks",
    "unit",
    "integration",
    "contract",
)


def contents(tree: Path) -> dict[str, str]:
    """Digest of every file by its path."""
    return {
        path.relative_to(tree).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in tree.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def add_the_field(tree: Path) -> None:
    """What a developer does."""
    declaration = tree / DECLARATION
    lines = declaration.read_text(encoding="utf-8").splitlines(keepends=True)
    after = next(number for number, line in enumerate(lines) if line.startswith("    vat_id:"))
    lines.insert(after, LINE)
    declaration.write_text("".join(lines), encoding="utf-8")
    (tree / MIGRATION).write_text(MIGRATION_TEXT, encoding="utf-8")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The program as it stands, as a copy."""
    return Path(shutil.copytree(ROOT, tmp_path / "program", ignore=NOT_THE_PROGRAM))


@pytest.fixture
def server(tmp_path: Path, tree: Path) -> Iterator[Server]:
    """A company with two reps, served."""
    server = Server(tmp_path, tree)
    server.found("anna", "berta")
    server.start()
    yield server
    server.stop()


def type_into_the_form(profile: Path, pictures: Path, record_id: str) -> None:
    """A person at the window: opens the form, types key by key, saves, waits until it is sent."""
    person = PersonProcess("anna", profile, pictures)
    person.start()
    try:
        person.do("wait_for", status="settled")
        person.do("navigate", page="record", entity="account", record_id=record_id)
        person.do("wait_for", text="Loading dock")
        person.do("type", into="field_loading_dock", text=DOCK)
        person.do("press", keys="Ctrl+S")
        person.do("wait_for", text="Saved on this laptop")
        person.do("wait_for", status="settled")
    finally:
        person.close()


@pytest.mark.slow
def test_a_field_more_is_one_line_and_one_migration(
    tmp_path: Path, tree: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, berta = Laptop(tmp_path / "anna", tree), Laptop(tmp_path / "berta", tree)
    anna.enrol(server, "anna")
    territory = anna.run("list", "territory")[0]["id"]
    account = anna.run("new", "account", "name=Käserei Süd", f"territory_id={territory}")["id"]
    anna.run("sync")
    berta.enrol(server, "berta")
    assert berta.found("kaserei") == [account]
    berta.run("set", "account", account, "industry=Cheese")  # waits while everything is brought up to date
    server.stop()

    before = contents(tree)
    add_the_field(tree)
    after = contents(tree)
    assert {name for name in after if after[name] != before.get(name)} == {DECLARATION, MIGRATION}
    assert before.keys() - after.keys() == set()

    server.admin("init")
    server.start()
    # A program that has not been brought up to date yet goes on with the fields it knows.
    late = Laptop(tmp_path / "late")
    shutil.copytree(berta.folder, late.folder, dirs_exist_ok=True)
    late.run("sync")
    assert late.row("account", account)["industry"] == "Cheese"

    monkeypatch.chdir(tree)
    monkeypatch.setenv("CRM_PASSPHRASE", PASSPHRASE)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    type_into_the_form(anna.folder, tmp_path / "pictures", account)
    assert anna.row("account", account)["loading_dock"] == DOCK

    synced = berta.run("sync")
    assert synced["verified"] is True
    assert synced["outcomes"] == {"applied": 1}
    assert berta.found("nordhof") == [account]
    row = berta.row("account", account)
    assert (row["loading_dock"], row["industry"], row["name"]) == (DOCK, "Cheese", "Käserei Süd")
    for laptop in (anna, berta):
        assert len(list(laptop.folder.glob("crm.before-*.backup"))) == 1

    exported = tmp_path / "accounts.csv"
    berta.run("export", "account", str(exported))
    (line,) = csv.DictReader(io.StringIO(exported.read_text(encoding="utf-8-sig")))
    assert line["Loading dock"] == DOCK

    fresh = Laptop(tmp_path / "fresh", tree)
    imported = fresh.run("import", "account", str(exported))
    assert imported["created"] == 1
    assert {problem["message_code"] for problem in imported["problems"]} == {
        "unknown_reference"
    }  # its owner, territory
    assert len(fresh.found("nordhof")) == 1
    foreign = tmp_path / "foreign.csv"
    foreign.write_text("Account name;Laderampe\nMolkerei Nord;Tor 3 Westhof\n", encoding="utf-8")
    assert fresh.run("import", str(foreign))["unmapped"] == []
    (new,) = fresh.found("westhof")
    assert fresh.row("account", new)["loading_dock"] == "Tor 3 Westhof"


def test_without_its_migration_the_field_is_missed(tmp_path: Path, tree: Path) -> None:
    laptop = Laptop(tmp_path / "old", tree)
    laptop.run("new", "account", "name=Adler")
    add_the_field(tree)
    (tree / MIGRATION).unlink()
    done = laptop.process("list", "account")
    assert (done.code, done.out) == (1, "")
    assert "Traceback" not in done.err
    assert "declared without a migration" in (laptop.folder / "logs" / "crm.log").read_text()
