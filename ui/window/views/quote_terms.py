"""Validity, price list, discount, chance, follow-up and the text of a quote."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QDate, QEvent, QLocale, QObject
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDateEdit,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from crm_desktop.model.wire import field_facts
from ui.presenters.quote_contents import QuoteContents
from ui.window import theme
from ui.window.i18n import date_field_format, language, tr
from ui.window.views.layout import STRETCH, column, row
from ui.window.widgets.field_row import FieldRow

_LIST_CHARACTERS = 14
_FOLLOW_UP_DAYS = 7


class QuoteTerms(QWidget):
    """`edited` is called at each key, `left` when a field loses the focus."""

    def __init__(self, edited: Callable[[], None], left: Callable[[], None]) -> None:
        super().__init__()
        self.setMaximumWidth(560)
        self._edited, self._left = edited, left
        self._loading = False
        self._shown: QuoteContents | None = None
        self.valid_until, self.follow_up = QDateEdit(), QDateEdit()
        self.price_list = QComboBox()
        self.price_list.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.price_list.setMinimumContentsLength(_LIST_CHARACTERS)
        self.price_list.activated.connect(lambda _at: self._left())
        self.has_follow_up = QCheckBox()
        self.discount, self.chance, self.reason = QDoubleSpinBox(), QSpinBox(), QLineEdit()
        self.intro, self.terms = QPlainTextEdit(), QPlainTextEdit()
        for field in (self.valid_until, self.follow_up):
            field.setCalendarPopup(True)
            field.dateChanged.connect(lambda _day: self._on_edited())
        self.discount.setRange(0, 100)
        self.discount.setDecimals(1)
        self.discount.setSuffix(" %")
        self.chance.setRange(0, 100)
        self.chance.setSingleStep(10)
        self.chance.setSuffix(" %")
        for figure in (self.discount, self.chance):
            figure.lineEdit().setTextMargins(6, 0, 6, 0)
        self.discount.valueChanged.connect(lambda _value: self._on_edited())
        self.chance.valueChanged.connect(lambda _value: self._on_edited())
        self.reason.textEdited.connect(lambda _text: self._on_edited())
        self.has_follow_up.toggled.connect(self._on_follow_up)
        for text in (self.intro, self.terms):
            text.setProperty("k", "field")
            text.setTabChangesFocus(True)
            text.setFixedHeight(theme.px(64))
            text.textChanged.connect(self._on_edited)
        for widget in self._inputs():
            widget.installEventFilter(self)
        self.valid_field, self.discount_field = FieldRow("", self.valid_until), FieldRow("", self.discount)
        self.chance_field, self.reason_field = FieldRow("", self.chance), FieldRow("", self.reason)
        self.intro_field, self.terms_field = FieldRow("", self.intro), FieldRow("", self.terms)
        self.list_field = FieldRow("", self.price_list)
        follow = row(column(STRETCH, self.has_follow_up, 4, self.follow_up))  # in line with the field beside it
        first = row(self.valid_field, self.list_field, STRETCH, spacing=12)
        second = row(self.discount_field, follow, STRETCH, spacing=12)
        third = row(self.chance_field, self.reason_field, spacing=12)
        third.setStretch(1, 1)
        self.setLayout(column(first, second, third, self.intro_field, self.terms_field, STRETCH, spacing=12))

    def show_terms(self, contents: QuoteContents) -> None:
        """Fill the fields; one that has the focus keeps what is being typed."""
        same = self._shown is not None and self._shown.revision["id"] == contents.revision["id"]
        busy = QApplication.focusWidget() if same else None
        pending = self.changes() if same else ({}, {})
        self._shown = contents
        self._loading = True
        revision, quote = contents.revision, contents.quote
        for field, text in ((self.valid_until, revision["valid_until"]), (self.follow_up, quote["follow_up_on"])):
            if field is not busy:
                field.setDate(_qt_date(text) if text else QDate.currentDate())
        self.has_follow_up.setChecked(bool(quote["follow_up_on"]))
        self.follow_up.setVisible(bool(quote["follow_up_on"]))
        if self.discount is not busy:
            self.discount.setValue(float(revision["discount_percent"] or 0))
        if self.chance is not busy:
            self.chance.setValue(int(quote["chance_percent"] or 0))
        if self.reason is not busy:
            self.reason.setText(quote["chance_reason"])
        for box, name in ((self.intro, "intro"), (self.terms, "terms")):
            if box is not busy and name not in pending[0] and box.toPlainText() != revision[name]:
                box.setPlainText(revision[name])
        self.price_list.clear()
        for price_list in contents.money.lists:
            self.price_list.addItem(price_list["name"], price_list["id"])
        self.price_list.setCurrentIndex(self.price_list.findData(revision["price_list_id"]))
        for widget in (self.valid_until, self.price_list, self.discount, self.intro, self.terms):
            widget.setEnabled(contents.editable)
        self._loading = False

    def changes(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Values of the revision and of the quote that differ from what is stored."""
        shown = self._shown
        if shown is None:
            return {}, {}
        quote: dict[str, Any] = {}
        if (self.chance.value() or None) != (shown.quote["chance_percent"] or None):
            quote["chance_percent"] = self.chance.value() or None
        if self.reason.text() != shown.quote["chance_reason"]:
            quote["chance_reason"] = self.reason.text()
        follow = _iso(self.follow_up.date()) if self.has_follow_up.isChecked() else None
        if follow != shown.quote["follow_up_on"]:
            quote["follow_up_on"] = follow
        revision: dict[str, Any] = {}
        if shown.editable:
            if _iso(self.valid_until.date()) != shown.revision["valid_until"]:
                revision["valid_until"] = _iso(self.valid_until.date())
            discount = Decimal(str(round(self.discount.value(), 1)))
            if discount != Decimal(shown.revision["discount_percent"] or 0):
                revision["discount_percent"] = discount
            chosen = self.price_list.currentData()
            if chosen and chosen != shown.revision["price_list_id"]:
                revision["price_list_id"] = chosen
            for box, name in ((self.intro, "intro"), (self.terms, "terms")):
                if box.toPlainText() != shown.revision[name]:
                    revision[name] = box.toPlainText()
        return revision, quote

    def has_focus(self) -> bool:
        """Whether one of the fields is being edited."""
        return any(widget.hasFocus() for widget in self._inputs())

    def retranslate(self) -> None:
        """Labels again."""
        for field in (self.valid_until, self.follow_up):
            field.setLocale(QLocale())
            field.setDisplayFormat(date_field_format())
        for figure in (self.discount, self.chance):
            figure.setLocale(QLocale())
        self.valid_field.set_label(tr("quote.valid"))
        self.list_field.set_label(field_facts("quote_revision")["price_list_id"].label(language()))
        self.discount_field.set_label(tr("quote.discount_all"))
        self.chance_field.set_label(tr("quote.chance"))
        self.reason_field.set_label(tr("quote.chance_reason"))
        self.intro_field.set_label(tr("quote.intro"))
        self.terms_field.set_label(tr("quote.terms"))
        self.has_follow_up.setText(tr("word.follow_up"))
        self.follow_up.setAccessibleName(tr("quote.follow_up_on"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A field that is left is written."""
        if event.type() == QEvent.Type.FocusOut:
            self._left()
        return super().eventFilter(watched, event)

    def _inputs(self) -> tuple[QWidget, ...]:
        return (
            self.valid_until, self.price_list, self.discount, self.has_follow_up, self.follow_up, self.chance,
            self.reason, self.intro, self.terms,
        )  # fmt: skip

    def _on_edited(self) -> None:
        if not self._loading:
            self._edited()

    def _on_follow_up(self, wanted: bool) -> None:
        if wanted and not self._loading:
            self.follow_up.setDate(QDate.currentDate().addDays(_FOLLOW_UP_DAYS))
        self.follow_up.setVisible(wanted)
        self._on_edited()


def _qt_date(text: str) -> QDate:
    found = date.fromisoformat(text)
    return QDate(found.year, found.month, found.day)


def _iso(day: QDate) -> str:
    return f"{day.year():04d}-{day.month():02d}-{day.day():02d}"
