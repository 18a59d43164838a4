"""The lines of the README can be typed as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

from server.cli import parser as server_parser
from ui.cli.parser import build

README = Path(__file__).resolve().parents[2] / "README.md"
LINES = [
    line.strip()
    for block in re.findall(r"```\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    for line in block.splitlines()
    if line.startswith(("crm-server ", "crm-desktop"))
]


def test_the_readme_shows_commands() -> None:
    assert len(LINES) > 10


@pytest.mark.parametrize("line", LINES)
def test_a_command_of_the_readme_is_understood(line: str) -> None:
    program, *words = shlex.split(line)
    parsed = (server_parser() if program == "crm-server" else build()).parse_args(words)
    assert hasattr(parsed, "run") or not words
