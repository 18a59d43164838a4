"""Pictures of every page with the sample data, for the eye; skipped unless CRM_SCREENSHOTS names a folder."""

import os
from datetime import UTC, datetime
from pathlib import Path

from PySide6.QtWidgets import QApplication

from server.sample.record import sample_id
from tests.unit.ui.window.shell_for_tests import receive
from tests.unit.ui.window.window_for_tests import ANNE, open_profile_for, open_window, sample_rows, settle, shut
from ui.window import i18n, theme

FOLDER = os.environ.get("CRM_SCREENSHOTS", "")
LOOKS = (
    ("light", "en", 1440, 900),
    ("dark", "en", 1440, 900),
    ("light", "de", 1440, 900),
    ("light", "en", 960, 600),
    ("dark", "de", 960, 600),
)


def test_every_page_can_be_drawn_in_every_look(app: QApplication, tmp_path: Path) -> None:
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_profile_for(tmp_path / "profile", now, ANNE)
    receive(profile.store, sample_rows(now.date()))
    window = open_window(profile)
    account = sample_id("account", "ALFKI")
    places = {
        "accounts": {},
        "account": {"account_id": account},
        "contacts": {},
        "visits": {},
        "quotes": {},
        "orders": {},
        "tasks": {},
        "record": {"entity": "account", "record_id": account},
        "settings": {},
        "enrol": {},
    }
    for scheme, language, width, height in LOOKS if FOLDER else LOOKS[:1]:
        theme.apply_theme(app, "dark" if scheme == "dark" else "light")
        i18n.set_language("de" if language == "de" else "en")
        window.resize(width, height)
        for page, where in places.items():
            window.navigate(page, **where)
            settle(window)
            shown = window.grab()
            assert shown.width() >= width
            assert window.width() == width, f"{page} made the window grow"
            if FOLDER:
                shown.save(str(Path(FOLDER) / f"{page}-{width}-{scheme}-{language}.png"))
    shut(window)
