"""Which commands what was typed asks for: by the beginnings of their words, in either language."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ui.presenters.search import begins

ONLY_COMMANDS = ">"


@dataclass(frozen=True, slots=True)
class Command:
    """Something to do. `words` are shown, `also` found as well (the other language, other names).

    `keys` are the caps of its own key, if it has one. `always`: offered before anything is typed.
    """

    id: str
    words: str
    icon: str
    act: Callable[[], object]
    also: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    always: bool = False


def asks_for_commands(text: str) -> bool:
    """Whether only commands are wanted."""
    return text.lstrip().startswith(ONLY_COMMANDS)


def matching(commands: Iterable[Command], text: str) -> list[Command]:
    """Commands that fit what was typed; each sentence once. An empty text offers what is always offered."""
    asked = asks_for_commands(text)
    query = text.lstrip().removeprefix(ONLY_COMMANDS).strip()
    found: dict[str, Command] = {}
    for command in commands:
        fits = any(begins(words, query) for words in (command.words, *command.also)) if query else asked
        if fits or (command.always and not text.strip()):
            found.setdefault(command.words, command)
    return list(found.values())
