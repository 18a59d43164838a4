"""What the search overlay lists: what was not understood, what was found, conditions to narrow with, commands."""

from collections.abc import Callable
from datetime import date

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import entity_facts
from ui.presenters.search import Found, Results, Segment, segments
from ui.presenters.search_commands import ONLY_COMMANDS, Command, matching
from ui.window.i18n import fmt_near_day, language, tr
from ui.window.views.search_commands import Host, commands
from ui.window.views.search_rows import Head, Line

WITH_MATCH = ("search.note_for", "search.quote_for")  # commands about the first match, by Alt and a letter
_OPERATORS = ("name", "city", "tag", "since", "type")


class SearchLines:
    """Makes the lines. `put` writes a condition into the field; `leave` closes the overlay before something opens."""

    def __init__(
        self, host: Host, put: Callable[[str], None], leave: Callable[[Callable[[], object]], Callable[[], None]]
    ) -> None:
        self._host = host
        self._put = put
        self._leave = leave

    def lines(self, results: Results, text: str) -> list[Head | Line]:
        """All lines for what was typed and what was found."""
        lines: list[Head | Line] = [Head(notice) for notice in _notices(results)]
        group = ""
        for found in results.found:
            if found.group != group:
                group = found.group
                lines.append(Head(tr(f"search.group.{group}")))
            lines.append(self._result_line(found, results.query.marked))
        if not text.strip():
            lines.append(Head(tr("search.narrow")))
            lines.extend(self._operator_line(operator) for operator in _OPERATORS)
        doing = self._command_lines(results, text)
        if doing:
            lines.append(Head(tr("search.group.do")))
            lines.extend(doing)
        elif not results.found and text.strip():
            lines.append(Head(tr("search.nothing", text=text.strip())))
        return lines

    def _operator_line(self, operator: str) -> Line:
        word = f"{tr(f'search.operator.{operator}')}:"
        title = (Segment(word, False), Segment(tr(f"search.example.{operator}"), False))
        aside = tr(f"search.means.{operator}")
        return Line(f"operator {operator}", "funnel", title, (), lambda: self._put(word), aside=aside, stays=True)

    def _result_line(self, found: Found, marked: str) -> Line:
        kind = entity_facts(found.entity).label(language())
        second = " · ".join(part for part in (kind, found.second) if part)
        page, where = found.target
        return Line(
            found.id,
            found.icon,
            tuple(segments(found.title or tr("search.untitled"), marked)),
            tuple(segments(second, marked)),
            self._leave(lambda: self._host.navigate(page, **where)),
            (tr("key.enter"),),
            aside=self._day(found.when),
        )

    def _day(self, when: str) -> str:
        if not when:
            return ""
        at = parse_instant(when) if len(when) > 10 else date.fromisoformat(when)
        return fmt_near_day(at, self._host.app.clock.now())

    def _command_lines(self, results: Results, text: str) -> list[Line]:
        best = next((found for found in results.found if found.account_id), None)
        fitting = matching(commands(self._host, text, best), text)
        offered = [command for command in commands(self._host, text, best) if command.id in WITH_MATCH]
        shown = {command.id: command for command in (*offered, *fitting)}
        return [self._command_line(command, text) for command in shown.values()]

    def _command_line(self, command: Command, text: str) -> Line:
        asked = text.lstrip().removeprefix(ONLY_COMMANDS)
        title = tuple(segments(command.words, asked))
        return Line(command.id, command.icon, title, (), self._leave(command.act), command.keys, own_keys=True)


def _notices(results: Results) -> list[str]:
    """What of the conditions was not understood."""
    query, known = results.query, ", ".join(f"{tr(f'search.operator.{name}')}:" for name in _OPERATORS)
    told = [tr("search.unknown", name=f"{name}:", known=known) for name in query.unknown]
    told += [tr("search.unknown_type", name=name) for name in results.unknown_kinds]
    return told + ([tr("search.not_a_day", given=query.not_a_day)] if query.not_a_day else [])
