"""What a quote warns of before it is sent: prices that moved, a line below its floor."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import fmt_percent, tr
from ui.window.views.layout import column
from ui.window.widgets.banner import Banner


class QuoteWarning(QWidget):
    """Hidden while there is nothing to warn of. `use_discount` takes the key of a line and a percentage."""

    def __init__(self, use_discount: Callable[[str, str], object], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._use_discount = use_discount
        self.banner = Banner("warn", "scale", "")
        self.setLayout(column(self.banner, margins=(24, 0, 24, 10)))
        self.hide()

    def show_quote(self, contents: QuoteContents) -> None:
        """The first thing to look at."""
        number, line = next(
            ((place, line) for place, line in enumerate(contents.lines, 1) if line.below_floor), (0, None)
        )
        if contents.revision["needs_review"]:
            self.banner.set_banner("warn", "scale", tr("quote.review"), tr("quote.review_text"))
            self.banner.set_actions([])
        elif line is not None and line.floor is not None:
            title = tr("quote.below_floor", number=number, percent=fmt_percent(line.floor, 0))
            allowed = line.allowed_discount
            actions: list[tuple[str, Callable[[], None]]] = []
            text = tr("quote.below_floor_text")
            if contents.editable and allowed is not None and allowed < line.own_discount:
                shown = fmt_percent(allowed, 1)
                text = tr("quote.below_floor_lower", percent=shown)
                key = line.key
                actions.append((tr("quote.use", percent=shown), lambda: self._use(key, str(allowed))))
            self.banner.set_banner("warn", "scale", title, text)
            self.banner.set_actions(actions)
        self.setVisible(bool(contents.revision["needs_review"]) or line is not None)

    def _use(self, key: str, percent: str) -> None:
        self._use_discount(key, percent)
