"""What is done with a revision as a whole: approval, sending, signing, the customer's decision, the order."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from crm_desktop.services.orders import Written
from crm_desktop.services.quote_forks import GivenUp
from ui.compose import App
from ui.presenters.entry import parse_figure
from ui.presenters.quote_editor import QuoteEditor
from ui.presenters.quote_mail import PreparedMail, prepare_mail


class QuoteSteps:
    """Steps of the open revision; each waits for what is being typed and is one transaction."""

    def __init__(self, app: App, editor: QuoteEditor) -> None:
        self._app = app
        self._editor = editor

    def send(self, then: Callable[[], Any]) -> None:
        """Issue the paper; the revision freezes. One that was refused for an order goes again as it went then."""
        self._editor.carry_out(self._send, then)

    def ask(self, reason: str, then: Callable[[], Any]) -> None:
        """Hand the draft to inside sales."""
        self._editor.carry_out(lambda revision_id: self._app.approvals.ask(revision_id, reason), then)

    def reprice(self) -> None:
        """Today's prices on every line."""
        self._editor.carry_out(self._app.price_guard.reprice)

    def keep_prices(self) -> None:
        """The prices of the draft stay; the question is answered."""
        self._editor.carry_out(self._app.price_guard.keep)

    def review(self) -> None:
        """Calculate again what two people priced apart."""
        self._editor.carry_out(self._app.quotes.review)

    def stand_by(self) -> None:
        """The paper stays as it went out."""
        self._editor.carry_out(self._app.quotes.looked_at)

    def give_up(self, then: Callable[[GivenUp], Any]) -> None:
        """Give up the version of the draft that is open; `then` gets what brings it back."""
        made: list[GivenUp] = []
        self._editor.carry_out(
            lambda revision_id: made.append(self._app.quotes.drop_fork(revision_id)), lambda: then(made[0])
        )

    def edit_again(self) -> None:
        """A returned revision becomes a draft."""
        self._editor.carry_out(self._app.approvals.edit_again)

    def accept(self, then: Callable[[], Any]) -> None:
        """The customer takes it; no order yet."""
        self._editor.carry_out(lambda revision_id: self._app.quotes.close(revision_id, "accepted"), then)

    def lose(self, reason: str, competitor: str, gap: str, note: str, language: str, then: Callable[[], Any]) -> bool:
        """Close it as lost. False where the price gap is no figure in the language; nothing is written then."""
        percent = parse_figure(gap, language) if gap.strip() else None
        if gap.strip() and percent is None:
            return False
        self._editor.carry_out(lambda revision_id: self._lose(revision_id, reason, competitor, percent, note), then)
        return True

    def order(self, then: Callable[[Written], Any]) -> None:
        """Accept and order in one step; `then` gets the order, also where it existed already."""
        made: list[Written] = []
        self._editor.carry_out(
            lambda revision_id: made.append(self._app.outcomes.order(revision_id)), lambda: then(made[0])
        )

    def mail(self, fallback: str, then: Callable[[PreparedMail], Any]) -> None:
        """Prepare a mail with the paper; it is written in the customer's language, else in `fallback`."""
        made: list[PreparedMail] = []
        self._editor.carry_out(
            lambda revision_id: made.append(prepare_mail(self._app, revision_id, fallback)), lambda: then(made[0])
        )

    def to_ceiling(self) -> None:
        """Lower the lines above the ceiling to it."""
        contents = self._editor.contents
        if contents is None or contents.standing.ceiling is None:
            return
        for line in contents.lines:
            if line.above_ceiling:
                self._editor.give(line.key, contents.standing.ceiling)

    def _send(self, revision_id: str) -> None:
        refused = self._app.refusals.of_paper(revision_id)
        if refused:
            self._app.refusals.retry(refused, "quotes")
        else:
            self._app.quotes.send(revision_id)

    def _lose(self, revision_id: str, reason: str, competitor: str, gap: Decimal | None, note: str) -> None:
        self._app.outcomes.lose(revision_id, reason, competitor=competitor, price_gap_percent=gap, note=note)
