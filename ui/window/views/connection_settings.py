"""The way to the server: the company's proxy and the company's certificate authority."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from crm_desktop.errors import KnownError
from crm_desktop.settings import Settings
from sync.transport_route import DIRECT, checked_proxy
from ui.window.error_banner import error_sentence
from ui.window.i18n import tr
from ui.window.views.layout import STRETCH, boxed, column, row
from ui.window.widgets.button import Button, link
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.field_row import FieldRow
from ui.window.widgets.label import Label

_MACHINE, _OWN = "machine", "own"


class ConnectionSettings(QWidget):
    """Takes effect at once; an address is taken by Enter or by leaving the field."""

    changed = Signal(dict)
    """Settings by name with their new values."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self._caption = Label("", "sec")
        self.ways = ChoicePills("")
        self.address = QLineEdit()
        self.field = FieldRow("", self.address)
        self._authority = Label("", "sec")
        self._file = Label("", "body", wrap=True)
        self.choose_button = Button("", "normal", "shield")
        self.remove_link = link("")
        files = row(self.choose_button, self.remove_link, STRETCH)
        self._own = boxed(column(self.field, margins=(0, 8, 0, 0)))
        self.setLayout(
            column(self._caption, 4, self.ways, self._own, 14, self._authority, 4, self._file, 6, boxed(files))
        )
        self.ways.chosen.connect(self._way)
        self.address.editingFinished.connect(self._take_address)
        self.choose_button.clicked.connect(self._ask_file)
        self.remove_link.clicked.connect(lambda: self.changed.emit({"ca_file": ""}))
        self.retranslate()

    def show_settings(self, settings: Settings) -> None:
        """What holds now."""
        self._settings = settings
        proxy = settings.proxy
        if not self.field.has_error():  # what could not be read stays, to be mended
            self.ways.set_value(_MACHINE if not proxy else DIRECT if proxy == DIRECT else _OWN)
            if not self.address.hasFocus():
                self.address.setText("" if proxy == DIRECT else proxy)
        self._own.setVisible(self.ways.value() == _OWN)
        self._file.set_text(settings.ca_file or tr("connection.no_file"))
        self.remove_link.setVisible(bool(settings.ca_file))

    def retranslate(self) -> None:
        """Every word again."""
        self._caption.set_text(tr("connection.proxy"))
        self.ways.setAccessibleName(tr("connection.proxy"))
        ways = ((_MACHINE, "connection.machine"), (DIRECT, "connection.direct"), (_OWN, "connection.own"))
        self.ways.set_choices([(way, tr(key)) for way, key in ways])
        self.field.set_label(tr("connection.address"))
        self.field.set_help(tr("connection.address_help"))
        self._authority.set_text(tr("connection.authority"))
        self.choose_button.set_text(tr("connection.choose"))
        self.remove_link.set_text(tr("connection.remove"))
        self.show_settings(self._settings)

    def take_file(self, path: Path) -> None:
        """Trust the authorities in a file."""
        self.changed.emit({"ca_file": str(path)})

    def _way(self, way: str) -> None:
        self._own.setVisible(way == _OWN)
        if way == _OWN:
            self.address.setFocus(Qt.FocusReason.OtherFocusReason)
            self._take_address()
        else:
            self.field.set_error(None)
            self.changed.emit({"proxy": "" if way == _MACHINE else DIRECT})

    def _take_address(self) -> None:
        if self.ways.value() != _OWN or not self.address.text().strip():
            return
        try:
            proxy = checked_proxy(self.address.text())
        except KnownError as error:
            self.field.set_error(partial(error_sentence, error))
            return
        self.field.set_error(None)
        if proxy != self._settings.proxy:
            self.changed.emit({"proxy": proxy})

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, tr("connection.choose"), str(Path.home()), f"{tr('connection.files')} (*.pem *.crt *.cer);;(*)"
        )
        if name:
            self.take_file(Path(name))
