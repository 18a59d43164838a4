"""What becomes of a lead: a new customer, one that is known already, or nothing."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from crm_desktop.errors import CrmError
from crm_desktop.model.wire import Row
from crm_desktop.services.duplicates import Likeness, find, wanted_of
from crm_desktop.services.leads import Qualified
from crm_desktop.store.reader import Reader
from ui.presenters.record_form import FormData
from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.views.duplicate_hint import likeness_title
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import normal
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.label import Label
from ui.window.widgets.surface import Panel

INITIATOR = "lead"


class LeadSteps(Panel):
    """Above the form of a lead. `save_first` saves what was typed there."""

    def __init__(self, shell: Shell, save_first: Callable[[], object]) -> None:
        super().__init__(sunken=True)
        self._shell = shell
        self._save_first = save_first
        self._lead: Row = {}
        self._known: Likeness | None = None
        self.title = Label("", "h3")
        self.known = Label("", "sec", "warn", wrap=True)
        self.opportunity, self.word = QLineEdit(), QLineEdit()
        self._opportunity, self._word = FieldRow("", self.opportunity), FieldRow("", self.word)
        self.qualify_known = normal("", "badge-check")
        self.qualify_new = normal("", "plus")
        self.aside = normal("")
        self.became = Banner("ok", "badge-check", "")
        acts = row(self.qualify_known, self.qualify_new, STRETCH, spacing=8)
        put_aside = row(self._word, self.aside, spacing=8)
        put_aside.setAlignment(self.aside, Qt.AlignmentFlag.AlignBottom)
        fields = row(self._opportunity, boxed(put_aside), spacing=20)
        fields.setStretch(0, 1)
        fields.setStretch(1, 1)
        self._steps = boxed(column(self.title, self.known, 4, fields, 8, acts))
        self.body.addWidget(self._steps)
        self.body.addWidget(self.became)
        self.qualify_new.clicked.connect(lambda: self.qualify(None))
        self.qualify_known.clicked.connect(self._qualify_known)
        self.aside.clicked.connect(self.put_aside)
        self.word.returnPressed.connect(self.put_aside)
        self.word.textEdited.connect(lambda _text: self._word.set_error(None))
        self.retranslate()
        self.hide()

    def show_record(self, data: FormData) -> None:
        """The steps that are open to this lead."""
        self._lead = data.row
        self._known = None
        self.setVisible(data.record_id is not None and not data.refused)
        if data.record_id is None:
            return
        self._words()
        if data.row["status"] != "qualified":
            self._look(data.row)

    def retranslate(self) -> None:
        """Every word again."""
        self.title.set_text(tr("leads.what_now"))
        self._opportunity.set_label(tr("leads.opportunity"))
        self._word.set_label(tr("leads.why"))
        self.aside.set_text(tr("leads.put_aside"))
        self.became.set_banner("ok", "badge-check", tr("leads.became"))
        self._words()

    def qualify(self, account_id: str | None) -> None:
        """Make it a customer; the toast takes that back."""
        self._save_first()
        leads, lead, opportunity = self._shell.app.leads, self._lead, self.opportunity.text()
        name = lead["company"] or lead["name"] or lead["email"] or lead["phone"]

        def done(became: Qualified) -> None:
            def back() -> None:
                self._shell.tasks.write(lambda: leads.take_back(lead, became, INITIATOR))

            self.opportunity.clear()
            self._shell.toast(tr("leads.qualified", name=name), back)
            self._shell.navigate("account", account_id=became.account_id)

        self._shell.tasks.write(
            lambda: leads.qualify(lead["id"], account_id=account_id, opportunity=opportunity, initiator=INITIATOR),
            done,
            self._failed,
        )

    def put_aside(self) -> None:
        """Not a customer, with a word why."""
        word = self.word.text().strip()
        if not word:
            self._word.set_error(partial(tr, "leads.why_missing"))
            self.word.setFocus()
            return
        self._save_first()
        leads, lead = self._shell.app.leads, self._lead

        def done(_changes: object) -> None:
            self.word.clear()
            name = lead["name"] or lead["company"] or lead["email"] or lead["phone"]
            back = partial(self._shell.tasks.write, partial(leads.put_back, lead, INITIATOR))
            self._shell.toast(tr("leads.aside", name=name), back)
            self._shell.navigate("leads")

        self._shell.tasks.write(lambda: leads.disqualify(lead["id"], word, INITIATOR), done, self._failed)

    def _failed(self, error: CrmError) -> None:
        self._shell.show_error(error)

    def _qualify_known(self) -> None:
        account_id = self._lead.get("account_id") or (self._known.account_id if self._known else None)
        if account_id:
            self.qualify(account_id)

    def _look(self, lead: Row) -> None:
        store, linked = self._shell.app.store, lead["account_id"]

        def work(reader: Reader) -> Likeness | None:
            if linked:
                account = reader.get("account", linked)
                return Likeness("account", linked, account["name"], "", "name", 100, linked) if account else None
            found = find(reader, wanted_of("lead", lead, leave_out=lead["id"]))
            return next((item for item in found if item.account_id and item.entity != "lead"), None)

        def show(found: Likeness | None) -> None:
            if self._lead is lead:
                self._known = found
                self._words()

        self._shell.tasks.read(lambda: store.read(work), show, lambda _error: None, key="lead steps")

    def _words(self) -> None:
        qualified = self._lead.get("status") == "qualified"
        self._steps.setVisible(not qualified)
        self.became.setVisible(qualified)
        account_id = self._lead.get("account_id")
        if account_id:
            self.became.set_actions(
                [(tr("leads.open_account"), lambda: self._shell.navigate("account", account_id=account_id))]
            )
        known = self._known
        self.known.setVisible(known is not None and not account_id)
        self.qualify_known.setVisible(known is not None)
        self.qualify_new.setVisible(not account_id)
        self.qualify_new.set_text(tr("leads.qualify_new"))
        if known is not None:
            self.known.set_text(likeness_title(known))
            name = known.place if known.entity == "contact" and known.place else known.name
            self.qualify_known.set_text(tr("leads.qualify_as", name=name))
