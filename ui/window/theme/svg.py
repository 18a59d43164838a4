"""The icon files as text, recoloured."""

import re
from functools import cache
from importlib import resources

from crm_desktop.errors import BugError

STROKE = 1.75
_STROKE_WIDTH = re.compile(r'stroke-width="[\d.]+"')


@cache
def _source(name: str) -> str:
    try:
        return (resources.files("resources") / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    except FileNotFoundError as missing:
        raise BugError(f"no icon named {name}") from missing


def svg(name: str, color: str, stroke: float = STROKE) -> bytes:
    """The icon's SVG with its colour (any CSS colour) and stroke width. BugError for an unknown name."""
    colored = _source(name).replace("currentColor", color)
    return _STROKE_WIDTH.sub(f'stroke-width="{stroke}"', colored).encode()
