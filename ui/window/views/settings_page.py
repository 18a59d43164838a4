"""Language, look, this laptop, and what the program is made of."""

import platform
from dataclasses import dataclass
from importlib import metadata
from typing import Any

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from crm_desktop.rules.scope import DESK_ROLES
from crm_desktop.store.reader import Reader
from ui.presenters.titles import title_of
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.connection_settings import ConnectionSettings
from ui.window.views.layout import STRETCH, boxed, clear, column, row, scrolling
from ui.window.views.support_panel import SupportPanel
from ui.window.widgets.banner import Banner
from ui.window.widgets.button import Button, normal
from ui.window.widgets.choice_pills import ChoicePills
from ui.window.widgets.label import Label
from ui.window.widgets.section_header import SectionHeader
from ui.window.widgets.side_row import FactRow
from ui.window.widgets.surface import hline, surface
from ui.window.widgets.top_bar import TopBar

TEXT_SIZES = (90, 100, 110, 125, 150)
_WIDTH = 720
_CAPTIONS = ("theme.language", "settings.theme", "theme.text_size")
_LICENCES = (
    ("PySide6 / Qt", "LGPL-3.0", "pyside6-essentials"),
    ("SQLCipher (sqlcipher3)", "BSD-3-Clause", "sqlcipher3"),
    ("SQLAlchemy", "MIT", "sqlalchemy"),
    ("SQLModel", "MIT", "sqlmodel"),
    ("Babel", "BSD-3-Clause", "babel"),
    ("Typst", "Apache-2.0", "typst"),
    ("Requests", "Apache-2.0", "requests"),
    ("Inter", "OFL-1.1", "fontpkg-inter"),
    ("Lucide", "ISC", ""),
)


@dataclass(frozen=True, slots=True)
class _Read:
    """What the store says. `company_id`: the record of the company, for those who may change it."""

    notice: str = ""
    user: str = ""
    device: str = ""
    schema: str = ""
    company_id: str = ""


class SettingsPage(Page):
    """Everything takes effect at once; there is nothing to save."""

    name = "settings"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self._found = _Read()
        self.bar = TopBar()
        self.languages = ChoicePills(tr("theme.language"))
        self.themes = ChoicePills(tr("settings.look"))
        self.sizes = ChoicePills(tr("theme.text_size"))
        self._look = SectionHeader("")
        self._captions = [Label("", "sec") for _ in range(3)]
        self._way, self._help = SectionHeader(""), SectionHeader("")
        self.connection = ConnectionSettings(shell.app.settings)
        self._facts = QVBoxLayout()
        self._facts.setSpacing(4)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        pills = (self.languages, self.themes, self.sizes)
        parts: list[QWidget | int] = [self._look, 4]
        for caption, choice in zip(self._captions, pills, strict=True):
            parts += [caption, 6, choice, 14]
        self.support = SupportPanel(shell)
        self.support_button = Button("", "normal", "life-buoy")
        self.support_button.clicked.connect(self.support.ask)
        help_row = boxed(row(self.support_button, STRETCH))
        parts += [hline(), 8, self._way, 4, self.connection, 14]
        parts += [hline(), 8, self._help, 4, help_row, 8, self.support, 4]
        inner.setLayout(column(*parts, self._facts))
        across = row(inner, STRETCH, margins=(24, 20, 24, 24))
        across.setStretch(0, 100)  # up to its widest, whatever stands in it
        outer = boxed(across)
        self.setLayout(column(self.bar, scrolling(boxed(column(outer, STRETCH)))))
        self.languages.chosen.connect(lambda value: self._change(language=value))
        self.themes.chosen.connect(lambda value: self._change(theme=value))
        self.sizes.chosen.connect(lambda value: self._change(text_size_percent=int(value)))
        self.connection.changed.connect(self._change_way)
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Begin with the language."""
        self._read_company()
        chosen = next((pill for pill in self.languages.findChildren(QPushButton) if pill.isChecked()), None)
        if chosen is not None:
            chosen.setFocus(Qt.FocusReason.OtherFocusReason)

    def _read_company(self) -> None:
        store, user_id = self.shell.app.store, self.shell.app.user_id

        def work(reader: Reader) -> _Read:
            companies = reader.where("company")
            notice = str(companies[0]["invented_notice"]) if companies else ""
            user = reader.get("user", user_id) if user_id else None
            state = reader.sync_state()
            kept = str(companies[0]["id"]) if companies and user and user["role"] in DESK_ROLES else ""
            return _Read(notice, title_of("user", user) if user else "", state.device_code, str(state.schema_ver), kept)

        self.shell.tasks.read(lambda: store.read(work), self._read, key="settings")

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """The company or the connection changed."""
        if kinds & {"company", "user", "everything"}:
            self._read_company()

    def retranslate(self) -> None:
        """Every word again."""
        settings = self.shell.app.settings
        self.bar.set_title(tr("nav.settings"))
        self._look.set_title(tr("settings.look"))
        self._way.set_title(tr("connection.title"))
        self._help.set_title(tr("settings.support"))
        self.support_button.set_text(tr("support.button"))
        self.support.retranslate()
        self.connection.retranslate()
        self.connection.show_settings(settings)
        for caption, key in zip(self._captions, _CAPTIONS, strict=True):
            caption.set_text(tr(key))
        self.languages.set_choices([("en", "English"), ("de", "Deutsch")])
        self.themes.set_choices([(value, tr(f"theme.{value}")) for value in ("light", "dark", "system")])
        self.sizes.set_choices([(str(size), f"{size}\u00a0%") for size in TEXT_SIZES])
        self.languages.set_value(settings.language)
        self.themes.set_value(settings.theme)
        self.sizes.set_value(str(settings.text_size_percent))
        self._lay_out()

    def _read(self, found: _Read) -> None:
        self._found = found
        self._lay_out()

    def _change(self, **changes: Any) -> None:
        if isinstance(self.shell, PageFrame):
            self.shell.change_settings(**changes)

    def _change_way(self, changes: dict[str, str]) -> None:
        self._change(**changes)
        self.connection.show_settings(self.shell.app.settings)

    def _lay_out(self) -> None:
        clear(self._facts)
        if self._found.company_id:
            self._company(self._found.company_id)
        self._laptop()
        self._about()

    def _company(self, company_id: str) -> None:
        """For those who keep it: what stands on our papers."""
        self._section(tr("settings.company"))
        self._facts.addWidget(Label(tr("settings.company_text"), "sec", wrap=True))
        change = normal(tr("settings.company_change"), "pen-line")
        change.clicked.connect(lambda: self.shell.navigate("record", entity="company", record_id=company_id))
        self._facts.addWidget(boxed(row(change, STRETCH, margins=(0, 4, 0, 4))))

    def _laptop(self) -> None:
        app = self.shell.app
        self._section(tr("settings.laptop"))
        self._fact(tr("settings.server"), app.settings.server_url or tr("settings.no_server"))
        if not app.enrolled:
            connect = normal(tr("settings.connect"))
            connect.clicked.connect(lambda: self.shell.navigate("enrol"))
            self._facts.addWidget(boxed(row(connect, STRETCH, margins=(0, 4, 0, 4))))
        self._fact(tr("settings.user"), self._found.user or "\u2013")
        self._fact(tr("settings.device"), self._found.device or "\u2013")
        self._fact(tr("settings.folder"), str(app.folder))
        self._fact(tr("settings.key"), tr(f"settings.key_{app.key_protection}"))

    def _about(self) -> None:
        self._section(tr("settings.about"))
        if self._found.notice:
            self._facts.addWidget(Banner("plain", "info", tr("settings.invented"), self._found.notice))
            self._facts.addSpacing(8)
        python = f"Python {platform.python_version()} · Qt {qVersion()}"
        self._fact(tr("settings.version"), f"{_version('crm-desktop')} · {python}")
        self._fact(tr("settings.schema"), self._found.schema or "\u2013")
        self._section(tr("settings.licences"))
        for name, licence, package in _LICENCES:
            version = _version(package) if package else ""
            self._fact(name, f"{licence} · {version}" if version else licence)

    def _section(self, title: str) -> None:
        self._facts.addSpacing(12)
        self._facts.addWidget(hline())
        self._facts.addSpacing(8)
        self._facts.addWidget(SectionHeader(title))

    def _fact(self, label: str, value: str) -> None:
        self._facts.addWidget(FactRow(label, value, 190))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
