"""'Looks like X in Y': shown while somebody types what is known already. It never holds a key and never insists."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from crm_desktop.model.wire import entity_facts
from crm_desktop.services.duplicates import Likeness, Wanted
from ui.window.i18n import language, tr
from ui.window.page import Shell
from ui.window.widgets.banner import Banner

_WAIT_MS = 120

Act = Callable[[Likeness], None]


class DuplicateHint(Banner):
    """Hidden while what is typed is new. `take`: what to do with the known record, `show`: open it."""

    looked = Signal()
    """A lookup came back; `found` is what it found."""

    def __init__(self, shell: Shell, take: Act, show: Act | None = None, parent: QWidget | None = None) -> None:
        super().__init__("info", "users", "", parent=parent)
        self._shell = shell
        self._take = take
        self._show_record = show
        self._wanted = Wanted()
        self._refused: set[str] = set()
        self.found: tuple[Likeness, ...] = ()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_WAIT_MS)
        self._timer.timeout.connect(self._look)
        self.hide()

    def set_show(self, show: Act | None) -> None:
        """Whether the known record may be opened beside what is being typed."""
        self._show_record = show

    def look(self, wanted: Wanted) -> None:
        """Look for this after the next pause of typing; an earlier wish no longer counts."""
        self._wanted = wanted
        if wanted:
            self._timer.start()
        else:
            self.forget()

    def forget(self) -> None:
        """Nothing is typed any more."""
        self._timer.stop()
        self._wanted = Wanted()
        self._refused.clear()
        self._tell([])

    def retranslate(self) -> None:
        """The same in the language of the window."""
        self._tell(list(self.found))

    def _look(self) -> None:
        wanted, duplicates = self._wanted, self._shell.app.duplicates

        def tell(found: list[Likeness]) -> None:
            if wanted == self._wanted:
                self._tell(found)

        self._shell.tasks.read(lambda: duplicates.look(wanted), tell, lambda _error: None, key=f"known {id(self)}")

    def _tell(self, found: list[Likeness]) -> None:
        self.found = tuple(item for item in found if item.id not in self._refused)
        self.setVisible(bool(self.found))
        if self.found:
            best = self.found[0]
            self.set_banner("info", "users", likeness_title(best), likeness_reason(best, len(self.found) - 1))
            actions = [(tr("known.take"), lambda: self._take(best))]
            show = self._show_record
            if show is not None:
                actions.append((tr("action.open"), lambda: show(best)))
            else:
                actions.append((tr("known.another"), lambda: self._another(best)))
            self.set_actions(actions)
        self.looked.emit()

    def _another(self, item: Likeness) -> None:
        """It is somebody else: the next one may be meant."""
        self._refused.add(item.id)
        self._tell(list(self.found))


def likeness_title(item: Likeness) -> str:
    """The record that is meant, and where it is."""
    name = item.name or tr("list.unnamed")
    return tr("known.like_in", name=name, place=item.place) if item.place else tr("known.like", name=name)


def likeness_reason(item: Likeness, others: int) -> str:
    """Why, and how many more there are."""
    kind = entity_facts(item.entity).label(language())
    reason = tr(f"known.by_{item.reason}", kind=kind)
    return f"{reason} {tr('known.more', count=others)}" if others > 0 else reason
