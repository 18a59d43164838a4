"""Laptops whose clock is wrong, by libfaketime: nothing is lost, and a wrong clock wins nothing."""

import shutil
from collections.abc import Sequence

from crm_desktop.clock import SystemClock, stamp
from crm_desktop.ids import new_id
from crm_desktop.store.intents import create
from tests.end2end.compare_rows import open_device
from tests.integration.faults import scripted
from tests.integration.faults.killing import Company
from tests.integration.faults.programs import run_program
from tests.integration.server_process import patching

SKEWS = ("+10y", "-10y", "+6m")


def wrong_clock(skew: str) -> list[str]:
    """How to start a program under a clock that is off. RuntimeError where faketime is missing."""
    if shutil.which("faketime") is None:
        raise RuntimeError("faketime is missing: run `make system`, or install the package faketime.")
    return ["faketime", "-f", skew]


def work(company: Company, skew: str) -> list[str]:
    """A whole scripted session under a wrong clock, then a good one under the right clock."""
    kept = retained(company)
    with scripted.started(company.rep, f"clock{skew}", wrong_clock(skew)) as victim:
        done = scripted.finish(victim)
    wrong = scripted.wrong_after(company, f"clock{skew}", done.stdout)
    if done.returncode or "end\n" not in done.stdout:
        wrong.append(f"ended with {done.returncode}: {done.stdout[-200:]}{done.stderr[-300:]}")
    if retained(company) < kept:
        wrong.append("transactions that could heal a restored server were forgotten")
    return [f"clock {skew}: {text}" for text in wrong]


def retained(company: Company) -> int:
    """Transactions that the laptop keeps."""
    device = open_device(company.rep.device())
    try:
        return int(device.execute("SELECT count(*) FROM outbox_txn").fetchone()[0])
    finally:
        device.close()


def newest(company: Company, prefix: Sequence[str]) -> object:
    """The due date of a task that stands after an older edit of the laptop met a newer one of the desk.

    The field goes by the newest edit; the laptop's program runs with `prefix`.
    """
    rep = company.rep
    task = new_id()
    rep.store.commit([create("task", task, {"subject": "Call", "owner_id": rep.user_id, "due_on": "2030-01-01"})])
    assert company.heal() == []
    rep.close()
    try:
        done = run_program(rep, "set", "task", task, "due_on=2031-01-01", prefix=prefix)
        assert done.returncode == 0, done.stdout + done.stderr
        newer = patching("task", task, 0, due_on=("2030-01-01", "2032-02-02"))
        assert rep.desk.push(newer, at=stamp(SystemClock())) == ["applied"]
        done = run_program(rep, "sync", prefix=prefix)
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        rep.open()
    row = rep.store.read(lambda reader: reader.get("task", task))
    return None if row is None else row["due_on"]
