"""The commands of the palette, from what window and pages declare already: pages, lists, buttons, keys."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, cast, runtime_checkable

from ui.catalogue import sentence
from ui.presenters.help_texts import TOPICS
from ui.presenters.list_columns import SPECS
from ui.presenters.search import Found
from ui.presenters.search_commands import Command
from ui.window import theme
from ui.window.i18n import LANGUAGES, language, tr
from ui.window.navigation_panel import HELP, SYNC, WORK, NavigationPanel
from ui.window.page import Page, Shell
from ui.window.page_stack import PageStack
from ui.window.views.record_list_page import RecordListPage
from ui.window.widgets.button import Button
from ui.window.window_keys import NUMBERED

_PAGES = (*WORK, ("outcomes", "target"), ("stages", "settings"), *SYNC, ("settings", "settings"), HELP)
_PAGE_KEYS = {page: ("key.ctrl", str(number)) for number, page in enumerate(NUMBERED, start=1)} | {
    "settings": ("key.ctrl", ","),
    "help": ("F1",),
}


class Host(Shell, Protocol):
    """The window, with what commands ask of it beyond what pages may."""

    def sync_now(self) -> None:
        """Ask for a round at once."""
        ...

    def change_settings(self, **changes: Any) -> None:
        """Settings by name, in effect at once."""
        ...


@runtime_checkable
class Framed(Protocol):
    """A window with a navigation and pages of its own."""

    nav: NavigationPanel
    stack: PageStack

    def back(self) -> None:
        """To the page before this one."""
        ...

    def forward(self) -> None:
        """To the page one came back from."""
        ...

    def undo_last(self) -> None:
        """Take back what the last toast told of."""
        ...


def commands(host: Host, text: str, best: Found | None) -> Iterator[Command]:
    """All there is to do here: with the best match, on this page, in the program. Yields the closest first."""
    yield from _with_match(host, best)
    if isinstance(host, Framed):
        page = host.stack.currentWidget()
        if isinstance(page, Page):
            yield from _of_page(page)
    yield from _program(host)
    yield from _new_records(host)
    yield from _pages(host)
    yield from _help(host)
    if isinstance(host, Framed):
        yield from _lists(host)
        yield from _exports(host)


def _command(key: str, icon: str, act: Callable[[], object], keys: tuple[str, ...] = (), **more: Any) -> Command:
    """A command named by a message; found by its words in every language."""
    always = bool(more.pop("always", False))
    also = tuple(_filled(sentence(other, key) or "", more) for other in LANGUAGES if other != language())
    caps = tuple(tr(part) if part.startswith("key.") else part for part in keys)
    return Command(key, tr(key, **more), icon, act, also, caps, always)


def _filled(message: str, values: dict[str, Any]) -> str:
    return message.format_map(values) if values else message


def _with_match(host: Host, best: Found | None) -> Iterator[Command]:
    if best is None or not best.account_id:
        return
    where = {"account_id": best.account_id}
    for key, icon, page, cap in (("note_for", "pen-line", "note", "V"), ("quote_for", "file-text", "quote", "Q")):
        words = tr(f"search.{key}", name=best.account)
        act = _opening(host, page, where)
        yield Command(f"search.{key}", words, icon, act, keys=(tr("key.alt"), cap))


def _opening(host: Host, page: str, where: dict[str, Any]) -> Callable[[], object]:
    return lambda: host.navigate(page, **where)


def _of_page(page: Page) -> Iterator[Command]:
    """Every button of the page on the screen that says what it does."""
    for button in page.findChildren(Button):
        words = button.accessibleName().strip()
        if button.words.strip() and words and button.isVisible() and button.isEnabled():
            yield Command(f"page:{words}", words, button.icon_name or "chevron-right", button.click)


def _program(host: Host) -> Iterator[Command]:
    dark, german = theme.scheme() == "dark", language() == "de"
    yield _command("action.sync_now", "refresh-cw", host.sync_now, ("F5",), always=True)
    yield _command(
        "search.to_light" if dark else "search.to_dark",
        "sun",
        lambda: host.change_settings(theme="light" if dark else "dark"),
        always=True,
    )
    yield _command(
        "search.to_english" if german else "search.to_german",
        "book-open",
        lambda: host.change_settings(language="en" if german else "de"),
    )
    if isinstance(host, Framed):
        yield _command("search.back", "arrow-left", host.back, ("key.alt", "←"))
        yield _command("search.forward", "arrow-right", host.forward, ("key.alt", "→"))
        yield _command("action.undo", "undo-2", host.undo_last, ("key.ctrl", "Z"))


def _new_records(host: Host) -> Iterator[Command]:
    for spec in SPECS.values():
        if spec.new_page and spec.new_word:
            where = {"entity": spec.entity} if spec.new_page == "record" else {}
            yield _command(spec.new_word, "plus", _opening(host, spec.new_page, where), always=True)


def _pages(host: Host) -> Iterator[Command]:
    from ui.window.pages import PAGES  # the pages import this module's window

    for page, icon in _PAGES:
        if page in PAGES:
            also = tuple(sentence(other, f"nav.{page}") or "" for other in LANGUAGES)
            keys = tuple(tr(part) if part.startswith("key.") else part for part in _PAGE_KEYS.get(page, ()))
            words = tr("search.go_to", name=tr(f"nav.{page}"))
            yield Command(f"page {page}", words, icon, _opening(host, page, {}), also, keys)


def _help(host: Host) -> Iterator[Command]:
    for topic, _ in TOPICS:
        titles = {other: sentence(other, f"help.topic.{topic}") or "" for other in LANGUAGES}
        also = tuple((sentence(other, "search.help") or "").format(topic=titles[other]) for other in LANGUAGES)
        act = _opening(host, "help", {"topic": topic})
        yield Command(
            f"help {topic}", tr("search.help", topic=titles[language()]), HELP[1], act, (*also, *titles.values())
        )


def _lists(host: Framed) -> Iterator[Command]:
    for list_id, name in host.nav.lists:
        yield Command(
            f"list {list_id}",
            tr("search.go_to", name=name),
            "list",
            lambda chosen=list_id: host.stack.open_saved(chosen),  # type: ignore[misc]
            (name,),
        )


def _exports(host: Framed) -> Iterator[Command]:
    for page in SPECS:
        names = {other: sentence(other, f"nav.{page}") or "" for other in LANGUAGES}

        def act(page: str = page) -> None:
            cast(Shell, host).navigate(page)
            shown = host.stack.currentWidget()
            if isinstance(shown, RecordListPage):
                shown.files.export(shown.query)

        also = tuple((sentence(other, "search.export") or "").format(name=names[other]) for other in LANGUAGES)
        yield Command(f"export {page}", tr("search.export", name=names[language()]), "download", act, also)
