"""Leads at a trade fair: one line and Enter, a sheet of lines, or pasted cards. Works without a network."""

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QStackedWidget

from crm_desktop.errors import CrmError
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.services.duplicates import Likeness, wanted_of
from crm_desktop.services.leads import MOST_AT_ONCE
from ui.presenters.lead_capture import FIELDS, CapturedToday, captured_today, with_common
from ui.presenters.titles import title_of
from ui.window.delegates import Cell
from ui.window.i18n import language, tr
from ui.window.models.cell_rows import CellRow, CellRows
from ui.window.page import Page, Shell
from ui.window.views.duplicate_hint import DuplicateHint
from ui.window.views.layout import STRETCH, Crumbs, boxed, column, crumb_bar, row, scrolling
from ui.window.views.lead_lines import LeadLine, LeadSheet
from ui.window.views.lead_paste_pane import LeadPastePane
from ui.window.views.reference_field import ReferenceField
from ui.window.widgets.button import icon_button, primary
from ui.window.widgets.chip import Chip
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.key_hints import KeyHints
from ui.window.widgets.label import Label
from ui.window.widgets.record_table import RecordTable
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.surface import hline, surface
from ui.window.widgets.sync_badge import SYNC_LOOK
from ui.window.window_keys import part_keys

MODES = ("line", "sheet", "paste")
INITIATOR = "lead capture"


class LeadCapturePage(Page):
    """`open(mode='line'|'sheet'|'paste')`; source and owner stay for the next lead."""

    name = "lead_capture"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        self._today = CapturedToday(0, ())
        self._taken: Likeness | None = None
        self._build()
        self.retranslate()

    # -- page ---------------------------------------------------------------------------------------------------

    def open(self, **where: Any) -> None:
        """Begin typing at once."""
        mode = str(where.get("mode") or self.modes.value() or MODES[0])
        self.modes.set_value(mode if mode in MODES else MODES[0])
        self._mode_chosen(self.mode)
        self._read_owner()
        self.read()

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """The list of today again."""
        if kinds & {"lead", "outbox", "everything"}:
            self.read()

    def retranslate(self) -> None:
        """Every word again."""
        facts = field_facts("lead")
        self.crumbs.set_path([(tr("nav.leads"), lambda: self.shell.navigate("leads"))], tr("leads.capture"))
        self.modes.set_choices([(mode, tr(f"leads.mode_{mode}")) for mode in MODES])
        self.modes.setAccessibleName(tr("leads.mode"))
        self._source.set_label(facts["source"].label(language()))
        self._owner.set_label(facts["owner_id"].label(language()))
        self.source.setPlaceholderText(tr("leads.source_hint"))
        self._stays.set_text(tr("leads.stays"))
        for part in (self.line, self.sheet, self.paste):
            part.retranslate()
        self.hint.retranslate()
        self.model.set_headings([*(facts[name].label(language()) for name in FIELDS), tr("word.sync")])
        self.table.setAccessibleName(tr("leads.today"))
        self._show_today(self._today)
        self._show_mode()

    def may_leave(self) -> bool:
        """A line or sheet that was begun is saved; a paste is only a preview until it is taken."""
        values = self.line.values()
        if self.mode != "paste" and values and any(name != "interest" for name in values):
            self.save_line()
        if self.mode != "paste" and self.sheet.values():
            self._capture(self.sheet.values(), self.sheet.clear)
        return True

    # -- what the user does -------------------------------------------------------------------------------------

    @property
    def mode(self) -> str:
        """How leads come in."""
        return self.modes.value() or MODES[0]

    def save(self) -> None:
        """Save what the current mode holds, as one action."""
        if self.mode == "line":
            self.save_line()
        elif self.mode == "sheet":
            self._capture(self.sheet.values(), self.sheet.clear)
        else:
            self._capture(self.paste.values(), self.paste.clear)

    def save_line(self) -> None:
        """One lead; the line is empty for the next at once."""
        values: dict[str, Any] = dict(self.line.values())
        if not values:
            self.line.begin()
            return
        if not values.keys() & {"name", "company", "email", "phone"}:
            self.line.say(partial(tr, "leads.nothing_to_name"))
            return
        if self._taken is not None:
            values |= {"account_id": self._taken.account_id}
            if self._taken.entity == "contact":
                values["contact_id"] = self._taken.id
        self.line.clear()
        self._leave_taken()
        self.hint.forget()
        self._capture([values], lambda: None, lambda: self.line.put_back(values))

    def _capture(
        self, typed: list[dict[str, str]], clear: Callable[[], None], put_back: Callable[[], None] = lambda: None
    ) -> None:
        """`clear` once they are saved; `put_back` where they could not be."""
        if not typed:
            return
        leads, service = self.shell.app.leads, with_common(typed, self.source.text(), self.owner.value())

        def done(ids: list[str]) -> None:
            if not ids:  # stopped: the list stands there still
                put_back()
                return
            what = tr("leads.captured", count=len(ids))
            clear()
            self.shell.toast(what, lambda: self.shell.tasks.write(lambda: leads.withdraw(ids)))
            self.read()

        def failed(error: CrmError) -> None:
            put_back()
            self.shell.show_error(error)

        if len(service) <= MOST_AT_ONCE:
            self.shell.tasks.write(lambda: leads.capture(service, INITIATOR), done, failed)
            return
        label = tr("leads.save_many", count=len(service))
        self.shell.tasks.long(label, lambda progress: leads.capture(service, INITIATOR, progress), done, failed)

    def _take(self, item: Likeness) -> None:
        """The lead belongs to a record that is known."""
        self._taken = item
        self.hint.forget()
        self.taken.set_chip(tr("leads.belongs_to", name=item.name), "accent")
        self._taken_row.show()
        self.line.begin()

    def _leave_taken(self) -> None:
        self._taken = None
        self._taken_row.hide()

    # -- reading and showing ------------------------------------------------------------------------------------

    def read(self) -> None:
        """What came in today."""
        app = self.shell.app
        now, user_id = app.clock.now(), app.user_id
        self.shell.tasks.read(
            lambda: app.store.read(lambda reader: captured_today(reader, user_id, now)),
            self._show_today,
            key="leads of today",
        )

    def _read_owner(self) -> None:
        app = self.shell.app
        if self.owner.value() or not app.user_id:
            return

        def show(user: Row | None) -> None:
            if user is not None and not self.owner.value():
                self.owner.set_value(user["id"], title_of("user", user))

        self.shell.tasks.read(
            lambda: app.store.read(lambda reader: reader.get("user", app.user_id)), show, key="lead owner"
        )

    def _show_today(self, found: CapturedToday) -> None:
        self._today = found
        self.count.set_text(tr("leads.today_count", count=found.count))
        rows = []
        for lead in found.latest:
            icon, tone = SYNC_LOOK[lead["state"]]
            cells = [Cell(str(lead[name]).split("\n")[0], weight=600 if name == "name" else 400) for name in FIELDS]
            rows.append(CellRow(lead["id"], (*cells, Cell("", icon=icon, icon_tone=tone))))
        self.model.set_rows(rows)
        self._latest.set_title(tr("leads.today"))
        self._latest.set_count(str(found.count) if found.count else "")
        self.table.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self._none.set_text(tr("leads.none_today"))

    def _mode_chosen(self, mode: str) -> None:
        self.stack.setCurrentWidget({"line": self._line_box, "sheet": self._sheet_box, "paste": self.paste}[mode])
        self._show_mode()
        begins: dict[str, Callable[[], None]] = {
            "line": self.line.begin,
            "sheet": self.sheet.begin,
            "paste": self.paste.begin,
        }
        begins[mode]()

    def _show_mode(self) -> None:
        mode = self.mode
        count = {"line": 0, "sheet": len(self.sheet.values()), "paste": len(self.paste.values())}[mode]
        self.save_button.set_text(tr("leads.save_many", count=count) if count else tr("action.save"))
        self.save_button.setEnabled(mode == "line" or count > 0)
        keys = [(tr("key.enter"), tr("leads.key_save"))] if mode == "line" else []
        if mode == "sheet":
            keys = [(tr("key.enter"), tr("leads.key_down"))]
        keys += [(f"{tr('key.ctrl')} S", tr("form.key_save")), (f"{tr('key.alt')} 1 2 3", tr("leads.key_mode"))]
        self.hints.set_hints([*keys, (tr("key.escape"), tr("leads.key_back"))])

    def _typed(self) -> None:
        self.hint.look(wanted_of("lead", self.line.values()))

    # -- building -----------------------------------------------------------------------------------------------

    def _build(self) -> None:
        surface(self, "canvas")
        self.crumbs = Crumbs()
        self.count = Label("", "sec", "t2", tabular=True)
        self.modes = ChoicePills("", [(mode, mode) for mode in MODES])
        self.modes.set_value(MODES[0])
        self.save_button = primary("", "check")
        self.save_button.setObjectName("save")
        bar = crumb_bar(self.crumbs, self.count, self.save_button)
        self.source, self.owner = QLineEdit(), ReferenceField(self.shell, "user")
        self.source.setObjectName("lead_source")
        self._source, self._owner = FieldRow("", self.source), FieldRow("", self.owner)
        self._stays = Label("", "cap", wrap=True)
        common = row(self._source, self._owner, self._stays, spacing=12)
        for place, share in enumerate((3, 2, 3)):
            common.setStretch(place, share)
        common.setAlignment(self._stays, Qt.AlignmentFlag.AlignBottom)
        self.line, self.sheet, self.paste = LeadLine(), LeadSheet(), LeadPastePane(self.shell)
        self.hint = DuplicateHint(self.shell, self._take)
        self.taken = Chip("", "accent")
        leave = icon_button("x", tr("leads.not_known"))
        leave.clicked.connect(self._leave_taken)
        self._taken_row = boxed(row(self.taken, leave, STRETCH, spacing=4))
        self._taken_row.hide()
        self.model = CellRows(self)
        self.table = RecordTable("", 30, 0)
        self.table.setModel(self.model)
        self._latest, self._none = SectionHeader(""), Label("", "sec", "t3")
        today = column(self._latest, self._none, self.table, STRETCH, spacing=6)
        today.setStretch(2, 100)  # the rest stays empty where there is no table
        inner = column(self.line, self._taken_row, self.hint, 8, today, spacing=8)
        inner.setStretch(4, 1)
        self._line_box, self._sheet_box = boxed(inner), scrolling(boxed(column(self.sheet, STRETCH)))
        self.stack = QStackedWidget()
        for part in (self._line_box, self._sheet_box, self.paste):
            self.stack.addWidget(part)
        self.hints = KeyHints()
        body = column(self.modes, 12, boxed(common), 14, hline(), 14, self.stack, margins=(28, 16, 28, 12))
        body.setStretch(6, 1)
        whole = column(bar, boxed(body), hline(), self.hints)
        whole.setStretch(1, 1)
        self.setLayout(whole)
        self._connect()
        self.table.set_widths((170, 150, 170, 120, 150, 66), 4, 100)

    def _connect(self) -> None:
        self.modes.chosen.connect(self._mode_chosen)
        self.save_button.clicked.connect(self.save)
        self.line.entered.connect(self.save_line)
        self.line.edited.connect(self._typed)
        self.sheet.edited.connect(self._show_mode)
        self.paste.read.connect(self._show_mode)
        self.table.opened.connect(
            lambda index: self.shell.navigate("record", entity="lead", record_id=self.model.row_id(index.row()))
        )
        modes = {f"Alt+{at}": partial(self._switch, mode) for at, mode in enumerate(MODES, 1)}
        part_keys(self, {"Ctrl+S": self.save, "Escape": self._back, **modes})

    def _switch(self, mode: str) -> None:
        self.modes.set_value(mode)
        self._mode_chosen(mode)

    def _back(self) -> None:
        self.shell.navigate("leads")
