"""A log without anybody in it: of each line only the words stay that the program itself knows.

Logs carry no personal data by rule; this holds also where a rule was broken. A word stays if a piece of the program
of this process holds it as a text or a name, and no short text of a record holds it too. All others become "…".
"""

import re
import sys
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

PACKAGES = ("crm_desktop", "sync", "ui")
GONE = "…"
_WORD = re.compile(r"[^\W\d_]+")
# What looks like an address of a person or a machine goes as a whole, whatever its words are.
_ADDRESS = re.compile(r"\S+@\S+|\b\w+://\S+|\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w.:-])\+?\d[\d ()/-]{5,}\d(?![\w.:-])")
_STAMP = re.compile(r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2},\d{3} ")
_PATH = re.compile(r'"[^"\n]*[/\\]((?:crm_desktop|sync|ui|site-packages)[/\\][^"\n]*)"')
_OTHER_PATH = re.compile(r'(?<![\w])(?:[A-Za-z]:\\|/)[^\s"]*[/\\][^\s"]*')


def words_in(lines: Iterable[str]) -> frozenset[str]:
    """All words of some lines, as they are written."""
    return frozenset(word for line in lines for word in _WORD.findall(line))


def redacted(line: str, known: frozenset[str], held: frozenset[str]) -> str:
    """A line with every word gone that is not of `known`, or is of `held`."""
    stamp = _STAMP.match(line)
    head, rest = (stamp[0], line[stamp.end() :]) if stamp else ("", line)
    rest = _PATH.sub(lambda found: f'"{found[1]}"', rest)
    rest = _ADDRESS.sub(GONE, _OTHER_PATH.sub(GONE, rest))
    return head + _WORD.sub(lambda found: found[0] if found[0] in known and found[0] not in held else GONE, rest)


@cache
def program_words() -> frozenset[str]:
    """Words of the texts and names in the modules of the program that are loaded; explanations are left out."""
    words: set[str] = {"Traceback", "File", "line", "in", "INFO", "WARNING", "ERROR", "DEBUG", "MainThread", "py"}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in PACKAGES and isinstance(module, ModuleType):
            for text in (*name.split("."), *_texts(module)):
                words.update(_WORD.findall(text))
    return frozenset(words)


def _texts(module: ModuleType) -> Iterator[str]:
    for name, value in list(vars(module).items()):
        if name == "__doc__":
            continue
        yield name
        if isinstance(value, FunctionType):
            yield from _of_code(value.__code__, documented=value.__doc__ is not None)
        elif isinstance(value, type) and value.__module__ == module.__name__:
            yield from _of_class(value)
        elif isinstance(value, str | tuple | frozenset | dict):
            yield from _of_value(value)


def _of_class(made: type) -> Iterator[str]:
    for name, member in vars(made).items():
        yield name
        if isinstance(member, Enum):
            yield str(member.value)
        inner = getattr(member, "fget", None) or getattr(member, "__func__", member)
        if isinstance(inner, FunctionType):
            yield from _of_code(inner.__code__, documented=inner.__doc__ is not None)


def _of_code(code: CodeType, *, documented: bool) -> Iterator[str]:
    yield from (code.co_name, *code.co_names, *code.co_varnames)
    for place, value in enumerate(code.co_consts):
        if isinstance(value, CodeType):
            yield from _of_code(value, documented=bool(value.co_consts) and isinstance(value.co_consts[0], str))
        elif not (documented and place == 0):
            yield from _of_value(value)


def _of_value(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | frozenset):
        yield from (part for part in value if isinstance(part, str))
    elif isinstance(value, dict):
        yield from (key for key in value if isinstance(key, str))
