"""What a board without any card says: why there is none, and the way on."""

from collections.abc import Callable

from crm_desktop.model.wire import entity_facts
from ui.window.i18n import language, tr
from ui.window.views.value_words import in_sentence
from ui.window.widgets.empty_state import EmptyState

_ICON = "target"
Act = Callable[[], None]


def show_empty_board(empty: EmptyState, *, mine: bool, pipeline: str, new: Act, widen: Act) -> None:
    """`mine`: one's own alone are shown; `pipeline` is the chosen one, else empty. `widen` shows all of all."""
    begin = (tr("action.new_opportunity"), new)
    what = in_sentence(entity_facts("opportunity").label(language(), plural=True))
    if pipeline:
        empty.set_state(
            _ICON, tr("board.none_in", what=what, pipeline=pipeline), tr("board.none_in_text"),
            [begin, (tr("board.show_all"), widen)],
        )  # fmt: skip
    elif mine:
        empty.set_state(
            _ICON, tr("board.none_mine", what=what), tr("board.none_mine_text"),
            [begin, (tr("board.show_all"), widen)],
        )  # fmt: skip
    else:
        empty.set_state(_ICON, tr("list.none_here", what=what), tr("board.none_text"), [begin])
