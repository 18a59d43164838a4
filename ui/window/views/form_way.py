"""The place of a record's form: its title, the way to it, and where one goes from it."""

from collections.abc import Callable

from crm_desktop.model.wire import entity_facts
from ui.presenters.record_form import FormData
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.value_words import in_sentence

_LIST_OF = {
    "account": "accounts",
    "contact": "contacts",
    "task": "tasks",
    "visit": "visits",
    "lead": "leads",
    "opportunity": "pipeline",
    "opportunity_stage": "stages",
    "contract": "contracts",
    "case": "cases",
    "company": "settings",
}


def list_of(entity: str) -> str:
    """The page that lists records of a kind; that of the accounts where none does."""
    return _LIST_OF.get(entity, "accounts")


def title_of(data: FormData) -> str:
    """What the form is about."""
    name = entity_facts(data.entity).label(language())
    if data.refused:
        return tr("form.refused", name=data.title or name)
    return tr("form.new", what=in_sentence(name)) if data.record_id is None else data.title or tr("list.unnamed")


def way_to(data: FormData, shell: Shell) -> list[tuple[str, Callable[[], None]]]:
    """The pages above the form: the list of its kind, its account."""
    way: list[tuple[str, Callable[[], None]]] = []
    if data.entity in _LIST_OF:
        page = _LIST_OF[data.entity]
        way.append((tr(f"nav.{page}"), lambda: shell.navigate(page)))
    account_id = data.row.get("account_id")
    if data.account_title and account_id:
        way.append((data.account_title, lambda: shell.navigate("account", account_id=account_id)))
    return way


def told_saved(data: FormData, record_id: str, shell: Shell) -> None:
    """Say that a form was saved, with the way to its record where that may not be on the page one comes back to."""
    if data.refused:
        shell.toast(tr("outbox.retried"))
    elif data.entity == "account" and data.record_id:
        shell.toast(tr("form.saved"))
    else:
        shell.toast(tr("form.saved"), opens=lambda: open_record(data.entity, record_id, shell))


def open_record(entity: str, record_id: str, shell: Shell) -> None:
    """The page of a record."""
    if entity == "account":
        shell.navigate("account", account_id=record_id)
    else:
        shell.navigate("record", entity=entity, record_id=record_id)


def leave_form(data: FormData, record_id: str | None, shell: Shell) -> None:
    """Go on from a form: to where one came from, on the record; where one came from nowhere to the account or list."""
    if isinstance(shell, PageFrame):
        pages = shell.stack
        if pages.back_without(data.refused) if data.refused else record_id and pages.back_with(data.entity, record_id):
            return
    account_id = record_id if data.entity == "account" else data.row.get("account_id")
    if data.refused:
        shell.navigate("outbox")
    elif account_id:
        shell.navigate("account", account_id=account_id)
    else:
        shell.navigate(list_of(data.entity))
