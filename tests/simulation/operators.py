"""`python -m tests.simulation.operators`: small random changes of apply, merge, engine and the store's apply loop.

Each one is tried in a process of its own: first by the unit tests of its module, because they are quick, then by the
scenes, then by histories. With `--resume FILE` a run that was ended goes on where it was.
"""

import argparse
import ast
import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation import test_scenes, trial
from tests.simulation.chance import ROOM
from tests.simulation.company import Company
from tests.simulation.patches import ROOT, copied_tree
from tests.simulation.world import Plan, live

# A module and the tests that speak of it, the quickest first.
RULES = "tests/unit/crm_desktop/rules"
STORE = "tests/unit/crm_desktop/store"
_SESSION = ("engine", "engine_push", "engine_hello", "engine_grants", "engine_removals", "first_sync")
ENGINE = tuple(f"tests/unit/sync/test_{name}.py" for name in _SESSION)
_PAGES = (
    "pulling",
    "own_work",
    "departures",
    "sums",
    "new_history",
    "new_device",
    "mending",
    "backfill",
    "page_search",
    "outbox",
    "first_fill",
    "first_pages",
    "search_index",
)
APPLY_LOOP = tuple(f"{STORE}/test_{name}.py" for name in _PAGES)
TARGETS = {
    "crm_desktop/rules/apply.py": (f"{RULES}/test_merge.py", f"{RULES}/test_merge_table.py", *APPLY_LOOP),
    "crm_desktop/rules/merge.py": (f"{RULES}/test_merge.py", f"{RULES}/test_merge_table.py"),
    "sync/engine.py": ENGINE,
    "sync/handshake.py": ENGINE,
    "sync/pull.py": ENGINE,
    "sync/push.py": ENGINE,
    "crm_desktop/store/pull_apply.py": APPLY_LOOP,
    "crm_desktop/store/server_rows.py": APPLY_LOOP,
}
COUNT = 200
ENOUGH = 0.9
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """One random change: `at` counts the places of a module, in the order of `ast.walk`."""

    file: str
    at: int
    what: str
    line: int


def _places(tree: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and type(node.ops[0]) in _FLIPPED:
            yield "comparison turned", node
        elif isinstance(node, ast.BoolOp):
            yield "and and or swapped", node
        elif isinstance(node, ast.Constant) and type(node.value) is int:
            yield "number one higher", node
        elif isinstance(node, ast.Return) and isinstance(node.value, ast.Constant) and type(node.value.value) is bool:
            yield "the opposite returned", node  # nothing would be as false as False
        elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
            yield "nothing returned", node
        elif isinstance(node, ast.If):
            yield "condition negated", node
        elif isinstance(node, (ast.Expr, ast.AugAssign)) and not _is_text(node) and not _is_aside(node):
            yield "statement left out", node


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_aside(node: ast.AST) -> bool:
    """A line of the log, or a place at which tests may end the program: they do nothing else."""
    called = ast.unparse(node)
    return called.startswith(("log.", "failpoint("))


def changes(file: str) -> list[Change]:
    """Every change that could be made to a module."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return [Change(file, at, what, getattr(node, "lineno", 0)) for at, (what, node) in enumerate(_places(tree))]


def mutated(source: str, change: Change) -> str:
    """The module with one change in it."""
    tree = ast.parse(source)
    _, node = list(_places(tree))[change.at]
    if isinstance(node, ast.Compare):
        node.ops[0] = _FLIPPED[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Constant):
        assert isinstance(node.value, int)
        node.value += 1
    elif isinstance(node, ast.Return):
        old = node.value.value if isinstance(node.value, ast.Constant) else None
        node.value = ast.Constant(not old if isinstance(old, bool) else None)
    elif isinstance(node, ast.If):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.AugAssign):
        node.value = ast.Constant(0)
        node.op = ast.Add()
    return ast.unparse(ast.fix_missing_locations(tree))


def judge(change: Change, company: Company, histories: int) -> str:
    """Who kills it: 'unit', 'scene', a seed, or nobody. In a child: this process is spoilt by it."""
    source = (ROOT / change.file).read_text(encoding="utf-8")
    tree = ast.parse(source)
    function = trial.home(tree, list(_places(tree))[change.at][1])
    if not trial.plant(change.file.removesuffix(".py").replace("/", "."), mutated(source, change), function):
        return _in_a_copy(change, histories)
    if trial.unit_tests_fail(ROOT, TARGETS[change.file]):
        return "unit"
    if not _scenes_hold(company):
        return "scene"
    for seed in range(histories):
        if not live(Plan(str(seed)), company).held:
            return f"seed {seed}"
    return trial.ALIVE


def _scenes_hold(company: Company) -> bool:
    for name, scene in vars(test_scenes).items():
        if name.startswith("test_"):
            try:
                scene(company)
            except Exception:
                return False
    return True


def _in_a_copy(change: Change, histories: int) -> str:
    """What lies in no function is read when its module is imported: it takes a program of its own."""
    with copied_tree() as root:
        target = root / change.file
        target.write_text(mutated(target.read_text(encoding="utf-8"), change), encoding="utf-8")
        tests = [test for test in TARGETS[change.file] if (root / test).exists()]
        if _fails([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests], root):
            return "unit"
        command = [sys.executable, "-m", "tests.simulation", "--until-broken", "--seeds", str(histories)]
        return "a history" if _fails(command, root) else trial.ALIVE


def _fails(command: list[str], root: Path) -> bool:
    return subprocess.run(command, cwd=root, capture_output=True, check=False).returncode != 0


@dataclass(frozen=True, slots=True)
class Told:
    """What a run knows of a change; kept in the resume file, one line each. `histories`: how many were tried."""

    change: str
    killer: str
    histories: int


def name_of(change: Change) -> str:
    """A name that another change of the same module, or the same one of another version of it, does not have."""
    version = sha256((ROOT / change.file).read_bytes()).hexdigest()[:8]
    return f"{change.file}:{change.line}#{change.at} {change.what} ({version})"


def remembered(file: Path) -> dict[str, Told]:
    """What an earlier run found out."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {told.change: told for told in (Told(*json.loads(line)) for line in lines)}


def _remember(file: Path, told: Told) -> None:
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps([told.change, told.killer, told.histories]) + "\n")


def try_all(chosen: Sequence[Change], company: Company, histories: int, jobs: int, file: Path) -> None:
    """Try every change that has no verdict yet, so many at a time; the verdicts stand in the file."""
    known = remembered(file)
    running: dict[int, str] = {}

    def next_end() -> None:
        child, how = trial.wait()
        name = running.pop(child)
        if how:  # it could not tell it itself
            _remember(file, Told(name, how, histories))
        sys.stdout.write(f"{remembered(file)[name].killer:10} {name}\n")
        sys.stdout.flush()

    for change in chosen:
        name = name_of(change)
        told = known.get(name)
        if told is not None and (told.killer != trial.ALIVE or told.histories >= histories):
            continue
        while len(running) >= jobs:
            next_end()
        child = trial.start(
            lambda change=change: judge(change, company, histories),  # type: ignore[misc]
            lambda killer, name=name: _remember(file, Told(name, killer, histories)),  # type: ignore[misc]
        )
        running[child] = name
    while running:
        next_end()


def main() -> int:
    """Plant random changes, the same ones for the same seed; 1 where too many live on."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.operators")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--resume", type=Path, help="file with the verdicts so far; what it knows is not tried again")
    asked = parser.parse_args()
    everything = [change for file in TARGETS for change in changes(file)]
    chosen = random.Random(asked.seed).sample(everything, min(asked.count, len(everything)))
    with TemporaryDirectory(dir=ROOM) as folder:
        file = asked.resume or Path(folder) / "verdicts"
        try_all(chosen, Company(Path(folder)), asked.histories, asked.jobs, file)
        verdicts = remembered(file)
    killers = Counter(verdicts[name_of(change)].killer.partition(" ")[0] for change in chosen)
    dead = len(chosen) - killers[trial.ALIVE]
    share = dead / len(chosen)
    sys.stdout.write(f"{dead} of {len(chosen)} random changes died ({share:.0%}; {ENOUGH:.0%} are asked for): "
                     f"{dict(sorted(killers.items()))}\n")  # fmt: skip
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    raise SystemExit(main())
