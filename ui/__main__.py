"""The entry of the program: a verb goes to the command line, everything else opens the window."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import crm_desktop
import ui
from crm_desktop.errors import KnownError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    _check_house()
    from ui.cli.parser import build

    arguments = build().parse_args(argv)
    if arguments.self_check:
        from ui.cli.self_check import run as check

        return check(_window_checks())
    if arguments.verb is not None:
        from ui.cli.main import run

        return run(arguments)
    return _open_window(arguments.profile)


def _check_house() -> None:
    """`ui` is a common name: refuse to run with somebody else's."""
    ours = Path(str(crm_desktop.__file__)).parent.parent
    if Path(str(ui.__file__)).parent.parent != ours:
        sys.stderr.write(f"Another program's package 'ui' hides ours ({ui.__file__}). Use an environment of its own.\n")
        raise SystemExit(1)


def _open_window(profile: str | None) -> int:
    from crm_desktop.paths import profile_folder
    from ui.compose import open_profile
    from ui.window.app import ask_passphrase, run_window, show_start_error

    try:
        app = open_profile(profile_folder(profile), passphrase=ask_passphrase)
    except KnownError as error:
        show_start_error(error)
        return 1
    try:
        return run_window(app, [])
    finally:
        app.close()


def _window_checks() -> list[tuple[str, Callable[[], str]]]:
    """Checks of what the window needs: the toolkit, a picture, the font. They run without a display."""
    return [("window", _toolkit)]


def _toolkit() -> str:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import fontpkg_inter
    from PySide6 import QtCore
    from PySide6.QtGui import QFontDatabase, QGuiApplication
    from PySide6.QtSvg import QSvgRenderer

    application = QGuiApplication.instance() or QGuiApplication([])
    picture = next(file for file in (resources.files("resources") / "icons").iterdir() if file.name == "check.svg")
    if not QSvgRenderer(QtCore.QByteArray(picture.read_bytes())).isValid():
        raise RuntimeError("an icon cannot be drawn")
    fonts = [path for path in Path(fontpkg_inter.ROOT, "files").iterdir() if path.suffix in (".ttf", ".otf")]
    if not fonts or QFontDatabase.addApplicationFont(str(fonts[0])) < 0:
        raise RuntimeError("the font cannot be loaded")
    application.processEvents()
    return f"Qt {QtCore.qVersion()}, icon and font loaded"


if __name__ == "__main__":
    raise SystemExit(main())
