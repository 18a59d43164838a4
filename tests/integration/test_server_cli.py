"""crm-server: administration and import, on both databases."""

import subprocess
import sys
from functools import partial
from pathlib import Path

from tests import quick_start
from tests.integration.server_process import ROOT, RunningServer

PRODUCTS = """ProductID,ProductName,QuantityPerUnit,UnitPrice,Discontinued
1,Chai,10 boxes,18.00,0
2,Chang,24 bottles,19.00,1
"""


def test_importing_twice_changes_nothing(server: RunningServer, tmp_path: Path) -> None:
    products, tax, accounts = tmp_path / "p.csv", tmp_path / "t.csv", tmp_path / "a.csv"
    products.write_text(PRODUCTS)
    tax.write_text("class;rate;valid from\nstandard;19;2021-01-01\nbroken\n")
    accounts.write_bytes("Account Name;City;Phone\nPébéo;Köln;0221 1\nMüller;Bonn;\n".encode("cp1252"))
    would = server.run("import", "products", str(products), "--dry-run")
    assert "Would import products: 2 new" in would
    assert "2 new" in server.run("import", "products", str(products))
    assert "0 new, 0 changed, 2 unchanged" in server.run("import", "products", str(products))
    for day, expected in (("2026-01-01", "2 new"), ("2026-01-01", "2 unchanged"), ("2026-03-01", "2 new")):
        assert expected in server.run("import", "prices", str(products), "--valid-from", day)
    told = server.run("import", "tax", str(tax))
    assert "Line 3" in told
    assert "1 new" in told
    assert "2 new" in server.run("import", "accounts", str(accounts))
    assert "0 new, 0 changed, 2 unchanged" in server.run("import", "accounts", str(accounts))
    server.add_user("desk", "admin")
    desk = server.device("desk")
    desk.pull()
    assert sorted((p["valid_from"], p["valid_until"]) for p in desk.of("price_list")) == [
        ("2026-01-01", "2026-02-28"),
        ("2026-03-01", None),
    ]
    assert sorted(row["price"] for row in desk.of("price_item")) == ["18.0000", "18.0000", "19.0000", "19.0000"]
    assert [row["city"] for row in desk.of("address")].count("Köln") == 1
    assert desk.own_digest() == desk.digest
    assert server.run("check") == "Everything holds.\n"


def test_refusals_are_one_sentence(server_sqlite: RunningServer, tmp_path: Path) -> None:
    run = server_sqlite.run
    assert "too short" in run("user", "add", "x", "--password-stdin", stdin="abc\n", expect=1)
    assert "no territory 'Q'" in run(
        "user", "add", "x", "--territory", "Q", "--password-stdin", stdin="long-enough\n", expect=1
    )
    server_sqlite.add_user("x")
    assert "already a user" in run("user", "add", "x", "--password-stdin", stdin="long-enough\n", expect=1)
    assert "no user 'y'" in run("territory", "grant", "Q", "y", expect=1)
    assert "cannot be read" in run("import", "tax", str(tmp_path / "none.csv"), expect=1)
    assert "no device" in run("device", "revoke", "ZZZ", expect=1)


def test_the_program_itself(tmp_path: Path) -> None:
    at_once = partial(quick_start.run, "server")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server", *arguments],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )

    place = str(tmp_path / "new.db")
    missing = run("check", "--database", place)
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert "crm-server init" in missing.stderr
    assert not Path(place).exists()
    assert run("init", "--database", place).returncode == 0
    assert at_once(["init", "--database", place]).returncode == 0
    checked = at_once(["check", "--database", place])
    assert (checked.stdout, checked.stderr) == ("Everything holds.\n", "")
    # What cannot be said is not passed over in silence.
    with Path("/dev/full").open("w") as full:
        unsaid = subprocess.run(
            [sys.executable, "-m", "server", "check", "--database", place],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            timeout=60,
            check=False,
        )
    assert (unsaid.returncode, unsaid.stderr.count("\n")) == (1, 1)
    assert run("nonsense").returncode == 2
    assert at_once(["check", "--database", "mysql://x/y"]).returncode == 1
    assert at_once(["check", "--database", "postgresql://nobody@127.0.0.1:1/x"]).returncode == 1
