"""An account in two versions: which field, and the way to the decision."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from crm_desktop.model.wire import Row, field_facts
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.views.layout import column
from ui.window.widgets.banner import Banner


class AccountConflict(QWidget):
    """Hidden while nothing is to be decided."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self.banner = Banner("ask", "git-compare-arrows", "")
        self.setLayout(column(self.banner, margins=(28, 12, 24, 0)))
        self.hide()

    def show_conflicts(self, conflicts: Sequence[Row]) -> None:
        """Tell of the first of them; none hides it."""
        self.setVisible(bool(conflicts))
        if not conflicts:
            return
        first = conflicts[0]
        facts = field_facts("account").get(first["field"])
        if facts is not None:
            title, why = tr("account.two_versions", field=facts.label(language())), tr("account.two_versions_why")
        else:  # nobody's value met another: its deletion was asked for
            own = first["mine_by"] == self._shell.app.user_id
            key = "conflicts.text_delete_request" if own else "conflicts.text_delete_request_others"
            title, why = tr("conflicts.deletion"), tr(key, first=tr("conflicts.colleague"))
        self.banner.set_banner("ask", "git-compare-arrows", title, why)
        decide = (tr("action.decide"), lambda: self._shell.navigate("conflicts", conflict_id=first["id"]))
        self.banner.set_actions([decide])
