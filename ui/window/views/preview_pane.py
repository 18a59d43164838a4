"""The pane beside a list: the chosen record at a glance."""

from collections.abc import Iterator, Mapping
from datetime import date

from PySide6.QtWidgets import QWidget

from crm_desktop.model.columns import format_instant, parse_instant
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Row, field_facts
from crm_desktop.rules.permissions import offered_fields
from crm_desktop.store.reader import Reader
from ui.presenters.account import AccountView, account_view
from ui.presenters.list_columns import ListSpec, Look
from ui.presenters.record_list import RowView, record_names, row_view
from ui.presenters.titles import title_of
from ui.window import theme
from ui.window.i18n import fmt_date, fmt_money, fmt_near_day, fmt_number, language, tr
from ui.window.models.list_cells import cell, heading, status_label
from ui.window.page import Shell
from ui.window.theme import metrics
from ui.window.views.account_words import address_line, entry_icon, entry_title, question
from ui.window.views.layout import STRETCH, boxed, row
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import normal, primary
from ui.window.widgets.chip import Chip
from ui.window.widgets.label import Label
from ui.window.widgets.progress_bar import ProgressBar
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_panel import SidePanel
from ui.window.widgets.side_row import FactRow, PersonRow, SideRow

WIDTH = 320
_MOST_FACTS = 14
_LATEST = 4
_LABEL, _LONG_LABEL = 112, 136
_BESIDE, _EDGES = 8, 48
_CENTS = 2


class PreviewPane(SidePanel):
    """Filled again for each record."""

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, tr("action.preview"), parent)
        self._shell = shell

    def read(self, spec: ListSpec, record_id: str) -> None:
        """Read a record of a list and show it; what was asked for before no longer arrives."""
        app, key = self._shell.app, f"preview {spec.page}"
        if spec.entity == "account":
            now = app.clock.now()
            today, instant = now.astimezone().date(), format_instant(now)
            self._shell.tasks.read(
                lambda: app.store.read(lambda reader: account_view(reader, record_id, today, instant, limit=_LATEST)),
                self.show_account,
                lambda _error: self.clear(),
                key=key,
            )
            return

        def work(reader: Reader) -> tuple[Row, dict[str, str], RowView] | None:
            record = reader.get(spec.entity, record_id)
            if record is None:
                return None
            names = record_names(reader, spec.entity, (), record)
            return record, {field: title for (field, _), title in names.items()}, row_view(reader, spec, record)

        def show(found: tuple[Row, dict[str, str], RowView] | None) -> None:
            if found is not None:
                self.show_record(spec, *found)

        self._shell.tasks.read(lambda: app.store.read(work), show, key=key)

    def show_account(self, view: AccountView) -> None:
        """An account: name, actions, decision, next question, people, latest."""
        self.clear()
        account_id = view.row["id"]
        chips: list[QWidget] = []
        if view.row["customer_class"]:
            chips.append(Chip(view.row["customer_class"]))
        if view.row["key_account"]:
            chips.append(Chip(tr("word.key_account"), "accent"))
        taken = sum(chip.sizeHint().width() + _BESIDE for chip in chips)
        if metrics(15, 600).horizontalAdvance(view.title) + taken <= theme.px(WIDTH) - _EDGES:
            self.add(boxed(row(Label(view.title, "h2"), *chips, STRETCH, spacing=_BESIDE)))
        else:
            self.add(Label(view.title, "h2", wrap=True))
            if chips:
                self.add(boxed(row(*chips, STRETCH, spacing=6)), 4)
        reach = [address_line(view.address), view.channels[0]["value"] if view.channels else ""]
        line = " · ".join(part for part in reach if part)
        if line:
            self.add(Label(line, "sec", wrap=True), 4)
        opened = primary(tr("action.open"))
        opened.clicked.connect(lambda: self._shell.navigate("account", account_id=account_id))
        note = normal(tr("action.visit_note"), "pen-line")
        note.clicked.connect(lambda: self._shell.navigate("note", account_id=account_id))
        self.add(boxed(row(opened, note, STRETCH, spacing=6)), 10)
        for conflict in view.conflicts[:1]:
            facts = field_facts("account").get(conflict["field"])
            title = tr("account.two_versions", field=facts.label(language()) if facts else conflict["field"])
            decide = (
                tr("action.decide"),
                lambda key=conflict["id"]: self._shell.navigate("conflicts", conflict_id=key),
            )
            self.add(Banner("ask", "git-compare-arrows", title, "", [decide]), 14)
        self._completeness(view)
        if view.contacts:
            self.add(SectionHeader(tr("nav.contacts"), str(len(view.contacts))), 16)
            for person in view.contacts[:3]:
                sub = "\n".join(part for part in (person.row["job_title"], person.channel) if part)
                chip = tr("account.preferred") if person.row["preferred"] else ""
                self.add(PersonRow(person.row["name"], sub, chip))
        if view.timeline:
            self.add(SectionHeader(tr("account.latest")), 16)
            for item in view.timeline[:_LATEST]:
                when = fmt_date(_day_of(item.entry.at), "short") if item.entry.at else ""
                self.add(SideRow(entry_icon(item), entry_title(item), item.who, when))

    def show_record(self, spec: ListSpec, record: Row, names: dict[str, str], view: RowView) -> None:
        """Any other record: what its list worked out, and its filled fields.

        `names` are titles by field of what it points to.
        """
        self.clear()
        facts = field_facts(spec.entity)
        title = title_of(spec.entity, record)
        self.add(Label(title or tr("list.unnamed"), "h2", wrap=True))
        opened = primary(tr("action.open"))
        opened.clicked.connect(lambda: self._open(spec, record["id"]))
        self.add(boxed(row(opened, STRETCH, spacing=6)), 10)
        offered = offered_fields(spec.entity, self._shell.app.permissions)
        told = [*self._worked_out(spec, view, facts)]
        told += [(facts[name].label(language()), self._value(spec.entity, name, record, names)) for name in offered
                 if name not in _SAID_ELSEWHERE and record.get(name) != title]  # fmt: skip
        shown = [(label, text) for label, text in told if text][:_MOST_FACTS]
        # One edge for all values, as far to the right as the longest of the labels needs while the values keep room.
        longest = max((metrics(12).horizontalAdvance(label) for label, _text in shown), default=0)
        wide = min(max(_LABEL, round(longest * 100 / theme.px(100)) + 2), _LONG_LABEL)
        for number, (label, text) in enumerate(shown):
            self.add(FactRow(label, text, wide, wrap_label=True), 12 if number == 0 else 0)

    def _worked_out(self, spec: ListSpec, view: RowView, declared: Mapping[str, Facts]) -> Iterator[tuple[str, str]]:
        """Columns of the list that are no field of the record: the state and sum of a quote, the net of an order."""
        for item in spec.columns:
            if item.key in declared or item.look not in (Look.CHIP, Look.MONEY, Look.DATE, Look.NUMBER, Look.TEXT):
                continue
            shown, sentence = cell(spec, item, view, self._shell.app.clock.now)
            yield heading(spec, item), sentence or shown.text or ""

    def _open(self, spec: ListSpec, record_id: str) -> None:
        where = {spec.parameter: record_id}
        if spec.opens == "record":
            where["entity"] = spec.entity
        self._shell.navigate(spec.opens, **where)

    def _completeness(self, view: AccountView) -> None:
        asked = view.maturity.next_question
        if asked is not None:
            self.add(Label(tr("account.next_question"), "over"), 16)
            self.add(Label(question(asked), "body", wrap=True), 2)
        bar = ProgressBar(view.maturity.percent / 100, name=tr("word.complete"))
        text = tr("account.percent_complete", percent=view.maturity.percent)
        self.add(boxed(row(bar, Label(text, "cap"), spacing=10)), 6)

    def _value(self, entity: str, name: str, record: Row, names: dict[str, str]) -> str:
        facts, value = field_facts(entity)[name], record.get(name)
        if value in (None, "", [], False):
            return ""
        if facts.kind is Kind.REFERENCE:
            return names.get(name, "")
        if facts.kind in (Kind.CHOICE, Kind.STATE):
            return status_label(entity, name, str(value))
        if facts.kind is Kind.DATE:
            return fmt_date(date.fromisoformat(str(value)))
        if facts.kind is Kind.INSTANT:
            return fmt_near_day(parse_instant(str(value)), self._shell.app.clock.now())
        cents = facts.kind is Kind.DECIMAL and facts.places == _CENTS and not name.endswith("_percent")
        if cents and record.get("currency"):
            return fmt_money(str(value), str(record["currency"]))
        if facts.kind in (Kind.INTEGER, Kind.DECIMAL):
            return fmt_number(str(value))
        if isinstance(value, list):
            return ", ".join(value)
        return tr("word.yes") if value is True else str(value)


_SAID_ELSEWHERE = ("currency",)


def _day_of(at: object) -> date:
    text = str(at)
    return parse_instant(text).astimezone().date() if "T" in text else date.fromisoformat(text[:10])
