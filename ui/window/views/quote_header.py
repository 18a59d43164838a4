"""The head of the quote editor: number, revision, state, customer; how it stands, price list and how old it is."""

from datetime import date, datetime

from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import parse_instant
from ui.presenters.quote_contents import QuoteContents
from ui.window.i18n import fmt_date, fmt_near_day, tr
from ui.window.models.list_cells import STATUS_TONE
from ui.window.page import Shell
from ui.window.views.layout import STRETCH, column, row
from ui.window.views.record_standing import RecordStanding
from ui.window.views.revision_words import revision_words
from ui.window.widgets.chip import Chip
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label


class QuoteHeader(QWidget):
    """Words only; what can be edited stands below the lines."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.title = Label("", "h1")
        self.revision, self.status = Chip("", "line"), Chip("")
        self.about = Label("", "sec", wrap=True)
        self.list_icon, self.price_list = IconLabel("tag", "t2", 14), Label("", "m")
        self.age = Label("", "cap")
        self.standing = RecordStanding(shell)
        named = column(row(self.title, self.revision, self.status, STRETCH), self.about, spacing=4)
        priced = column(
            row(STRETCH, self.standing),
            row(STRETCH, self.list_icon, self.price_list, self.age, spacing=6),
            STRETCH,
            spacing=8,
        )
        line = row(named, priced, spacing=24, margins=(24, 16, 24, 12))
        line.setStretch(0, 1)
        self.setLayout(line)

    def show_header(self, contents: QuoteContents, now: datetime) -> None:
        """Replace what is shown."""
        revision, status = contents.revision, contents.revision["status"]
        self.standing.show_state(contents.state)
        self.title.set_text(tr("quote.title", number=contents.quote["number"]))
        self.revision.set_chip(revision_words(revision["revision"] or 1, contents.fork.author), "line")
        word = tr(f"quote.status.{status}")
        self.status.set_chip(word[0].upper() + word[1:], STATUS_TONE.get(status, "plain"))
        people = [row_["name"] for row_ in (contents.account, contents.contact) if row_ is not None and row_["name"]]
        parts = [", ".join(people)] if people else []
        if revision["valid_until"]:
            parts.append(tr("quote.valid_until", day=fmt_date(date.fromisoformat(revision["valid_until"]))))
        if revision["sent_at"]:
            parts.append(tr("quote.sent_on", day=fmt_near_day(parse_instant(revision["sent_at"]), now, capital=False)))
        earlier = next((r for r in contents.revisions if r.sent_at and r.id != revision["id"]), None)
        if earlier is not None and earlier.sent_at:
            day = fmt_date(parse_instant(earlier.sent_at))
            parts.append(tr("quote.earlier_sent", number=earlier.revision, day=day))
        self.about.set_text(" · ".join(parts))
        self._show_list(contents, now)

    def _show_list(self, contents: QuoteContents, now: datetime) -> None:
        found = contents.price_list
        self.price_list.set_text(found["name"] if found is not None else tr("quote.no_price_list"))
        since = date.fromisoformat(found["valid_from"]) if found is not None and found["valid_from"] else None
        days = (now.astimezone().date() - since).days if since is not None else -1
        if since is None:
            age = ""
        elif 0 <= days <= 60:
            age = tr("quote.list_days", count=days)
        else:
            age = tr("quote.list_from", day=fmt_date(since))
        self.age.set_text(age)
        self.age.setVisible(bool(age))
