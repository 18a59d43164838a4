"""The entry of the program: a verb goes to the command line, everything else opens the window."""

import os
import sys
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

import crm_desktop
import ui
from crm_desktop.errors import KnownError
from crm_desktop.paths import profile_folder


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; returns its exit code."""
    _check_house()
    words = sys.argv[1:] if argv is None else argv
    window, profile = _window_profile(words)
    if window:
        return _open_window(profile)
    from ui.cli.parser import build

    arguments = build().parse_args(words)
    if arguments.self_check:
        from ui.cli.self_check import run as check

        return check(_window_checks())
    if arguments.verb is None:  # --json alone: there is nothing to print
        return _open_window(arguments.profile)
    from ui.cli.main import run

    return run(arguments)


def _check_house() -> None:
    """`ui` is a common name: refuse to run with somebody else's."""
    ours = Path(str(crm_desktop.__file__)).parent.parent
    if Path(str(ui.__file__)).parent.parent != ours:
        sys.stderr.write(f"Another program's package 'ui' hides ours ({ui.__file__}). Use an environment of its own.\n")
        raise SystemExit(1)


def _window_profile(words: Sequence[str]) -> tuple[bool, str | None]:
    """Whether these words only open the window, and on which profile.

    Told apart without the command line's grammar, which would load every verb before the window shows.
    """
    match list(words):
        case []:
            return True, None
        case ["--profile", folder]:
            return True, folder
        case [word] if word.startswith("--profile="):
            return True, word.removeprefix("--profile=")
    return False, None


def _open_window(profile: str | None) -> int:
    from ui.window.app import run_window

    try:
        folder = profile_folder(profile)
    except KnownError as error:
        sys.stderr.write(error.message + "\n")
        return 1
    return run_window(folder)


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
