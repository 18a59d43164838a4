"""What the buttons above a quote do: sending, approval, the customer's decision, the order, with their forms."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from crm_desktop.services.orders import Written
from crm_desktop.services.quote_forks import GivenUp
from ui.presenters.quote_editor import QuoteEditor
from ui.presenters.quote_mail import PreparedMail
from ui.presenters.quote_steps import QuoteSteps
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.customer_desk import CustomerDesk
from ui.window.views.layout import column
from ui.window.views.paper_preview import open_file
from ui.window.views.quote_bar import QuoteBar
from ui.window.views.quote_forms import AskForm, LostForm, StepForm
from ui.window.views.quote_stale import QuoteStale
from ui.window.views.quote_warning import QuoteWarning


class QuoteActions(QWidget):
    """Holds the form of the step that is being taken. `flush` writes what is typed, `back` gives the focus back."""

    def __init__(
        self,
        shell: Shell,
        editor: QuoteEditor,
        flush: Callable[[], None],
        back: Callable[[], None],
        show_paper: Callable[[], None],
    ) -> None:
        super().__init__()
        self._shell = shell
        self._editor = editor
        self._flush = flush
        self._back = back
        self._show_paper = show_paper
        self.show_file: Callable[[Path], None] = open_file
        self.steps = QuoteSteps(shell.app, editor)
        self.desk = CustomerDesk(shell, editor, flush, self.accept, back)
        self.ask_form = AskForm(self._ask)
        self.lost_form = LostForm(self._lose)
        self.forms: tuple[StepForm, ...] = (self.ask_form, self.lost_form)
        for form in self.forms:
            form.closed.connect(back)
        self.setLayout(column(*self.forms, margins=(24, 0, 24, 10)))
        self.close_forms()

    def connect_bar(self, bar: QuoteBar) -> None:
        """The buttons of the bar do what they say."""
        bar.send.clicked.connect(self.send)
        bar.ask.clicked.connect(lambda: self.begin(self.ask_form))
        bar.edit_again.clicked.connect(self.steps.edit_again)
        bar.decide.clicked.connect(self._decide)
        bar.revise.clicked.connect(self._editor.revise)
        bar.order.clicked.connect(self.order)
        bar.mail.clicked.connect(self.mail)
        bar.sign.clicked.connect(lambda: self.desk.open(sign=True))
        bar.customer.triggered.connect(self.desk.open)
        bar.accept.triggered.connect(self.accept)
        bar.lose.triggered.connect(lambda: self.begin(self.lost_form))

    def connect_warning(self, warning: QuoteWarning) -> None:
        """The buttons of the banner do what they say."""
        warning.ask.connect(lambda: self.begin(self.ask_form))
        warning.to_ceiling.connect(self.steps.to_ceiling)
        warning.edit_again.connect(self.steps.edit_again)
        warning.review.connect(self.steps.review)
        warning.stand_by.connect(self.steps.stand_by)
        warning.other_version.connect(self._open_version)
        warning.give_up.connect(self._give_up)
        warning.open_order.connect(self.order)

    def connect_stale(self, stale: QuoteStale) -> None:
        """The three answers to prices that changed."""
        stale.reprice.connect(self.steps.reprice)
        stale.keep.connect(self.steps.keep_prices)
        stale.ask.connect(lambda: self.begin(self.ask_form))

    def begin(self, form: StepForm) -> None:
        """Open one form; the others close."""
        self._flush()
        for other in self.forms:
            other.setVisible(other is form)
        self.show()
        form.begin()

    def close_forms(self) -> None:
        """No step is being taken."""
        for form in self.forms:
            form.hide()
        self.hide()

    def retranslate(self) -> None:
        """The words again."""
        for form in self.forms:
            form.retranslate()
        self.desk.retranslate()

    def send(self) -> None:
        """Issue the paper: freeze the revision and show what was issued."""
        self._flush()
        self.steps.send(self._after_send)

    def accept(self) -> None:
        """The customer takes it; no order yet."""
        self.steps.accept(lambda: self._shell.toast(tr("quote.closed.accepted")))

    def order(self) -> None:
        """Accept and order in one step; a second press opens the order."""
        contents = self._editor.contents
        if contents is not None and contents.standing.order_id:
            self._shell.navigate("order", order_id=contents.standing.order_id)
        else:
            self.steps.order(self._after_order)

    def mail(self) -> None:
        """Prepare the e-mail and open it in the user's mail program; sending it is his own act."""
        self.steps.mail(language(), self._after_mail)

    def _after_mail(self, mail: PreparedMail) -> None:
        self._shell.toast(tr("quote.mail_ready", to=mail.to) if mail.to else tr("quote.mail_without"))
        self.show_file(mail.path)

    def _ask(self, reason: str) -> None:
        self._after_form()
        self.steps.ask(reason, lambda: self._shell.toast(tr("approvals.asked")))

    def _lose(self, reason: str, competitor: str, gap: str, note: str) -> bool:
        done = self.steps.lose(
            reason, competitor, gap, note, language(), lambda: self._shell.toast(tr("quote.closed.lost"))
        )
        if done:
            self._after_form()
        return done

    def _after_form(self) -> None:
        self.hide()
        self._back()

    def _open_version(self, revision_id: str) -> None:
        self._flush()
        self._shell.navigate("quote", quote_id=self._editor.quote_id, revision_id=revision_id)

    def _give_up(self) -> None:
        self._flush()
        self.steps.give_up(self._after_give_up)

    def _after_give_up(self, given_up: GivenUp) -> None:
        shell, quote_id, (_, revision_id) = self._shell, self._editor.quote_id, given_up.records[-1]

        def undo() -> None:
            shell.tasks.write(
                lambda: shell.app.quotes.bring_back(given_up),
                lambda _none: shell.navigate("quote", quote_id=quote_id, revision_id=revision_id),
            )

        shell.toast(tr("quote.fork_given_up"), undo)

    def _decide(self) -> None:
        self._shell.navigate("approvals", revision_id=self._editor.revision_id)

    def _after_send(self) -> None:
        number = self._editor.contents.revision["revision"] if self._editor.contents else 1
        self._shell.toast(tr("quote.sent_toast", number=number))
        self._show_paper()

    def _after_order(self, made: Written) -> None:
        shell, quote_id = self._shell, self._editor.quote_id

        def undo() -> None:
            shell.tasks.write(
                lambda: shell.app.orders.take_back(made), lambda _none: shell.navigate("quote", quote_id=quote_id)
            )

        shell.toast(tr("order.made"), undo if made.client_seq is not None else None)
        shell.navigate("order", order_id=made.order_id)
