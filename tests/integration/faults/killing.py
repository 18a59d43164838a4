"""One kill at each named point, in real processes: the state it needs, the process that dies, what must hold then."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crm_desktop.failpoints import POINTS
from crm_desktop.ids import new_id
from crm_desktop.model.schema import SCHEMA_VERSION
from server.storage.storage import Storage
from tests.integration.faults.company import Rep, new_server
from tests.integration.faults.programs import KILLED, ended, init_server, run_program, serve
from tests.integration.faults.share import Part, every
from tests.integration.server_process import ROOT, patching

MIGRATION = f"crm_desktop/model/migrations/versions/{SCHEMA_VERSION + 1:04d}_probe.py"
MIGRATION_TEXT = f'''"""A column more."""

import sqlalchemy as sa
from alembic import op

revision = "{SCHEMA_VERSION + 1:04d}"
down_revision = "{SCHEMA_VERSION:04d}"


def upgrade() -> None:
    op.add_column("account", sa.Column("probe", sa.Text(), nullable=False, server_default=""))
'''
PACKAGES = ("crm_desktop", "sync", "ui", "server", "resources")


@dataclass(slots=True)
class Company:
    """A server and one laptop; every point leaves them healed for the next one."""

    folder: Path
    rep: Rep

    @classmethod
    def found(cls, folder: Path, database: str = "") -> "Company":
        """A new company with one laptop that has worked and synced; without an address on SQLite."""
        server = new_server(folder, database)
        server.add_user("berta")
        rep = Rep.enrol(server, folder / "anna")
        company = cls(folder, rep)
        rep.edit()
        wrong = company.heal()
        assert not wrong, wrong
        return company

    def heal(self) -> list[str]:
        """One good session in this process, and what is wrong then."""
        report = self.rep.sync(self.rep.server.url)
        if report.error is not None:
            return [f"the session after the kill ended with {report.error.code}: {report.error.message}"]
        return [*([] if report.digest_ok else ["the digest differs"]), *self.rep.wrong()]

    def close(self) -> None:
        """End both."""
        self.rep.close()
        self.rep.server.stop()


def _laptop(*words: str) -> Callable[[Company, str], list[str]]:
    """The program dies at the point while it does this verb."""

    def scenario(company: Company, fail: str) -> list[str]:
        rep = company.rep
        rep.edit()
        return _program_dies(company, fail, *words)

    return scenario


def _program_dies(company: Company, fail: str, *words: str, tree: Path = ROOT) -> list[str]:
    rep = company.rep
    rep.close()
    try:
        died = run_program(rep, *words, fail=fail, tree=tree)
    finally:
        rep.open()
    if died.returncode != KILLED:
        return [f"the program was not killed: {died.returncode} {died.stdout[-300:]}{died.stderr[-300:]}"]
    return company.heal()


def _save(kept: bool) -> Callable[[Company, str], list[str]]:
    """The program dies while it saves: all of it is there or nothing, and `kept` says which."""

    def scenario(company: Company, fail: str) -> list[str]:
        rep = company.rep
        name = f"Saved at {fail}"
        wrong = _program_dies(company, fail, "new", "account", f"name={name}", f"owner_id={rep.user_id}", "tags=a,b")
        rows = rep.store.read(lambda reader: reader.where("account", name=name))
        if [row["tags"] for row in rows] != ([["a", "b"]] if kept else []):
            wrong.append(f"{len(rows)} accounts of the save are there")
        return wrong

    return scenario


def _attach(company: Company, fail: str) -> list[str]:
    """The program dies while it keeps a file: none of it is shown, and it can be added again."""
    rep = company.rep
    rep.edit()
    paper = company.folder / "paper.txt"
    paper.write_text("paper" * 50_000)
    account = rep.accounts[-1]
    wrong = _program_dies(company, fail, "attach", "add", "account", account, str(paper))
    if rep.store.read(lambda reader: reader.files("account", account)):
        wrong.append("a file is shown whose bytes were not safe")
    with paper.open("rb") as source:
        rep.store.files.add(source, ("account", account), {"name": "paper.txt"})
    (view,) = rep.store.read(lambda reader: reader.files("account", account))
    if b"".join(rep.store.files.pieces(view)) != paper.read_bytes():
        wrong.append("the file added again is another one")
    return wrong


def _server(company: Company, fail: str) -> list[str]:
    """The server dies during a push."""
    rep = company.rep
    rep.edit()
    rep.server.stop()
    serve(rep.server, fail)
    report = rep.sync(rep.server.url)
    wrong = [] if report.error is not None and report.error.code == "offline" else [f"the push was told {report}"]
    code = ended(rep.server)
    if code != KILLED:
        wrong.append(f"the server was not killed but ended with {code}")
    serve(rep.server)
    rep.follow()
    return wrong + company.heal()


def _evict(company: Company, fail: str) -> list[str]:
    """An account goes to a colleague; the laptop dies while it takes it out."""
    rep = company.rep
    rep.edit()
    wrong = company.heal()
    account, visit = rep.accounts[-1], rep.visits[-1]
    berta = rep.server.device("berta").user_id
    outcome = rep.desk.push(patching("account", account, 0, owner_id=(rep.user_id, berta)))
    if outcome != ["applied"]:
        wrong.append(f"the move was answered {outcome}")
    for key in (("account", account), ("visit", visit)):
        del rep.expected[key]
    rep.accounts.clear()
    rep.visits.clear()
    wrong += _program_dies(company, fail, "sync")
    if rep.store.read(lambda reader: reader.get("account", account)) is not None:
        wrong.append("the account that left is still shown")
    return wrong


def _new_history(company: Company, fail: str) -> list[str]:
    """The server begins a new history; the laptop dies while it adopts it."""
    rep = company.rep
    rep.edit()
    storage = Storage.open(rep.server.database)
    storage.new_epoch(rep.desk.epoch)
    rep.desk.epoch = storage.state()[0]
    storage.close()
    rep.new_history = True
    return _program_dies(company, fail, "sync")


def _first_sync(company: Company, fail: str) -> list[str]:
    """A new laptop dies while it is filled by prepared parts; what was written on it before stays and is sent."""
    folder = company.folder / f"new-{fail.partition(':')[0]}"
    folder.mkdir()
    newcomer = _with_many(folder)
    try:
        newcomer.rep.edit(desk=False)
        return _program_dies(newcomer, fail, "sync")
    finally:
        newcomer.close()


def _with_many(folder: Path) -> Company:
    """A company of its own with so many records that the server prepares parts; nothing is synced yet."""
    server = new_server(folder)
    storage = Storage.open(server.database)
    many = storage.settings.snapshot_from_rows + 1
    storage.write_records([("tag", new_id(), {"name": f"Tag {number}"}) for number in range(many)], actor="test")
    storage.close()
    return Company(folder, Rep.enrol(server, folder / "anna"))


def _successor(company: Company, fail: str) -> list[str]:
    """A laptop that reads everything anew by parts dies while the new file takes the place of the old one."""
    folder = company.folder / f"anew-{fail.partition(':')[0]}"
    folder.mkdir()
    newcomer = _with_many(folder)
    try:
        newcomer.rep.edit(desk=False)
        wrong = newcomer.heal()
        return wrong + _new_history(newcomer, fail)
    finally:
        newcomer.close()


def newer_program(folder: Path) -> Path:
    """The program with one schema migration more, in a folder of its own."""
    tree = folder / "newer"
    if not tree.exists():
        for package in PACKAGES:
            shutil.copytree(ROOT / package, tree / package, ignore=shutil.ignore_patterns("__pycache__"))
        (tree / MIGRATION).write_text(MIGRATION_TEXT, encoding="utf-8")
    return tree


def _migration(company: Company, fail: str) -> list[str]:
    """A newer program dies while it migrates the laptop; the old one finds its old file, the new one goes on."""
    company.rep.edit()
    tree = newer_program(company.folder)
    wrong = _program_dies(company, fail, "outbox", tree=tree)
    copy = company.folder / f"copy-{fail}"
    company.rep.close()  # copying a file gives up this process's locks on it
    shutil.copytree(company.rep.folder, copy)
    company.rep.open()
    went_on = run_program(company.rep, "digest", "--recompute", tree=tree, folder=copy)
    if went_on.returncode:
        wrong.append(f"the newer program cannot go on: {went_on.stdout}{went_on.stderr}")
    return wrong


def _server_migration(company: Company, fail: str) -> list[str]:
    """A newer server dies while it migrates; the old one serves its old database."""
    rep = company.rep
    rep.edit()
    rep.server.stop()
    tree = newer_program(company.folder)
    died = init_server(rep.server, tree, fail)
    wrong = [] if died == KILLED else [f"the migration was not killed but ended with {died}"]
    serve(rep.server)
    rep.follow()
    return wrong + company.heal()


_SYNC = _laptop("sync")
SCENARIOS: dict[str, Callable[[Company, str], list[str]]] = {
    "C1-before": _save(kept=False),
    "C1-after": _save(kept=True),
    "C2": _SYNC,
    "C3": _SYNC,
    "C4": _server,
    "C5": _server,
    "C6": _server,
    "C7": _SYNC,
    "C8-server": _server,
    "C8-before": _SYNC,
    "C8-after": _SYNC,
    "C9": _SYNC,
    "C10": _SYNC,
    "C11": _SYNC,
    "C12-part": _first_sync,
    "C12-last": _first_sync,
    "C12-staged": _successor,
    "C12-marked": _successor,
    "C13-written": _attach,
    "C13-renamed": _attach,
    "C14-copied": _migration,
    "C14-before": _migration,
    "C14-server": _server_migration,
    "C15": _evict,
    "C16": _SYNC,
    "C17-before": _new_history,
    "C17-after": _new_history,
}
# Passes that are worth a kill of their own: head and body of push and pull, both answers.
PASSES = {"C3": (2, 1, 3, 4), "C7": (1, 2), "C15": (1, 2)}
HALF = 2  # a point takes seconds: the others are visited by the next commit, all of them by `make prove`


def cases(*, all_passes: bool) -> list[tuple[str, int]]:
    """Points and passes to visit; a new history comes last, because it stays."""
    late = sorted(POINTS, key=lambda name: (name.startswith("C17"), name))
    return [(name, n) for name in late for n in PASSES.get(name, (1,))[: None if all_passes else 1]]


def kill_everywhere(part: Part, folder: Path, *, all_passes: bool) -> None:
    """Visit every point and pass of it, or the half of the points that is this commit's; what is wrong is told."""
    company = Company.found(folder / "company")
    try:
        wanted = cases(all_passes=all_passes)
        for name, number in wanted if all_passes else every(wanted, HALF):
            part.points += 1
            wrong = SCENARIOS[name](company, f"{name}:{number}")
            part.failures += [f"{name}:{number}: {text}" for text in wrong]
            if wrong:
                company.close()
                company = Company.found(folder / f"company{part.points}")
    finally:
        company.close()
