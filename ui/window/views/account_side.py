"""The side column of the account page: next step, people, open quotes, prices."""

from collections.abc import Callable
from datetime import date, datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.contract_term import notice_on
from crm_desktop.rules.whole_day import moment_of
from ui.presenters.account import AccountView
from ui.presenters.account_group import Member
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, fmt_percent, language, tr
from ui.window.models.list_cells import status_label
from ui.window.page import Shell
from ui.window.views.account_words import near_year
from ui.window.views.layout import STRETCH, boxed, clear, column, row
from ui.window.widgets.button import ghost, icon_button, normal
from ui.window.widgets.icon_label import IconLabel
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import PersonRow, SideRow
from ui.window.widgets.surface import Panel, surface

WIDTH = 320


class Opens(QWidget):
    """A row that leads somewhere by click or Enter; `record_id` tells whose it is."""

    def __init__(self, inner: QWidget, name: str, go: Callable[[], None], record_id: str = "") -> None:
        super().__init__()
        self.record_id = record_id
        self._go = go
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setLayout(column(inner))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click opens."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._go()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._go()
        else:
            super().keyPressEvent(event)


class AccountSide(QWidget):
    """Filled again for each account; the page decides where it stands."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        surface(self, "sunken")
        self._shell = shell
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(20, 16, 20, 16)
        self._column.setSpacing(0)

    def show_account(self, view: AccountView, now: datetime) -> None:
        """Show what belongs to one account."""
        clear(self._column)
        self._next_step(view, now)
        self._people(view)
        self._quotes(view, now)
        self._business(view, now)
        self._prices(view)
        self._group(view)
        self._column.addStretch(1)

    def row_of(self, record_id: str) -> QWidget | None:
        """The row of a record; None where it has none."""
        items = [self._column.itemAt(at) for at in range(self._column.count())]
        rows = [item.widget() for item in items if item is not None]
        return next((row for row in rows if isinstance(row, Opens) and row.record_id == record_id), None)

    def keys_on(self) -> str:
        """The id of the record whose row has the keys."""
        focused = self.focusWidget()
        return focused.record_id if isinstance(focused, Opens) and focused.hasFocus() else ""

    def _next_step(self, view: AccountView, now: datetime) -> None:
        account_id = view.row["id"]
        self._head(tr("word.next_step"))
        card = Panel()
        note = normal(tr("account.start_note"))
        visit, task = view.next_visit, view.tasks[0] if view.tasks else None
        if visit is not None:
            when = fmt_near_day(moment_of(visit), now, capital=False)
            self._step(card, "map-pin", tr("account.visit_at", when=when), visit["subject"])
            note.clicked.connect(lambda: self._shell.navigate("note", visit_id=visit["id"]))
            card.body.addWidget(boxed(row(note, STRETCH)))
        elif task is not None:
            due = tr("account.no_date")
            if task["due_on"]:
                due = fmt_near_day(date.fromisoformat(task["due_on"]), now, capital=False)
            self._step(card, "square-check-big", task["subject"], tr("account.due", when=due))
            done = normal(tr("account.done"))
            done.clicked.connect(lambda: self._done(task))
            change = ghost(tr("action.edit"))
            change.clicked.connect(lambda: self._shell.navigate("record", entity="task", record_id=task["id"]))
            card.body.addWidget(boxed(row(done, change, STRETCH)))
        else:
            self._step(card, "calendar-plus", tr("account.no_step"), tr("account.no_step_advice"))
            add = normal(tr("action.new_task"), "plus")
            values = {"account_id": account_id}
            add.clicked.connect(lambda: self._shell.navigate("record", entity="task", values=values))
            card.body.addWidget(boxed(row(add, STRETCH)))
        self._column.addSpacing(4)
        self._column.addWidget(card)

    def _step(self, card: Panel, icon: str, title: str, below: str) -> None:
        line = row(IconLabel(icon, "accent"), Label(title, "m", wrap=True), spacing=8)
        line.setStretch(1, 1)
        card.body.addLayout(line)
        if below:
            card.body.addWidget(Label(below, "sec", wrap=True))

    def _done(self, task: Row) -> None:
        tasks, shell = self._shell.app.tasks, self._shell

        def back() -> None:
            shell.tasks.write(lambda: tasks.reopen(task["id"]))

        shell.tasks.write(
            lambda: tasks.done(task["id"]), lambda _: shell.toast(tr("account.task_done", what=task["subject"]), back)
        )

    def _people(self, view: AccountView) -> None:
        values = {"account_id": view.row["id"]}
        add = icon_button("plus", tr("action.new_contact"))
        add.clicked.connect(lambda: self._shell.navigate("record", entity="contact", values=values))
        self._head(tr("nav.contacts"), len(view.contacts), add)
        for person in view.contacts:
            role = field_facts("contact")["buying_role"].choice_label(person.row["buying_role"], language())
            is_there = " · ".join(part for part in (person.row["job_title"], role) if part)
            above = tr("account.reports_to", name=person.reports_to) if person.reports_to else ""
            sub = "\n".join(part for part in (is_there, person.channel, above) if part)
            chip = tr("account.preferred") if person.row["preferred"] else ""
            name = person.row["name"] or tr("list.unnamed")
            self._open(PersonRow(name, sub, chip), name, "record", entity="contact", record_id=person.row["id"])

    def _quotes(self, view: AccountView, now: datetime) -> None:
        account_id = view.row["id"]
        add = icon_button("plus", tr("action.new_quote"))
        add.clicked.connect(lambda: self._shell.navigate("quote", account_id=account_id))
        self._head(tr("list.open_quotes"), len(view.quotes), add)
        for quote in view.quotes:
            title = tr("account.quote_revision", number=quote.number, revision=quote.revision or 1)
            until = tr("quote.valid_until", day=near_year(quote.valid_until, now)) if quote.valid_until else ""
            chance = fmt_percent(quote.chance) if quote.chance is not None else ""
            status = status_label("quote", "status", quote.status)
            sub = " · ".join(part for part in (status, until, chance) if part)
            line = SideRow("file-text", title, sub, fmt_money(quote.total, quote.currency))
            self._open(line, title, "quote", quote_id=quote.id)
        if not view.quotes:
            self._column.addWidget(Label(tr("account.no_quotes"), "cap"))

    def _business(self, view: AccountView, now: datetime) -> None:
        """Opportunities, contracts and cases: each with a button for a new one."""
        values = {"account_id": view.row["id"]}
        for entity, page, count in (
            ("opportunity", "pipeline", len(view.business.opportunities)),
            ("contract", "contracts", len(view.business.contracts)),
            ("case", "cases", len(view.business.cases)),
        ):
            add = icon_button("plus", tr(f"action.new_{entity}"))
            add.clicked.connect(
                lambda _on=False, entity=entity: self._shell.navigate("record", entity=entity, values=values)
            )
            self._head(tr(f"nav.{page}"), count, add)
            if entity == "opportunity":
                self._opportunities(view)
            elif entity == "contract":
                self._contracts(view)
            else:
                self._cases(view, now)
            if not count:
                self._column.addWidget(Label(tr(f"account.no_{entity}"), "cap"))

    def _opportunities(self, view: AccountView) -> None:
        for found, stage in view.business.opportunities:
            closes = fmt_date(date.fromisoformat(found["closes_on"]), "year") if found["closes_on"] else ""
            name = found["name"] or tr("list.unnamed")
            sub = " · ".join(part for part in (stage.label(language()) if stage else found["stage"], closes) if part)
            amount = fmt_money(found["amount"], found["currency"] or "EUR") if found["amount"] is not None else ""
            line = SideRow("kanban", name, sub, amount)
            self._open(line, name, "record", entity="opportunity", record_id=found["id"])

    def _contracts(self, view: AccountView) -> None:
        for found in view.business.contracts:
            last, due = notice_on(found), found["id"] in view.business.due
            name = found["name"] or found["number"] or tr("list.unnamed")
            sub = status_label("contract", "status", found["status"])
            if last is not None:
                late = due and last < self._shell.app.clock.now().astimezone().date()
                sub = tr("contracts.notice_was" if late else "contracts.notice_until", when=fmt_date(last))
            line = SideRow("handshake", name, sub, tone="warn" if due else "t2")
            self._open(line, name, "record", entity="contract", record_id=found["id"])

    def _cases(self, view: AccountView, now: datetime) -> None:
        for found in view.business.cases:
            name = found["subject"] or tr("list.unnamed")
            day = date.fromisoformat(found["due_on"]) if found["due_on"] else None
            due = tr("account.due", when=fmt_near_day(day, now, capital=False)) if day else ""
            sub = " · ".join(part for part in (status_label("case", "status", found["status"]), due) if part)
            late = day is not None and day < now.astimezone().date()
            self._open(
                SideRow("life-buoy", name, sub, tone="bad" if late else "t2"),
                name,
                "record",
                entity="case",
                record_id=found["id"],
            )

    def _prices(self, view: AccountView) -> None:
        self._head(tr("account.prices"), len(view.conditions))
        for condition in view.conditions:
            value = condition["value"]
            if condition["kind"] == "percent":
                what = condition["category"] or tr("account.everything")
                text = tr("account.percent_off", percent=fmt_number(value), what=what)
            else:
                text = tr("account.net_price", amount=fmt_money(value, view.row["currency"] or "EUR"))
            until = condition["valid_until"]
            sub = tr("account.valid_until", when=fmt_date(date.fromisoformat(until))) if until else text
            self._column.addWidget(SideRow("tag", condition["name"] or text, text if condition["name"] else sub))
        terms = view.row["payment_terms_days"]
        if terms is not None:
            self._column.addWidget(SideRow("scale", tr("account.terms_days", count=terms)))
        if not view.conditions and terms is None:
            self._column.addWidget(Label(tr("account.no_conditions"), "cap", wrap=True))

    def _group(self, view: AccountView) -> None:
        """The companies above and below; nothing where the account stands alone."""
        if not view.group:
            return
        self._head(tr("account.group"), view.group.count)
        if view.group.parent is not None:
            self._member(view.group.parent, tr("account.belongs_to"))
        for member in view.group.members:
            self._member(member, tr("account.belongs_to_it"))
        if more := view.group.count - len(view.group.members):
            self._column.addWidget(Label(tr("account.more_members", count=more), "cap"))

    def _member(self, member: Member, how: str) -> None:
        row = member.row
        if row is None:
            self._column.addWidget(SideRow("building-2", tr("account.member_elsewhere"), how))
            return
        key = tr("word.key_account") if row["key_account"] else ""
        sub = " · ".join(part for part in (how, row["external_id"], key) if part)
        name = member.name or tr("list.unnamed")
        line = SideRow("building-2", name, sub, row["customer_class"])
        self._open(line, name, "account", account_id=member.id)

    def _open(self, inner: QWidget, name: str, page: str, **where: str) -> None:
        record_id = where.get("record_id") or where.get(f"{page}_id", "")
        self._column.addWidget(Opens(inner, name, lambda: self._shell.navigate(page, **where), record_id))

    def _head(self, title: str, count: int = 0, right: QWidget | None = None) -> None:
        if self._column.count():
            self._column.addSpacing(12)
        self._column.addWidget(SectionHeader(title, str(count) if count else "", right))
