"""What a list without rows says: why it is empty, the nearest list that is not, what was searched."""

from collections.abc import Callable, Mapping

from crm_desktop.model.wire import entity_facts
from crm_desktop.store.lists import ListQuery
from ui.presenters.list_columns import ListSpec
from ui.presenters.list_suggestion import Suggestion
from ui.window.i18n import fmt_number, language, tr
from ui.window.views.filter_words import filter_label, filter_sentence
from ui.window.views.value_words import in_sentence
from ui.window.widgets.empty_state import EmptyState

Action = tuple[str, Callable[[], None]]


def show_narrowed(
    empty: EmptyState,
    spec: ListSpec,
    suggestion: Suggestion | None,
    titles: Mapping[tuple[str, str], str],
    searched: str,
    *,
    show: Callable[[ListQuery], None],
    clear: Callable[[], None],
) -> None:
    """Nothing matches the conditions: what the nearest ones would show, one click away."""
    text = ""
    actions: list[Action] = [(tr("action.clear_filters"), clear)]
    if suggestion is not None:
        said, action = _words(spec, suggestion, titles)
        text = said
        actions.insert(0, (action, lambda: show(suggestion.query)))
    empty.set_state(spec.icon, tr("list.nothing_matches"), text, actions, searched)


def searched_in(spec: ListSpec, total: int, as_of: str) -> str:
    """In how many records was looked, and of which day they are."""
    what = in_sentence(entity_facts(spec.entity).label(language(), plural=total != 1))
    return tr("list.searched", count=total, what=what, as_of=f", {as_of}" if as_of else "")


def show_none(empty: EmptyState, spec: ListSpec, searched: str, new: Callable[[], None]) -> None:
    """There is no record of the kind yet: where they come from."""
    actions = [(tr(spec.new_word), new)] if spec.new_word else []
    title = tr("list.none_here", what=in_sentence(entity_facts(spec.entity).label(language(), plural=True)))
    empty.set_state(spec.icon, title, tr(f"list.empty_{spec.page}"), actions, searched)


def _words(spec: ListSpec, found: Suggestion, titles: Mapping[tuple[str, str], str]) -> tuple[str, str]:
    what = in_sentence(entity_facts(spec.entity).label(language(), plural=True))
    if found.former is None:
        text = tr("list.without_search", count=fmt_number(found.count), what=what)
        return text, tr("list.leave_out_search")
    former = filter_sentence(spec.entity, found.former, titles)
    if found.instead is None:
        text = tr("list.without", count=fmt_number(found.count), what=what, condition=former)
        return text, tr("list.leave_out", condition=former)
    label = filter_label(spec.entity, found.former)
    text = tr("list.longest", field=label, title=found.title, days=tr("word.days", count=found.days))
    return text, tr("list.show_instead", condition=filter_sentence(spec.entity, found.instead, titles))
