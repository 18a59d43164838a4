"""The one application style sheet, made from the tokens.

Written as a template: `$name` is a token, `@13` a length of 13 px that grows with the text size.
Selectors go by property, never by position, so that nothing is inherited by accident. Fonts are not set
here but on the widgets: a style sheet knows weights, but not the axes of a variable font.
"""

import re
from collections.abc import Mapping
from string import Template

from ui.window.theme import current

_LENGTH = re.compile(r"@(\d+)")

_BASE = """
* { outline: 0; }
QWidget { color: $t1; }
QMainWindow, QDialog, QWidget[surface="canvas"] { background: $canvas; }
QWidget[surface="side"] { background: $side; }
QWidget[surface="sunken"] { background: $sunken; }
QWidget[surface="nav"] { background: $side; border: 0; border-right: 1px solid $line; }
QWidget[surface="strip"] { background: $side; border: 0; border-top: 1px solid $line; }
QFrame[surface="panel"] { background: $raised; border: 1px solid $line2; border-radius: 8px; }
QFrame[surface="well"] { background: $sunken; border: 1px solid $line; border-radius: 8px; }
QFrame[surface="toast"] { background: $toast; border: 0; border-radius: 8px; }
QFrame[rule="line"] { background: $line; border: 0; }
QFrame[rule="line2"] { background: $line2; border: 0; }
QToolTip { background: $t1; color: $canvas; border: 0; padding: 4px 8px; }
QAbstractScrollArea { background: transparent; border: 0; }
QScrollBar:vertical { width: 10px; background: transparent; margin: 2px; }
QScrollBar::handle:vertical { background: $line2; border-radius: 3px; min-height: 32px; }
QScrollBar:horizontal { height: 10px; background: transparent; margin: 2px; }
QScrollBar::handle:horizontal { background: $line2; border-radius: 3px; min-width: 32px; }
QScrollBar::handle:hover { background: $field; }
QScrollBar::add-line, QScrollBar::sub-line { height: 0; width: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: 0; }
QSplitter::handle { background: $line; }
QMenu { background: $raised; border: 1px solid $line2; border-radius: 6px; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: $select; color: $t1; }
QMenu::item:disabled { color: $t3; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
"""

_LABELS = """
QLabel { background: transparent; }
QLabel[t="sec"], QLabel[t="over"], QLabel[t="key"] { color: $t2; }
QLabel[t="cap"], QLabel[t="tiny"] { color: $t3; }
QLabel[t="key"] { border: 1px solid $line2; border-bottom: 2px solid $line2; border-radius: 4px;
  padding: 0 4px; background: $raised; }
QLabel[c="t1"] { color: $t1; } QLabel[c="t2"] { color: $t2; } QLabel[c="t3"] { color: $t3; }
QLabel[c="accent"] { color: $accent; } QLabel[c="ok"] { color: $ok; } QLabel[c="warn"] { color: $warn; }
QLabel[c="bad"] { color: $bad; } QLabel[c="ask"] { color: $ask; }
QLabel[c="ontoast"] { color: $ontoast; }
QLabel[chip="plain"] { color: $t2; background: $selectdim; }
QLabel[chip="line"] { color: $t2; border: 1px solid $line2; }
QLabel[chip="accent"] { color: $accent; background: $accentsoft; }
QLabel[chip="ok"] { color: $ok; background: $oksoft; }
QLabel[chip="warn"] { color: $warn; background: $warnsoft; }
QLabel[chip="bad"] { color: $bad; background: $badsoft; }
QLabel[chip="ask"] { color: $ask; background: $asksoft; }
QLabel[chip] { border-radius: 4px; padding: 0 6px; }
QFrame[banner] { border: 0; border-radius: 6px; }
QFrame[banner="warn"] { background: $warnsoft; } QFrame[banner="bad"] { background: $badsoft; }
QFrame[banner="ask"] { background: $asksoft; } QFrame[banner="ok"] { background: $oksoft; }
QFrame[banner="info"] { background: $accentsoft; } QFrame[banner="plain"] { background: $hover; }
"""

_BUTTONS = """
QPushButton { color: $t1; background: $raised; border: 1px solid $line2;
  border-radius: 6px; padding: 0 12px; min-height: @28; max-height: @28; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $selectdim; }
QPushButton[k="primary"] { color: $onaccent; background: $accentfill; border: 1px solid $accentfill; }
QPushButton[k="primary"]:hover, QPushButton[k="primary"]:pressed {
  background: $accenthover; border-color: $accenthover; }
QPushButton[k="ghost"] { color: $t2; background: transparent; border: 1px solid transparent; padding: 0 8px; }
QPushButton[k="ghost"]:hover { background: $hover; }
QPushButton[k="danger"] { color: $bad; background: transparent; }
QPushButton[k="danger"]:hover { background: $badsoft; }
QPushButton[k="link"] { color: $accent; background: transparent; border: 0; padding: 0;
  min-height: @20; max-height: @20; text-align: left; }
QPushButton[k="link"]:hover { text-decoration: underline; }
QPushButton[k="toastlink"] { color: $toastlink; background: transparent; border: 0; padding: 0 2px;
  min-height: @24; max-height: @24; }
QPushButton[k="toastlink"]:hover { text-decoration: underline; }
QPushButton[k="pill"] { border-radius: @13; min-height: @26; max-height: @26; }
QPushButton[k="pill"]:checked { color: $accent; background: $accentsoft;
  border-color: $accent; }
QPushButton[k="filter"] { color: $t1; border-color: transparent;
  padding: 0 @26 0 8px; min-height: @24; max-height: @24; background: $accentsoft; }
QPushButton[k="filter"][checkable="true"] { padding: 0 8px; }
QPushButton[k="filter"]:hover { border-color: $accent; }
QPushButton[k="cross"] { background: transparent; border: 0; border-radius: 4px; padding: 0;
  min-height: @18; max-height: @18; min-width: @18; max-width: @18; }
QPushButton[k="cross"]:hover { background: $canvas; }
QPushButton[k="filteradd"] { color: $t2; border: 1px dashed $line2; padding: 0 8px;
  min-height: @24; max-height: @24; background: transparent; }
QPushButton[k="strip"] { color: $t1; background: transparent; border: 0;
  border-radius: 4px; padding: 0 4px; min-height: @22; max-height: @22; }
QPushButton[k="strip"]:hover { background: $selectdim; }
QPushButton[k="strip"][c="t3"] { color: $t3; } QPushButton[k="strip"][c="bad"] { color: $bad; }
QPushButton[k="strip"][c="ask"] { color: $ask; } QPushButton[k="strip"][c="warn"] { color: $warn; }
QPushButton[k="jump"] { color: $t3; background: $canvas; padding: 0 6px 0 8px;
  min-height: @30; max-height: @30; text-align: left; }
QPushButton[icononly="true"] { padding: 0; min-width: @28; max-width: @28; }
QPushButton:disabled { color: $t3; background: $sunken; border-color: $line; }
QPushButton[k="link"]:disabled, QPushButton[k="ghost"]:disabled, QPushButton[k="strip"]:disabled {
  background: transparent; border-color: transparent; }
"""

_FIELDS = """
QLineEdit, QAbstractSpinBox, QComboBox { background: $canvas; border: 1px solid $field; border-radius: 6px;
  padding: 0 8px; min-height: @28; max-height: @28;
  selection-background-color: $accentfill; selection-color: $onaccent; }
QLineEdit[bad="true"], QAbstractSpinBox[bad="true"], QComboBox[bad="true"], QTextEdit[bad="true"],
QPlainTextEdit[bad="true"] { border: 1px solid $bad; }
QLineEdit:read-only, QLineEdit:disabled, QAbstractSpinBox:read-only, QAbstractSpinBox:disabled,
QComboBox:disabled { background: $sunken; color: $t3; border: 1px solid $line; }
QLineEdit[k="search"] { border: 1px solid $line2; }
QLineEdit[k="bare"] { border: 0; background: transparent; padding: 0; }
QComboBox { padding-left: 10px; }
QComboBox::drop-down { border: 0; width: 22px; }
QComboBox::down-arrow { image: url("$chevron"); width: @14; height: @14; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line2; padding: 4px;
  selection-background-color: $select; selection-color: $t1; }
QDateEdit::drop-down, QDateTimeEdit::drop-down, QTimeEdit::drop-down { border: 0; width: 22px;
  subcontrol-origin: padding; subcontrol-position: center right; }
QDateEdit::down-arrow, QDateTimeEdit::down-arrow { image: url("$chevron"); width: @14; height: @14; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
  width: 0; border: 0; }
QTextEdit, QPlainTextEdit { background: transparent; border: 0;
  selection-background-color: $accentfill; selection-color: $onaccent; }
QTextEdit[k="field"], QPlainTextEdit[k="field"] { background: $canvas; border: 1px solid $field;
  border-radius: 6px; padding: 4px 6px; }
QTextEdit[k="field"]:read-only, QTextEdit[k="field"]:disabled, QPlainTextEdit[k="field"]:read-only,
QPlainTextEdit[k="field"]:disabled { background: $sunken; color: $t3; border: 1px solid $line; }
QCheckBox, QRadioButton { spacing: 8px; background: transparent; }
QCheckBox::indicator { width: @16; height: @16; border: 1px solid $field; border-radius: 4px;
  background: $canvas; }
QCheckBox::indicator:checked { background: $accentfill; border-color: $accentfill; image: url("$tick"); }
QRadioButton::indicator { width: @14; height: @14; border: 1px solid $field; border-radius: ${radio_round}px;
  background: $canvas; }
QRadioButton::indicator:checked { border: 5px solid $accentfill; width: ${radio_dot}px; height: ${radio_dot}px;
  background: $onaccent; }
"""

_VIEWS = """
QHeaderView { background: transparent; border: 0; }
QHeaderView::section { background: transparent; color: $t2; border: 0;
  border-bottom: 1px solid $line; padding: 0 8px; height: @30; }
QHeaderView::up-arrow { image: url("$rising"); width: @12; height: @12; }
QHeaderView::down-arrow { image: url("$falling"); width: @12; height: @12; }
QTableView { background: transparent; border: 0; gridline-color: transparent; }
QTableView[pad="24"] QHeaderView::section:first { padding-left: 24px; }
QTableView[pad="24"] QHeaderView::section:last { padding-right: 24px; }
QTableView[pad="0"] QHeaderView::section:first { padding-left: 0; }
QTableView[pad="0"] QHeaderView::section:last { padding-right: 0; }
QTabBar { background: transparent; }
QTabBar::tab { color: $t2; background: transparent; padding: 0 2px; margin-right: 20px; height: @34;
  border: 0; border-bottom: 2px solid transparent; }
QTabBar[tight="true"]::tab { margin-right: 6px; }
QTabBar::tab:hover { color: $t1; }
QTabBar::tab:selected { color: $t1; border-bottom: 2px solid $accent; }
QTabBar QToolButton { background: $canvas; border: 0; border-radius: 4px; }
QTabBar QToolButton::left-arrow { image: url("$before"); width: @16; height: @16; }
QTabBar QToolButton::right-arrow { image: url("$after"); width: @16; height: @16; }
QTabBar QToolButton:hover { background: $hover; }
QTabWidget::pane { border: 0; }
"""


def style_sheet(icons: Mapping[str, str]) -> str:
    """The style sheet of the current theme, with the file paths of drawn icons.

    `chevron` and `tick` for fields, `rising` and `falling` beside the heading a list is sorted by, `before` and
    `after` lead to more tabs.
    """
    # A radius above half the height makes Qt draw a square, so the round ones are worked out.
    radio = current.px(14) + 2
    filled = Template(_BASE + _LABELS + _BUTTONS + _FIELDS + _VIEWS).substitute(
        current.table() | dict(icons),
        radio_round=radio // 2,
        radio_dot=radio - 10,
    )
    return _LENGTH.sub(lambda found: f"{current.px(int(found[1]))}px", filled)
