"""Above the form of a contract: a template to begin with, the term, the paper and its signature."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.contract_templates import KINDS
from crm_desktop.services.contract_signature import may_be_signed
from crm_desktop.services.contract_terms import as_new_contract
from ui.presenters.contract_paper import from_template, signed_file
from ui.presenters.record_form import FormData
from ui.window.i18n import fmt_date, fmt_time, language, tr
from ui.window.page import Shell
from ui.window.views.contract_desk import ContractDesk
from ui.window.views.contract_term import ContractTerm
from ui.window.views.layout import boxed, column, row
from ui.window.widgets.button import link, normal
from ui.window.widgets.flow_layout import FlowLayout
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.surface import Panel

Typed = Callable[[], Mapping[str, Any]]
Begin = Callable[[Mapping[str, Any]], None]


class ContractSteps(QWidget):
    """`save_first` saves what was typed in the form, `typed` tells it, `begin` starts the form of a new one anew."""

    def __init__(self, shell: Shell, save_first: Callable[[], object], typed: Typed, begin: Begin) -> None:
        super().__init__()
        self._shell = shell
        self._typed = typed
        self._begin = begin
        self._contract: Row = {}
        self._from: Row = {}
        self.term = ContractTerm(shell, save_first)
        self.desk = ContractDesk(shell, save_first, lambda: self.preview_button.setFocus())
        self.template_title = Label("", "m")
        self.templates = {kind: normal("", "copy") for kind in KINDS}
        for kind, button in self.templates.items():
            button.clicked.connect(lambda _checked=False, kind=kind: self.use_template(kind))
        self._templates = Panel(sunken=True, margin=12)
        kinds = FlowLayout(None, 8)
        for choice in self.templates.values():
            kinds.addWidget(choice)
        flowing = QWidget()
        flowing.setLayout(kinds)
        self._templates.body.addWidget(self.template_title)
        self._templates.body.addWidget(flowing)
        self._icon, self.state = IconLabel("file-text", "t2", 16), Label("", "sec", wrap=True)
        self.signed_button = link("")
        self.stands = Label("", "sec", wrap=True)
        self.preview_button = normal("", "eye")
        self.sign_button = normal("", "signature")
        self.copy_button = normal("", "copy")
        self.signed_button.clicked.connect(self.open_signed)
        self.preview_button.clicked.connect(lambda: self.desk.preview(self._contract["id"]))
        self.sign_button.clicked.connect(lambda: self.desk.sign(self._contract["id"]))
        self.copy_button.clicked.connect(lambda: self._begin(as_new_contract(self._contract)))
        self._paper = Panel(sunken=True, margin=12)
        line = row(self._icon, self.state, self.signed_button, self.preview_button, self.sign_button, spacing=10)
        line.setStretch(1, 1)
        self._paper.body.addLayout(line)
        self._copying = boxed(row(self.stands, self.copy_button, spacing=10, margins=(26, 8, 0, 0)))
        self._paper.body.addWidget(self._copying)
        self.setLayout(column(self._templates, self.term, boxed(column(self._paper)), spacing=10))
        self.retranslate()

    def show_record(self, data: FormData) -> None:
        """The steps that are open to this contract."""
        self.term.show_record(data)
        self._contract = data.row
        new = data.record_id is None
        if not new:
            self._from = {}
        self._templates.setVisible(new and not data.refused)
        self._paper.setVisible(not new and not data.refused)
        self.retranslate()

    def retranslate(self) -> None:
        """The words again."""
        self.term.retranslate()
        kinds = field_facts("contract")["kind"]
        self.template_title.set_text(tr("contracts.from_template"))
        for kind, button in self.templates.items():
            button.set_text(kinds.choice_label(kind, language()))
            button.setAccessibleName(f"{tr('contracts.from_template')}: {kinds.choice_label(kind, language())}")
        self.preview_button.set_text(tr("quote.preview"))
        self.sign_button.set_text(tr("customer.sign_begin"))
        self.signed_button.set_text(tr("contracts.open_signed"))
        self.stands.set_text(tr("contracts.terms_stand"))
        self.copy_button.set_text(tr("contracts.copy"))
        self.desk.retranslate()
        contract = self._contract
        if not contract.get("id"):
            return
        at = contract["signed_at"]
        self.sign_button.setVisible(may_be_signed(contract))
        self.signed_button.setVisible(bool(at))
        self._copying.setVisible(bool(at))
        self._icon.set_icon("signature" if at else "file-text", "ok" if at else "t2")
        if at:
            when = parse_instant(at).astimezone()
            words = tr("customer.signed", name=contract["signed_by"], day=fmt_date(when), time=fmt_time(when))
        else:
            words = tr("contracts.unsigned")
        self.state.set_text(words)

    def use_template(self, kind: str) -> None:
        """Fill the form of a new contract; what was typed stays, what another template said goes."""
        store, words = self._shell.app.store, language()
        typed = {name: value for name, value in self._typed().items() if value and self._from.get(name) != value}
        typed.setdefault("starts_on", self._from.get("starts_on") or self._contract.get("starts_on"))

        def filled(values: Row) -> None:
            self._from = {name: value for name, value in values.items() if name not in typed}
            self._begin(values)

        self._shell.tasks.read(
            lambda: store.read(lambda reader: from_template(reader, kind, typed, words)), filled, key="template"
        )

    def open_signed(self) -> None:
        """Show the paper that was signed with the desktop's program; fetched where it is not here."""
        app, contract_id = self._shell.app, self._contract["id"]

        def shown(path: object) -> None:
            if path is None:
                self._shell.toast(tr("contracts.signed_away"))
            else:
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

        def work() -> object:
            file_id = signed_file(app, contract_id)
            return app.attachments.open_copy(file_id) if file_id else None

        self._shell.tasks.write(work, shown)
