"""What happened to a value that did not stand, told to whom it concerns: its author, or the owner of the record."""

from collections.abc import Mapping

from crm_desktop.services.conflicts import ConflictView
from ui.presenters.conflicts import Case
from ui.window.i18n import language, tr
from ui.window.views.value_words import field_word, value_word

DELETIONS = ("gone", "delete_request")
"""Rules of entries about a deletion, which have no value of another."""
_TOLD = ("newest", "merged_text")


def other(view: ConflictView) -> str:
    """Who wrote what stands."""
    return view.theirs_by or tr("conflicts.colleague")


def loser(view: ConflictView) -> str:
    """Whose value did not stand."""
    return view.mine_by or tr("conflicts.colleague")


def to_whom(key: str, view: ConflictView) -> str:
    """A sentence that says 'you' to the author, and names him to anybody else."""
    return tr(key if view.lost_by_me else f"{key}_others", first=loser(view), who=other(view))


def about(view: ConflictView) -> str:
    """What an entry is about: its fields, or the deletion that was asked for."""
    if view.rule == "delete_request":
        return tr("conflicts.deletion")
    return ", ".join(field_word(view.entity, item.name) for item in view.fields)


def case_words(case: Case) -> str:
    """The second line of a case in the list."""
    view, fields = case.conflicts[0], ", ".join(dict.fromkeys(about(view) for view in case.conflicts))
    if case.put_off:
        return tr("conflicts.row_later", fields=fields)
    if case.settled:
        return tr(f"conflicts.row_{case.rule if case.rule in _TOLD else 'rule'}", fields=fields)
    if not case.open:
        key = f"conflicts.row_{view.status}"
        return tr(key if view.lost_by_me else f"{key}_others", fields=fields, first=loser(view), who=other(view))
    return tr("conflicts.row_gone", fields=fields) if case.rule == "gone" else fields


def case_said(case: Case) -> str:
    """What met, and what counts until it is decided."""
    view = case.conflicts[0]
    if case.settled:
        return to_whom("conflicts.text_newest", view) if case.rule == "newest" else _by_rule(case)
    if not case.open:
        if case.rule in DELETIONS:
            return tr(f"conflicts.decided_{case.rule}.{view.status}")
        return to_whom(f"conflicts.decided.{view.status}", view)
    said = [to_whom(f"conflicts.text_{view.rule}", view) for view in case.conflicts if view.rule in DELETIONS]
    values = [view for view in case.conflicts if view.rule not in DELETIONS]
    if values and values[0].lost_by_me:
        said.append(tr("conflicts.open_text", count=len(values), who=other(values[0])))
    elif values:
        said.append(tr("conflicts.text_others", first=loser(values[0]), who=other(values[0])))
    return " ".join(dict.fromkeys(said))


def view_said(view: ConflictView, names: Mapping[str, str]) -> str:
    """One entry alone, with the values that met; `names` words references."""
    if view.rule in DELETIONS:
        return to_whom(f"conflicts.text_{view.rule}", view)
    key = "outbox.two_values" if view.lost_by_me else "outbox.two_values_others"
    sentences = []
    for item in view.fields:
        mine, theirs = (value_word(view.entity, item.name, value, names) for value in (item.mine, item.theirs))
        if not view.theirs_known:
            theirs = tr("conflicts.out_of_sight")
        words = {"mine": mine or tr("word.empty"), "theirs": theirs or tr("word.empty")}
        sentences.append(tr(key, field=item.label(language()), first=loser(view), who=other(view), **words))
    return " ".join(sentences)


def _by_rule(case: Case) -> str:
    return tr("conflicts.text_merged_text" if case.rule == "merged_text" else "conflicts.text_rule")
