"""What the form of some records has beside its fields: steps above them, files below."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtWidgets import QWidget

from crm_desktop.store.file_views import Parent, parent_field
from ui.presenters.record_form import FormData
from ui.window.page import Shell
from ui.window.views.attachments_panel import AttachmentsPanel
from ui.window.views.contract_steps import Begin, ContractSteps, Typed
from ui.window.views.lead_steps import LeadSteps

_WITH_FILES = frozenset({"lead", "opportunity", "contract", "case", "contact"})


class Extra(Protocol):
    """A part of a form that follows the record."""

    def show_record(self, data: FormData) -> None:
        """The record as read."""
        ...

    def retranslate(self) -> None:
        """The words again."""
        ...


class RecordFiles(AttachmentsPanel):
    """The files of the record; none while it does not exist."""

    def __init__(self, shell: Shell) -> None:
        self._parent: Parent = ("", "")
        super().__init__(shell, lambda then: then(self._parent), wide=True)

    def show_record(self, data: FormData) -> None:
        """Those of this record."""
        self.setVisible(data.record_id is not None and not data.refused)
        if data.record_id is not None:
            self._parent = data.entity, data.record_id
            self.show_files_of(self._parent)


def steps_of(
    entity: str, shell: Shell, save_first: Callable[[], object], typed: Typed, begin: Begin
) -> LeadSteps | ContractSteps | None:
    """The part above the fields."""
    if entity == "lead":
        return LeadSteps(shell, save_first)
    return ContractSteps(shell, save_first, typed, begin) if entity == "contract" else None


def files_of(entity: str, shell: Shell) -> RecordFiles | None:
    """The part below the fields."""
    return RecordFiles(shell) if entity in _WITH_FILES and parent_field(entity) else None


def shown(extras: list[QWidget]) -> list[Extra]:
    """The parts as what follows the record."""
    return [extra for extra in extras if isinstance(extra, (LeadSteps, ContractSteps, RecordFiles))]
