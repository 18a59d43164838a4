"""The briefing before a visit on one page: last visits, promises, quotes, cases, changes, what to ask."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.model.columns import parse_instant
from crm_desktop.model.wire import Row, entity_facts, field_facts
from ui.presenters.account_changes import Change
from ui.presenters.visit_briefing import VisitBriefing, load_visit_briefing
from ui.window.i18n import fmt_date, fmt_near_day, fmt_number, fmt_time, language, tr
from ui.window.page import Page, Shell
from ui.window.views.briefing_sheet import briefing_lines, briefing_sections
from ui.window.views.briefing_side import BriefingSide
from ui.window.views.briefing_words import change_words
from ui.window.views.folding import FoldingColumns
from ui.window.views.layout import STRETCH, Crumbs, boxed, clear, column, crumb_bar, row
from ui.window.views.paper_preview import open_file
from ui.window.views.rows import side_line
from ui.window.widgets.button import normal, primary
from ui.window.widgets.chip import Chip
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import Panel
from ui.window.window_keys import part_keys

_SIDE = 360
_CHANGES_SHOWN = 12
_KINDS = frozenset({"account", "contact", "visit", "task", "quote", "quote_revision", "quote_line", "case", "activity",
                    "order", "contract", "opportunity", "address", "channel", "conflict", "everything"})  # fmt: skip


class BriefingPage(Page):
    """`open(account_id=…, visit_id=…)`; without a visit the next planned one."""

    name = "briefing"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self.account_id = self.visit_id = ""
        self._shown: VisitBriefing | None = None
        self.crumbs = Crumbs()
        self.print_button, self.account_button = normal("", "download"), normal("", "building-2")
        self.note_button = primary("", "pen-line")
        self.print_button.clicked.connect(self.print)
        self.account_button.clicked.connect(self.open_account)
        self.note_button.clicked.connect(self.start_note)
        bar = crumb_bar(self.crumbs, self.print_button, self.account_button, self.note_button)
        self._head, self._main = QVBoxLayout(), QVBoxLayout()
        for layout in (self._head, self._main):
            layout.setSpacing(0)
        main = boxed(column(self._head, 16, self._main, STRETCH, margins=(28, 22, 28, 16)))
        self.side = BriefingSide(shell)
        self.hints = KeyHints()
        self.columns = FoldingColumns(main, self.side, _SIDE, self.hints)
        layout = column(bar, self.columns)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        scroll = self.columns.area.verticalScrollBar().triggerAction
        actions: dict[str, Callable[[], object]] = {
            "V": self.start_note,
            "O": self.open_account,
            "P": self.print,
            "Up": lambda: scroll(QAbstractSlider.SliderAction.SliderSingleStepSub),
            "Down": lambda: scroll(QAbstractSlider.SliderAction.SliderSingleStepAdd),
        }
        part_keys(self, actions)
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Read the briefing of an account."""
        self.account_id = str(where.get("account_id") or self.account_id)
        self.visit_id = str(where.get("visit_id") or "")
        self._read()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """Something it tells of changed."""
        if self.account_id and kinds & _KINDS:
            self._read()

    def retranslate(self) -> None:
        """All words again."""
        self.setAccessibleName(tr("nav.briefing"))
        self.print_button.set_text(tr("briefing.save_pdf"))
        self.account_button.set_text(tr("briefing.account"))
        self.note_button.set_text(tr("today.start_note"))
        self.hints.set_hints(
            [
                ("↑ ↓", tr("briefing.key_read")),
                ("V", tr("key.visit_note")),
                ("O", tr("briefing.key_account")),
                ("P", tr("briefing.key_pdf")),
            ]
        )
        if self._shown is not None:
            self._show(self._shown)

    # -- what one can do ----------------------------------------------------------------------------------------

    def start_note(self) -> None:
        """The note of the visit."""
        visit = self._shown.visit if self._shown is not None else None
        if visit is not None:
            self.shell.navigate("note", visit_id=visit["id"])
        elif self.account_id:
            self.shell.navigate("note", account_id=self.account_id)

    def open_account(self) -> None:
        """The whole account."""
        if self.account_id:
            self.shell.navigate("account", account_id=self.account_id)

    def print(self) -> None:
        """The page as a PDF, opened in the program the desktop has for it, from where it is printed."""
        found = self._shown
        if found is None:
            return
        app = self.shell.app
        now = app.clock.now()
        name = found.account["name"]
        lines, sections = briefing_lines(found, now), briefing_sections(found, now)
        footer = tr("briefing.footer", when=f"{fmt_date(now)}, {fmt_time(now)}")
        spoken = language()

        def work() -> Path:
            from crm_desktop.documents.briefing_pdf import briefing_pdf

            pdf = briefing_pdf(name, lines, sections, footer=footer, language=spoken, made_at=now)
            return app.attachments.readable(f"{name}.pdf", pdf)

        self.shell.tasks.read(work, open_file, key="briefing paper")

    # -- reading and showing ------------------------------------------------------------------------------------

    def _read(self) -> None:
        if not self.account_id:
            return
        app = self.shell.app
        now, account_id, visit_id = app.clock.now(), self.account_id, self.visit_id
        self.shell.tasks.read(
            lambda: app.store.read(lambda reader: load_visit_briefing(reader, account_id, visit_id, app.user_id, now)),
            self._show,
            key="briefing",
        )

    def _show(self, found: VisitBriefing) -> None:
        self._shown = found
        name = found.account["name"]
        self.crumbs.set_path(
            [(tr("nav.today"), lambda: self.shell.navigate("today")), (name, self.open_account)], tr("nav.briefing")
        )
        for layout in (self._head, self._main):
            clear(layout)
        self._show_head(found)
        self._show_visits(found)
        self._show_changes(found)
        self.side.show_briefing(found)
        self.setFocusProxy(self.note_button)

    def _show_head(self, found: VisitBriefing) -> None:
        account = found.account
        chips: list[QWidget] = []
        if account["customer_class"]:
            chips.append(Chip(account["customer_class"]))
        if account["key_account"]:
            chips.append(Chip(tr("word.key_account"), "accent"))
        title = Label(account["name"], "h1", elide=True)
        title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)  # it gives way to the chips
        line = row(title, *chips, STRETCH)
        self._head.addLayout(line)
        self._head.addSpacing(4)
        tones = ("t1", "t2") if found.visit is not None else ("t2", "t2")
        for said, tone in zip(briefing_lines(found, self.shell.app.clock.now()), tones, strict=False):
            self._head.addWidget(Label(said, "body", tone, wrap=True))

    def _show_visits(self, found: VisitBriefing) -> None:
        visits = found.briefing.visits
        self._main.addWidget(SectionHeader(tr("briefing.last_visits"), fmt_number(len(visits)) if visits else ""))
        if not visits:
            self._main.addWidget(Label(tr("note.no_visit"), "body", "t2", wrap=True))
        for visit in visits:
            self._main.addWidget(self._visit(visit))
            self._main.addSpacing(10)

    def _visit(self, visit: Row) -> QWidget:
        when = parse_instant(visit["starts_at"]) if visit["starts_at"] else None
        outcome = field_facts("visit")["outcome"].choice_label(visit["outcome"], language()) if visit["outcome"] else ""
        head = row(Label(fmt_date(when), "m"), Label(visit["subject"], "body", "t2", elide=True), spacing=10)
        head.setStretch(1, 1)
        if outcome:
            head.addWidget(Chip(outcome))
        panel = Panel(margin=12)
        panel.body.setSpacing(4)
        panel.body.addLayout(head)
        panel.body.addWidget(Label(visit["note"].strip() or tr("note.no_text"), "prose", wrap=True))
        if visit["next_step"]:
            said = row(IconLabel("handshake", "accent", 14), Label(visit["next_step"], "body", wrap=True), spacing=7)
            said.setStretch(1, 1)
            panel.body.addLayout(said)
        return panel

    def _show_changes(self, found: VisitBriefing) -> None:
        since = found.since
        self._main.addSpacing(8)
        if since.visit is None:
            self._main.addWidget(SectionHeader(tr("briefing.changes_first")))
            self._main.addWidget(Label(tr("briefing.no_own_visit"), "body", "t2", wrap=True))
            return
        day = fmt_date(parse_instant(since.visit["starts_at"]))
        count = fmt_number(len(since.changes)) if since.changes else ""
        self._main.addWidget(SectionHeader(tr("briefing.changes", day=day), count))
        if not since.changes:
            self._main.addWidget(Label(tr("briefing.no_changes"), "body", "t2", wrap=True))
        for change in since.changes[:_CHANGES_SHOWN]:
            self._main.addWidget(self._change(change))
        self._main.addSpacing(4)
        self._main.addWidget(Label(tr("briefing.as_known"), "cap", wrap=True))

    def _change(self, change: Change) -> QWidget:
        title, sub = change_words(change)
        when = fmt_near_day(parse_instant(change.at), self.shell.app.clock.now()) if change.at else ""
        icon = entity_facts(change.entity).icon if change.did == "made" else "pen-line"

        def go() -> None:
            page, where = _place(change)
            self.shell.navigate(page, **where)

        return side_line(icon, title, sub, when, go)


def _place(change: Change) -> tuple[str, dict[str, Any]]:
    pages = {"visit": ("note", "visit_id"), "quote": ("quote", "quote_id"), "order": ("order", "order_id"),
             "account": ("account", "account_id")}  # fmt: skip
    if change.entity in pages:
        page, parameter = pages[change.entity]
        return page, {parameter: change.record_id}
    return "record", {"entity": change.entity, "record_id": change.record_id}
