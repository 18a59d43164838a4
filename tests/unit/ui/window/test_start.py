"""The first minute with a profile that is not there yet: the language of the desktop, and the way to a window."""

import os
import subprocess
import sys
from pathlib import Path

from crm_desktop.settings import Settings, load, save

STARTED = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from ui.window import i18n
from ui.window.app import qt_application, run_window
from ui.window.main_window import MainWindow

application = qt_application(())

def look():
    for window in application.topLevelWidgets():
        if isinstance(window, MainWindow) and window.stack.currentWidget() is not None and not window.pool.busy:
            sys.stdout.write(f"{i18n.language()} {window.app.settings.language} {window.windowTitle()}")
            application.exit(0)

timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
sys.exit(run_window(Path(sys.argv[1])))
"""


def test_a_new_profile_speaks_the_language_of_the_desktop(tmp_path: Path) -> None:
    assert started(tmp_path, "de_AT.UTF-8") == ["de", "de", "CRM"]
    save(tmp_path, load(tmp_path, Settings(language="de")).changed(language="en"))
    assert started(tmp_path, "de_AT.UTF-8")[:2] == ["en", "en"], "what was chosen stays"


def started(folder: Path, desktop: str) -> list[str]:
    """Start the real program on the folder; what it speaks, what it keeps, what the window is called."""
    words = [sys.executable, "-c", STARTED, str(folder)]
    done = subprocess.run(words, env=surroundings(desktop), capture_output=True, text=True, timeout=120, check=True)
    return done.stdout.split()


def surroundings(desktop: str) -> dict[str, str]:
    """The environment of a machine whose desktop speaks this language, with a passphrase in place of a keyring."""
    spoken = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return spoken | {"LANG": desktop, "CRM_PASSPHRASE": "a passphrase", "QT_QPA_PLATFORM": "offscreen"}
