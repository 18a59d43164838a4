"""Bands above a note: the visit changed meanwhile, or a draft was found that a crash left behind."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import field_facts
from ui.presenters.note_contents import NoteContents
from ui.presenters.note_view import Incoming
from ui.window.i18n import fmt_time, language, tr
from ui.window.views.layout import column
from ui.window.widgets.banner import Banner


class NoteNotices(QWidget):
    """`take` brings the other change into the form."""

    def __init__(self, take: Callable[[], Any]) -> None:
        super().__init__()
        self._take = take
        self.incoming, self.restored = Banner("info", "history", ""), Banner("plain", "hard-drive", "")
        self.incoming.hide()
        self.restored.hide()
        self.setLayout(column(self.incoming, self.restored))

    def show_incoming(self, incoming: Incoming | None) -> None:
        """Offer the merge; None: there is nothing to merge any more."""
        self.incoming.setVisible(incoming is not None)
        if incoming is None:
            return
        names = ", ".join(field_facts("visit")[name].label(language()) for name in incoming.fields)
        text = tr("note.incoming_overlap" if incoming.overlaps else "note.incoming_text", fields=names)
        self.incoming.set_banner("ask" if incoming.overlaps else "info", "history", tr("note.incoming_title"), text)
        action = tr("note.put_below" if incoming.overlaps else "note.merge")
        self.incoming.set_actions([(action, self._take)])

    def show_restored(self, contents: NoteContents) -> None:
        """Say so where what is shown is a draft, and of when it is."""
        if contents.draft is not None:
            when = fmt_time(parse_instant(contents.drafted_at)) if contents.drafted_at else ""
            self.restored.set_banner("plain", "hard-drive", tr("note.restored", time=when), tr("note.restored_text"))
        self.restored.setVisible(contents.draft is not None)
