"""The commands about the data as a whole: what they say and what they do."""

import shutil
from pathlib import Path

import pytest

from crm_desktop.ids import new_id
from server.cli import main
from server.storage.storage import Storage


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Path of a database with two accounts."""
    path = str(tmp_path / "crm.db")
    storage = Storage.create(path, "Company")
    storage.write_records([("account", new_id(), {"name": name}) for name in ("One", "Two")], "test")
    storage.close()
    return path


def accounts(database: str) -> dict[str, str]:
    """Ids of the accounts by name."""
    storage = Storage.open(database)
    with storage.read() as connection:
        rows = connection.exec_driver_sql("SELECT name, id FROM account").all()
    storage.close()
    return {str(row[0]): str(row[1]) for row in rows}


def test_two_accounts_become_one(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    ids = accounts(database)
    assert main(["account", "merge", "--database", database, ids["One"], ids["Two"]]) == 0
    assert "0 records now belong to" in capsys.readouterr().out
    assert list(accounts(database)) == ["One"]
    assert main(["account", "merge", "--database", database, ids["One"], ids["Two"]]) == 1
    assert "There is no account" in capsys.readouterr().err
    assert main(["account", "merge", "--database", database, ids["One"], ids["One"]]) == 1
    assert "cannot be merged with itself" in capsys.readouterr().err


def test_a_backup_put_back(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "backup.db"
    shutil.copyfile(database, copy)
    storage = Storage.open(database)
    storage.write_records([("account", new_id(), {"name": "Three"})], "test")
    storage.close()
    shutil.copyfile(copy, database)
    assert main(["restored", "--database", database]) == 0
    told = capsys.readouterr().out
    assert "A new history has begun." in told
    assert "journal\t1 commits repeated\t2 in the backup\t1 records" in told
    assert sorted(accounts(database)) == ["One", "Three", "Two"]
    assert main(["healing", "--database", database]) == 0
    assert capsys.readouterr().out == "only on laptops\t0\n"
    assert main(["copies", "list", "--database", database]) == 0
    assert main(["copies", "take", "--database", database]) == 1
    assert main(["check", "--database", database]) == 0


def test_the_journal_may_lie_elsewhere(database: str, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    assert main(["journal", "--database", database, str(folder)]) == 0
    storage = Storage.open(database)
    storage.write_records([("account", new_id(), {"name": "Three"})], "test")
    storage.close()
    assert len(list(folder.glob("operations.*.jsonl"))) == 1


def test_a_journal_that_cannot_be_written_stops_the_write(database: str, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    assert main(["journal", "--database", database, str(blocked)]) == 0
    assert main(["territory", "add", "--database", database, "S"]) == 1
    assert sorted(accounts(database)) == ["One", "Two"]
    assert main(["check", "--database", database]) == 0


def test_erasing_and_collecting(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    ids = accounts(database)
    assert main(["erase", "--database", database, "account", ids["One"]]) == 0
    assert "Erased 1 records." in capsys.readouterr().out
    assert list(accounts(database)) == ["Two"]
    assert main(["gc", "--database", database, "--older-than", "0"]) == 0
    assert "The log begins after commit" in capsys.readouterr().out
    assert main(["check", "--database", database]) == 0
    with pytest.raises(SystemExit):
        main(["gc", "--database", database, "--older-than", "soon"])
