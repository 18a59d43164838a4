"""One profile used by two processes at once, and a profile that was copied to another laptop."""

import shutil
import subprocess
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from crm_desktop.ids import new_id
from tests.end2end.compare_rows import compare
from tests.integration.faults import scripted
from tests.integration.faults.company import Rep, wrong_on_server
from tests.integration.faults.killing import Company
from tests.integration.faults.programs import run_program


def side_by_side(company: Company, processes: int = 2) -> list[str]:
    """So many scripted sessions on one profile at the same time. Each may be refused, none may lose what it told."""
    labels = [f"beside-{new_id()[-6:]}-{number}" for number in range(processes)]
    done: list[subprocess.CompletedProcess[str]] = []
    company.rep.close()
    with ExitStack() as running:
        running.callback(company.rep.open)
        victims = [running.enter_context(scripted.beside(company.rep, label)) for label in labels]
        for victim in victims:
            victim.go()
        done = [victim.finish() for victim in victims]
    wrong: list[str] = []
    for label, one in zip(labels, done, strict=True):
        wrong += scripted.wrong_after(company, label, one.stdout)
        refused = "error: The database is in use by another program" in one.stdout
        if "Traceback" in one.stderr or not (refused or "end\n" in one.stdout):
            wrong.append(f"{label} ended with {one.returncode}: {one.stdout[-200:]}{one.stderr[-300:]}")
    return wrong


def under_an_open_window(company: Company) -> list[str]:
    """The command line works on a profile that is open here, and both go on afterwards."""
    rep = company.rep
    wrong: list[str] = []
    for number in range(3):
        rep.edit()
        name = f"By command line {rep.steps}"
        done = run_program(rep, "new", "account", f"name={name}", f"owner_id={rep.user_id}")
        rep.edit(desk=False)
        if number == 1:
            sent = run_program(rep, "sync")
            if sent.returncode:
                wrong.append(f"sync ended with {sent.returncode}: {sent.stdout}{sent.stderr}")
        rep.edit(desk=False)
        wrong += company.heal()
        found = rep.store.read(lambda reader, name=name: reader.where("account", name=name))  # type: ignore[misc]
        if (done.returncode == 0) != (len(found) == 1):
            wrong.append(f"new ended with {done.returncode} and left {len(found)} accounts: {done.stdout}")
    return wrong


def copied(company: Company, folder: Path) -> list[str]:
    """A profile with unsent work is copied; both laptops go on working without a line, then both sync, twice."""
    rep = company.rep
    rep.edit(desk=False)
    rep.close()
    shutil.copytree(rep.folder, folder)
    rep.open()
    twin = replace(
        rep,
        folder=folder,
        accounts=[*rep.accounts],
        visits=[*rep.visits],
        expected=dict(rep.expected),
        steps=rep.steps + 1000,
    )
    twin.open()
    try:
        rep.edit(desk=False)
        rep.edit(desk=False)
        twin.accounts.clear()  # what both have is edited by the first alone
        twin.visits.clear()
        twin.edit(desk=False)
        twin.edit(desk=False)
        wrong: list[str] = []
        for laptop in (rep, twin, rep, twin):
            report = laptop.sync(laptop.server.url)
            if report.error is not None:
                wrong.append(f"a sync ended with {report.error.code}: {report.error.message}")
        if rep.store.sync_state().device_id == twin.store.sync_state().device_id:
            wrong.append("both still use one identity")
        expected = rep.expected | twin.expected
        for laptop in (rep, twin):
            laptop.expected = dict(expected)
            wrong += laptop.wrong_here()
            wrong += wrong_on_server(laptop.server.database, laptop.device(), new_history=True)
        wrong += _once(rep)
        wrong += compare(rep.server.database, [rep.device(), replace(twin.device(), name="twin")])
    finally:
        twin.close()
    return wrong


def _once(rep: Rep) -> list[str]:
    names = [row["name"] for row in rep.store.read(lambda reader: reader.where("account"))]
    return [f"{name} is there twice" for name in set(names) if names.count(name) > 1]
