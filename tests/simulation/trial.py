"""One small change tried in a child of this process: what is imported here need not be imported for each.

The child puts the changed code into the functions that are there already, so that everybody who holds them runs it.
"""

import ast
import contextlib
import gc
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType

ALIVE = "ALIVE"
ENDLESS = "endless"
NOT_HERE = "not here"  # the change lies outside of every function: a copy of the tree has to try it
CPU_S = 900  # of one child; who takes more does not come to an end
WALL_S = 3600


def home(tree: ast.Module, wanted: ast.AST) -> str:
    """Qualified name of the outermost function in whose body a node lies; empty where it lies in none."""

    def walk(node: ast.AST, prefix: str, inside: str) -> str | None:
        if node is wanted:
            return inside
        for field, value in ast.iter_fields(node):
            for child in value if isinstance(value, list) else [value]:
                if not isinstance(child, ast.AST):
                    continue
                within, deeper = inside, prefix
                if isinstance(node, ast.ClassDef):
                    deeper = f"{prefix}{node.name}."
                elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and not inside and field == "body":
                    within = f"{prefix}{node.name}"
                found = walk(child, deeper, within)
                if found is not None:
                    return found
        return None

    return walk(tree, "", "") or ""


def plant(module: str, source: str, function: str) -> bool:
    """Give a function of an imported module the code it has in `source`. False where it cannot be told which one."""
    file = importlib.import_module(module).__file__
    assert file is not None
    fresh = [code for code in _codes(compile(source, file, "exec")) if code.co_qualname == function]
    here = [
        one
        for one in gc.get_objects()
        if isinstance(one, FunctionType) and one.__code__.co_filename == file and one.__code__.co_qualname == function
    ]
    here.sort(key=lambda one: one.__code__.co_firstlineno)
    if not function or len(fresh) != len(here):
        return False
    for one, code in zip(here, fresh, strict=True):
        if code.co_freevars != one.__code__.co_freevars:
            return False
        one.__code__ = code
    return True


def _codes(code: CodeType) -> Iterator[CodeType]:
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from _codes(const)


def start(judge: Callable[[], str], tell: Callable[[str], None]) -> int:
    """Begin a child that tells its verdict at its end; returns its process id."""
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
        signal.alarm(WALL_S)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        tell(judge())
        code = 0
    finally:
        os._exit(code)


def wait() -> tuple[int, str]:
    """The next child that ends, and how, where it could not say it itself (else empty)."""
    child, status = os.wait()
    if os.WIFSIGNALED(status):
        return child, ENDLESS
    return child, "" if os.WEXITSTATUS(status) == 0 else "crash"


def unit_tests_fail(root: Path, files: Sequence[str]) -> bool:
    """Whether one of these tests fails, in this process."""
    import pytest

    present = [file for file in files if (root / file).exists()]
    if not present:
        return False
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    words = ["-q", "-x", "-c", os.devnull, "--rootdir", str(root), "--import-mode=importlib", "-p", "no:cacheprovider"]
    with contextlib.suppress(BaseException):
        return pytest.main([*words, *present]) != 0
    return True
