"""Language, look, this laptop, and what the program is made of."""

import platform
from importlib import metadata
from typing import Any

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QVBoxLayout, QWidget

from crm_desktop.store.reader import Reader
from ui.presenters.record_list import title_of
from ui.window.i18n import tr
from ui.window.page import Page, Shell
from ui.window.pages_frame import PageFrame
from ui.window.views.layout import STRETCH, boxed, clear, column, row, scrolling
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


class SettingsPage(Page):
    """Everything takes effect at once; there is nothing to save."""

    name = "settings"

    def __init__(self, shell: Shell) -> None:
        super().__init__(shell)
        surface(self, "canvas")
        self._notice = ""
        self._user = ""
        self.bar = TopBar()
        self.languages = ChoicePills(tr("theme.language"))
        self.themes = ChoicePills(tr("settings.look"))
        self.sizes = ChoicePills(tr("theme.text_size"))
        self.enrol_button: Button = normal("")
        self._body = QVBoxLayout()
        self._body.setSpacing(4)
        inner = QWidget()
        inner.setMaximumWidth(_WIDTH)
        inner.setLayout(self._body)
        outer = boxed(row(inner, STRETCH, margins=(24, 20, 24, 24)))
        outer.layout().setStretch(0, 4)
        self.setLayout(column(self.bar, scrolling(boxed(column(outer, STRETCH)))))
        self.languages.chosen.connect(lambda value: self._change(language=value))
        self.themes.chosen.connect(lambda value: self._change(theme=value))
        self.sizes.chosen.connect(lambda value: self._change(text_size_percent=int(value)))
        self.enrol_button.clicked.connect(lambda: self.shell.navigate("enrol"))
        self._lay_out()
        self.retranslate()

    def open(self, **where: Any) -> None:
        """Read what the company says of its data."""
        store, user_id = self.shell.app.store, self.shell.app.user_id

        def work(reader: Reader) -> tuple[str, str]:
            companies = reader.where("company")
            notice = str(companies[0]["invented_notice"]) if companies else ""
            user = reader.get("user", user_id) if user_id else None
            return notice, title_of("user", user) if user else ""

        self.shell.tasks.read(lambda: store.read(work), self._read, key="settings")
        self.setFocusProxy(self.languages)

    def refresh(self, kinds: frozenset[str], ids: frozenset[tuple[str, str]]) -> None:
        """The company or the connection changed."""
        if kinds & {"company", "user", "everything"}:
            self.open()

    def retranslate(self) -> None:
        """Every word again."""
        settings = self.shell.app.settings
        self.bar.set_title(tr("nav.settings"))
        self.languages.set_choices([("en", "English"), ("de", "Deutsch")])
        self.themes.set_choices([(value, tr(f"theme.{value}")) for value in ("light", "dark", "system")])
        self.sizes.set_choices([(str(size), f"{size}\u00a0%") for size in TEXT_SIZES])
        self.languages.set_value(settings.language)
        self.themes.set_value(settings.theme)
        self.sizes.set_value(str(settings.text_size_percent))
        self.enrol_button.set_text(tr("settings.connect"))
        self._lay_out()

    def _read(self, found: tuple[str, str]) -> None:
        self._notice, self._user = found
        self._lay_out()

    def _change(self, **changes: Any) -> None:
        if isinstance(self.shell, PageFrame):
            self.shell.change_settings(**changes)

    def _lay_out(self) -> None:
        for kept in (self.languages, self.themes, self.sizes, self.enrol_button):
            kept.setParent(None)
        clear(self._body)
        self._section(tr("settings.look"))
        for caption, pills in (
            (tr("theme.language"), self.languages),
            (tr("settings.theme"), self.themes),
            (tr("theme.text_size"), self.sizes),
        ):
            self._body.addWidget(Label(caption, "sec"))
            self._body.addWidget(pills)
            self._body.addSpacing(10)
        self._laptop()
        self._about()

    def _laptop(self) -> None:
        app = self.shell.app
        state = app.store.sync_state()
        self._section(tr("settings.laptop"))
        self._fact(tr("settings.server"), app.settings.server_url or tr("settings.no_server"))
        if not app.enrolled:
            self._body.addWidget(boxed(row(self.enrol_button, STRETCH, margins=(0, 4, 0, 4))))
            self.enrol_button.show()
        self._fact(tr("settings.user"), self._user or "\u2013")
        self._fact(tr("settings.device"), state.device_code or "\u2013")
        self._fact(tr("settings.folder"), str(app.folder))
        self._fact(tr("settings.key"), tr(f"settings.key_{app.key_protection}"))

    def _about(self) -> None:
        self._section(tr("settings.about"))
        if self._notice:
            self._body.addWidget(Banner("plain", "info", tr("settings.invented"), self._notice))
            self._body.addSpacing(8)
        python = f"Python {platform.python_version()} · Qt {qVersion()}"
        self._fact(tr("settings.version"), f"{_version('crm-desktop')} · {python}")
        self._fact(tr("settings.schema"), str(self.shell.app.store.sync_state().schema_ver))
        self._section(tr("settings.licences"))
        for name, licence, package in _LICENCES:
            version = _version(package) if package else ""
            self._fact(name, f"{licence} · {version}" if version else licence)

    def _section(self, title: str) -> None:
        if self._body.count():
            self._body.addSpacing(16)
            self._body.addWidget(hline())
            self._body.addSpacing(8)
        self._body.addWidget(SectionHeader(title))

    def _fact(self, label: str, value: str) -> None:
        self._body.addWidget(FactRow(label, value, 190))


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
