"""How many fsyncs a save costs, counted from outside by strace: exactly one, or it is not durable, or too dear."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.durable_edits import pulled_accounts
from benchmarks.figure import Figure
from benchmarks.floor_files import KEY
from crm_desktop.clock import SystemClock
from crm_desktop.ids import new_id
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import patch

EDITS = 200
_BEGIN, _END = "/edits-begin", "/edits-end"  # looked up in vain: marks in the trace


def edit(folder: Path, edits: int) -> None:
    """The traced process: saves, one after another, between two marks."""
    with ClientStore.open(folder, KEY, SystemClock()) as store:
        ids = [new_id() for _ in range(edits)]
        store.apply_page(pulled_accounts(ids))
        store.commit([patch("account", ids[0], {"name": "Warm"})])  # whoever comes after a page syncs it too
        os.access(_BEGIN, os.F_OK)
        for record_id in ids:
            store.commit([patch("account", record_id, {"employees": 7, "name": "Edited"})])
        os.access(_END, os.F_OK)


def count(edits: int) -> int:
    """Fsyncs of `edits` saves in a process of its own."""
    if shutil.which("strace") is None:
        raise RuntimeError("strace is missing: run `make system`, or install the package strace.")
    with tempfile.TemporaryDirectory() as temporary:
        trace = Path(temporary) / "trace"
        subprocess.run(
            ["strace", "-f", "-qq", "-o", str(trace), "-e", "trace=fsync,fdatasync,access,faccessat,faccessat2",
             sys.executable, "-m", "benchmarks.fsyncs", str(Path(temporary) / "profile"), str(edits)],
            check=True,
        )  # fmt: skip
        lines = trace.read_text().splitlines()
    begin = next(n for n, line in enumerate(lines) if _BEGIN in line)
    end = next(n for n, line in enumerate(lines) if _END in line)
    return sum(1 for line in lines[begin:end] if "sync(" in line)


def measure(edits: int = EDITS) -> Figure:
    """Fsyncs a save."""
    found = count(edits)
    return Figure("Fsyncs a save", found / edits, 1, "", f"{found} for {edits} saves, counted by strace")


if __name__ == "__main__":
    edit(Path(sys.argv[1]), int(sys.argv[2]))
