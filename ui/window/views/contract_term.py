"""Above the form of a contract: until when notice may be given, and the two answers to a reminder."""

from collections.abc import Callable

from crm_desktop.model.wire import Row
from crm_desktop.rules.contract_term import is_due, notice_on, remind_on, renewed_until
from ui.presenters.record_form import FormData
from ui.window.i18n import fmt_date, tr
from ui.window.page import Shell
from ui.window.widgets.banner import Banner, BannerAction

INITIATOR = "contract"


class ContractTerm(Banner):
    """Hidden while no end is agreed. `save_first` saves what was typed in the form."""

    def __init__(self, shell: Shell, save_first: Callable[[], object]) -> None:
        super().__init__("plain", "calendar", "")
        self._shell = shell
        self._save_first = save_first
        self._contract: Row = {}
        self.hide()

    def show_record(self, data: FormData) -> None:
        """The term as saved."""
        self._contract = data.row if data.record_id is not None and not data.refused else {}
        self.retranslate()

    def retranslate(self) -> None:
        """The words again."""
        contract = self._contract
        last, begins = notice_on(contract), remind_on(contract)
        self.setVisible(last is not None)
        if last is None or begins is None:
            return
        today = self._shell.app.clock.now().astimezone().date()
        due, until = is_due(contract, today), renewed_until(contract, today)
        actions: list[BannerAction] = []
        if until is not None and contract["status"] == "active":
            actions.append(
                (tr("contracts.renew", when=fmt_date(until)), lambda: self._change({"ends_on": until}, "renewed"))
            )
        if due:
            actions.append((tr("contracts.notice"), lambda: self._change({"status": "notice_given"}, "given")))
        late = due and last < today
        title = tr("contracts.notice_was" if late else "contracts.notice_until", when=fmt_date(last))
        text = tr("contracts.renews", when=fmt_date(until)) if until is not None else tr("contracts.ends")
        if not due and contract["status"] == "active":
            text = f"{text} {tr('contracts.reminded', when=fmt_date(begins))}"
        kind = "bad" if late else "warn" if due else "plain"
        self.set_banner(kind, "clock" if due else "calendar", title, text)
        self.set_actions(actions)

    def _change(self, values: dict[str, object], told: str) -> None:
        self._save_first()
        records, contract = self._shell.app.records, self._contract
        before = {name: contract[name] for name in values}

        def back() -> None:
            self._shell.tasks.write(lambda: records.update("contract", contract["id"], before, initiator=INITIATOR))

        self._shell.tasks.write(
            lambda: records.update("contract", contract["id"], values, initiator=INITIATOR),
            lambda _changes: self._shell.toast(
                tr(f"contracts.{told}", name=contract["name"] or contract["number"]), back
            ),
        )
