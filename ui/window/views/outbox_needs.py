"""What needs somebody: refused changes with the ways out, and open decisions."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from crm_desktop.services.conflicts import ConflictView
from ui.presenters.outbox import OutboxContents, Refused, reason_words
from ui.presenters.outbox_entries import Diff
from ui.window.i18n import fmt_number, language, tr
from ui.window.views.conflict_words import DELETIONS, view_said
from ui.window.views.layout import STRETCH, boxed, column, row, take_out
from ui.window.views.outbox_rows import diff_lines
from ui.window.views.value_words import entity_word
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button
from ui.window.widgets.section_header import SectionHeader

_FIELDS_SHOWN = 4
_AT_ONCE = 20  # hundreds of banners take a minute to be laid out


class OutboxNeeds(QWidget):
    """Tells what was chosen; the page carries it out. What has not changed stands as it is when it is shown again."""

    retried = Signal(str)
    edited = Signal(str)
    opened = Signal(str, str)
    dropped = Signal(str, str)
    """Id of the refusal and the reason, which may still be missing."""
    handed = Signal(str, str)
    """Id of the refusal and a word for inside sales."""
    decided = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._contents: OutboxContents | None = None
        self._most = _AT_ONCE
        self._made: dict[str, QWidget] = {}
        self._words: dict[str, str] = {}  # typed so far, by the id of the refusal
        self._title = SectionHeader("")
        self._banners = QVBoxLayout()
        self._banners.setSpacing(8)
        self.more = Button("", "link")
        self.more.clicked.connect(self._show_more)
        more = boxed(row(self.more, STRETCH, margins=(38, 4, 0, 0)))
        self.setLayout(column(self._title, 4, self._banners, more, margins=(24, 14, 24, 12)))

    def retranslate(self) -> None:
        """The words that stay; the banners come anew with the next showing."""
        self._title.set_title(tr("outbox.needs_you"))

    def show_needs(self, contents: OutboxContents) -> None:
        """Show what needs somebody, as many as fit at once; nothing at all where nothing does."""
        self._contents = contents
        every: dict[str, Callable[[], QWidget]] = {}
        for refused in contents.refused:
            said = _said(refused, contents.names)
            whole = _said(refused, contents.names, whole=True)
            every[f"{language()} {refused!r} {whole}"] = partial(self._refused, refused, said, whole)
        for conflict in contents.conflicts:
            said = view_said(conflict, contents.names)
            every[f"{language()} {conflict!r} {said}"] = partial(self._conflict, conflict, said)
        shown = dict(islice(every.items(), self._most))
        for key in [key for key in self._made if key not in shown]:
            take_out(self._banners, self._made.pop(key))
        for at, (key, make) in enumerate(shown.items()):
            if key not in self._made:
                self._made[key] = make()
            if self._banners.indexOf(self._made[key]) != at:
                self._banners.insertWidget(at, self._made[key])
        left = len(every) - len(shown)
        self.more.set_text(tr("outbox.show_more", count=left) if left else "")
        self.more.setVisible(bool(left))
        self._title.set_count(fmt_number(len(every)))
        self.setVisible(bool(every))

    def _show_more(self) -> None:
        self._most += _AT_ONCE
        if self._contents is not None:
            self.show_needs(self._contents)

    def _refused(self, refused: Refused, said: str, whole: str) -> QWidget:
        kind = entity_word(refused.entity) if refused.entity else tr("outbox.change")
        title = tr("outbox.refused", name=f"{kind} {refused.title}".strip())
        banner = Banner("bad", "octagon-alert", title, said)
        actions: list[tuple[str, Callable[[], None]]] = [(tr("action.retry"), lambda: self.retried.emit(refused.id))]
        if refused.editable:
            actions.append((tr("outbox.edit"), lambda: self.edited.emit(refused.id)))
        banner.set_actions(actions)
        word = QLineEdit(self._words.get(refused.id, ""))
        word.textEdited.connect(partial(self._words.__setitem__, refused.id))
        word.setPlaceholderText(tr("outbox.why_discard"))
        word.setAccessibleName(tr("outbox.why_discard"))
        opens, hands, drops = Button(tr("action.open"), "link"), Button(tr("outbox.hand_over"), "link"), Button()
        drops.set_text(tr("action.discard"))
        opens.clicked.connect(lambda: self.opened.emit(refused.entity, refused.record_id))

        def hand() -> None:
            self._words.pop(refused.id, None)
            self.handed.emit(refused.id, word.text().strip())

        def drop() -> None:
            if not word.text().strip():
                word.setFocus()
            self.dropped.emit(refused.id, word.text().strip())

        hands.clicked.connect(hand)
        drops.clicked.connect(drop)
        line = row(word, drops, spacing=12, margins=(38, 6, 0, 2))
        line.setStretch(0, 1)
        every = Button(tr("outbox.show_all"), "link")

        def show_all() -> None:
            banner.set_banner("bad", "octagon-alert", title, whole)
            word.setFocus()
            every.hide()

        every.clicked.connect(show_all)
        links = row(opens, hands, every, STRETCH, spacing=12, margins=(38, 2, 0, 4))
        box = boxed(column(banner, line, links))
        # Only now, as parts of the box: a button shown before would be a window of its own for a moment.
        opens.setVisible(refused.here)
        hands.setVisible(not refused.handed)
        every.setVisible(whole != said)
        return box

    def _conflict(self, conflict: ConflictView, said: str) -> QWidget:
        key = "outbox.deletion" if conflict.rule in DELETIONS else "outbox.decision"
        is_named = conflict.record_title != conflict.record_id
        name = conflict.record_title if is_named else entity_word(conflict.entity)
        banner = Banner("ask", "git-compare-arrows", tr(key, name=name), f"{said} {tr('outbox.nothing_blocked')}")
        banner.set_actions([(tr("action.decide"), lambda: self.decided.emit(conflict.id))])
        return banner


def _said(refused: Refused, names: dict[str, str], *, whole: bool = False) -> str:
    """Why, what it was about, who waits for it, what builds on it; `whole`: with every field and text to its end."""
    shown = refused.diffs if whole else refused.diffs[:_FIELDS_SHOWN]
    fields = _fields(shown, names, whole=whole)
    if left := len(refused.diffs) - len(shown):
        fields += f"; {tr('outbox.more_fields', count=left)}"
    parts = [
        reason_words(refused.reason, language(), refused.detail, own=not refused.author),
        tr("outbox.deletes") if refused.deletes else "",
        f"{fields}." if fields else "",
        tr("outbox.builds_on_it", count=refused.followers) if refused.followers else "",
        f"{_fields(refused.following, names, whole=True)}." if whole and refused.following else "",
        tr("outbox.of_author", who=refused.author) if refused.author else "",
        tr("outbox.handed") if refused.handed and not refused.author else "",
        tr("outbox.note", text=refused.note) if refused.note else "",
        "" if refused.author else tr("outbox.safe"),
    ]
    return " ".join(part for part in parts if part)


def _fields(diffs: Sequence[Diff], names: dict[str, str], *, whole: bool) -> str:
    said = []
    for diff, line in zip(diffs, diff_lines(diffs, names, whole=whole), strict=True):
        taken_out = diff.kind == "set_remove" and line.old
        new = tr("outbox.without", value=line.old) if taken_out else line.new or tr("word.empty")
        said.append(f"{line.label}: {new}")
    return "; ".join(said)
