"""First sync over TCP from a server process into an encrypted file, against bare decoding and inserting."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.company import LAST_WORD, LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from benchmarks.floor_files import prepare
from benchmarks.generated import Record

ACCOUNTS = 10_000
ROUNDS = 5
MOST = 2.5


def measure(accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> Figure:
    """Median of the ratios per round; product, floor and plain floor in turn, each in a process of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "server").mkdir()
        company = Company(folder / "server", accounts)
        full, plain = prepare(folder, company.records, _roots(company.records), company.scopes)
        times: list[tuple[float, float, float]] = []
        with company:
            for number in range(rounds):
                ours, pulled = _laptop(folder / f"laptop{number}", company.url)
                bare, rows = _floor(full, folder / "floor.db")
                unencrypted, _ = _floor(plain, folder / "plain.db")
                if pulled < rows:
                    raise RuntimeError(f"{pulled} rows synced of {rows}")
                times.append((ours, bare, unencrypted))
    ratio = median(ours / bare for ours, bare, _ in times)
    to_plain = median(ours / unencrypted for ours, _, unencrypted in times)
    seconds = " / ".join(f"{median(column):.2f} s" for column in zip(*times, strict=True))
    detail = (
        f"{accounts} accounts, {rows} rows, {rounds} rounds; product / floor / plain floor {seconds}; "
        f"{to_plain:.2f} x the plain floor (unencrypted, four indexes, no search)"
    )
    return Figure("First sync, time of the bare inserts", ratio, MOST, "x", detail)


def _roots(records: Sequence[Record]) -> list[str]:
    """The account each record hangs on, as the server sends it along."""
    account, roots = "", []
    for entity, record_id, row in records:
        account = record_id if entity == "account" else account
        roots.append(str(row.get("account_id") or account))
    return roots


def _laptop(folder: Path, url: str) -> tuple[float, int]:
    environment = os.environ | {
        "CRM_PASSPHRASE": "benchmark",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
    }
    command = [sys.executable, "-m", "benchmarks.client", str(folder), url, LOGIN, PASSWORD, LAST_WORD]
    try:
        return _told(command, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _floor(folder: Path, target: Path) -> tuple[float, int]:
    script = Path(__file__).with_name("floor.py")
    try:
        return _told([sys.executable, str(script), str(folder), str(target)], dict(os.environ))
    finally:
        for file in target.parent.glob(f"{target.name}*"):
            file.unlink()


def _told(command: Sequence[str], environment: dict[str, str]) -> tuple[float, int]:
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(done.stdout)
    return float(told["seconds"]), int(told["rows"])


if __name__ == "__main__":
    sys.stdout.write(measure(*(int(value) for value in sys.argv[1:])).line() + "\n")
