"""The message catalogues, one TOML file of sections and keys per language, for window and command line alike."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, cast

# A message with the sub-keys `one` and `other` is chosen by a count.
Message = str | dict[str, str]


@cache
def catalogue(language: str) -> dict[str, Message]:
    """All messages of a language by dotted key: `nav.today` is section `nav`, key `today`."""
    text = (resources.files("resources") / "translations" / f"{language}.toml").read_text(encoding="utf-8")
    return dict(_flat(tomllib.loads(text)))


def sentence(language: str, key: str) -> str | None:
    """The message of a key, None where the language has none."""
    message = catalogue(language).get(key)
    return message if isinstance(message, str) else None


def _flat(tree: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Message]]:
    found: list[tuple[str, Message]] = []
    for name, value in tree.items():
        key = f"{prefix}{name}"
        if isinstance(value, str):
            found.append((key, value))
        elif set(value) == {"one", "other"}:
            found.append((key, cast(dict[str, str], value)))
        else:
            found.extend(_flat(value, f"{key}."))
    return found
