"""`python -m tests.simulation.operators`: small random changes of apply, merge, engine and the store's apply loop.

Each one is planted in a copy. The unit tests of its module are asked first, because they are quick; then histories.
"""

import argparse
import ast
import random
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.patches import ROOT, copied_tree

# A module and the tests that speak of it.
TARGETS = {
    "crm_desktop/rules/apply.py": ("tests/unit/crm_desktop/store/test_outbox.py",),
    "crm_desktop/rules/merge.py": ("tests/unit/crm_desktop/rules/test_merge.py",),
    "sync/engine.py": ("tests/unit/sync/test_engine.py",),
    "sync/handshake.py": ("tests/unit/sync/test_engine.py",),
    "sync/pull.py": ("tests/unit/sync/test_engine.py",),
    "sync/push.py": ("tests/unit/sync/test_engine.py",),
    "crm_desktop/store/pull_apply.py": ("tests/unit/crm_desktop/store/test_pulling.py",),
    "crm_desktop/store/server_rows.py": ("tests/unit/crm_desktop/store/test_pulling.py",),
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
        elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
            yield "nothing returned", node
        elif isinstance(node, ast.If):
            yield "condition negated", node
        elif isinstance(node, (ast.Expr, ast.AugAssign)) and not _is_text(node):
            yield "statement left out", node


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


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
        node.value = ast.Constant(None)
    elif isinstance(node, ast.If):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.Expr):
        node.value = ast.Constant(None)
    elif isinstance(node, ast.AugAssign):
        node.value = ast.Constant(0)
        node.op = ast.Add()
    return ast.unparse(ast.fix_missing_locations(tree))


def judge(change: Change, histories: int) -> str:
    """Who killed it: 'unit', a seed, or nobody (empty)."""
    with copied_tree() as root:
        target = root / change.file
        target.write_text(mutated(target.read_text(encoding="utf-8"), change), encoding="utf-8")
        tests = [str(test) for test in TARGETS[change.file] if (root / test).exists()]
        if tests and _fails([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests], root):
            return "unit"
        command = [sys.executable, "-m", "tests.simulation", "--until-broken", "--seeds", str(histories)]
        return "histories" if _fails(command, root) else ""


def _fails(command: list[str], root: Path) -> bool:
    try:
        return subprocess.run(command, cwd=root, capture_output=True, check=False, timeout=900).returncode != 0
    except subprocess.TimeoutExpired:
        return True  # it does not come to an end


def main() -> int:
    """Plant random changes, the same ones for the same seed; 1 where too many live on."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.operators")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--histories", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=2)
    asked = parser.parse_args()
    everything = [change for file in TARGETS for change in changes(file)]
    chosen = random.Random(asked.seed).sample(everything, min(asked.count, len(everything)))
    dead = 0
    with ThreadPoolExecutor(asked.jobs) as pool:
        jobs = {pool.submit(judge, change, asked.histories): change for change in chosen}
        for done in as_completed(jobs):
            change, killer = jobs[done], done.result()
            dead += bool(killer)
            sys.stdout.write(f"{killer or 'ALIVE':10} {change.file}:{change.line} {change.what}\n")
            sys.stdout.flush()
    share = dead / len(chosen)
    sys.stdout.write(f"{dead} of {len(chosen)} random changes died ({share:.0%}; {ENOUGH:.0%} are asked for)\n")
    return 0 if share >= ENOUGH else 1


if __name__ == "__main__":
    raise SystemExit(main())
