"""Where the server wants to take very much away without being sure of it, a person is asked, twice."""

from collections.abc import Callable

from ui.window.i18n import tr
from ui.window.page import Shell
from ui.window.widgets.banner import Banner


class RemovalQuestion:
    """The buttons of the banner that tells it. `back` puts the banner as it was before the question."""

    def __init__(self, shell: Shell, banner: Banner, back: Callable[[], None]) -> None:
        self._shell = shell
        self._banner = banner
        self._back = back

    def offer(self, again: Callable[[], None]) -> None:
        """Let him allow it; `again` reads once more what was left alone."""
        self._banner.set_actions([(tr("removal.allow"), lambda: self._sure(again))])

    def withdraw(self) -> None:
        """The banner tells something else."""
        self._banner.set_actions(())

    def _sure(self, again: Callable[[], None]) -> None:
        self._banner.set_banner("ask", "triangle-alert", tr("removal.sure"), tr("removal.sure_text"))
        self._banner.set_actions([(tr("removal.take"), lambda: self._take(again)), (tr("removal.keep"), self._back)])
        self._banner.buttons[1].setFocus()

    def _take(self, again: Callable[[], None]) -> None:
        self._shell.app.store.mending.allow_removals()
        self._back()
        again()
