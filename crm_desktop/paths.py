"""Where a profile lives on this machine."""

from pathlib import Path

import platformdirs

from crm_desktop.errors import KnownError

APP = "crm-desktop"


def default_folder() -> Path:
    """Folder of the user's own profile."""
    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "profile"


def profile_folder(given: str | None) -> Path:
    """The folder named on the command line, or the default one; made where it is missing, for its owner only."""
    folder = Path(given).expanduser().resolve() if given else default_folder()
    if not folder.is_dir():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        except OSError as error:
            raise KnownError(
                "no_profile_folder",
                f"The profile folder {folder} cannot be made.",
                "Choose another one (--profile).",
                folder=folder,
            ) from error
    return folder
