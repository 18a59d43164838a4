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
        name = facts.label(language()) if facts else first["field"]
        title = tr("account.two_versions", field=name)
        self.banner.set_banner("ask", "git-compare-arrows", title, tr("account.two_versions_why"))
        decide = (tr("action.decide"), lambda: self._shell.navigate("conflicts", conflict_id=first["id"]))
        self.banner.set_actions([decide])
