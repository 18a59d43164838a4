"""What the user may choose, declared once and kept as TOML beside the data. Secrets are in `credentials`."""

import json
import os
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from crm_desktop.errors import InvalidInput, KnownError

FILE = "settings.toml"
VERSION = 1
Language = Literal["en", "de"]


class Settings(BaseModel):
    """All settings with their defaults. `version` is the layout of the file."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = VERSION
    language: Language = "en"
    theme: Literal["system", "light", "dark"] = "system"
    text_size_percent: int = Field(default=100, ge=75, le=200)
    server_url: str = ""
    # Address of a proxy; empty: the machine's own, "direct": none.
    proxy: str = ""
    # A PEM file of certificate authorities trusted beside the system's.
    ca_file: str = ""

    def changed(self, **changes: Any) -> "Settings":
        """A copy with other values; InvalidInput where one is none."""
        try:
            return Settings.model_validate(self.model_dump() | changes)
        except ValidationError as error:
            where = ".".join(str(part) for part in error.errors()[0]["loc"])
            raise InvalidInput(
                "invalid_setting", f"The setting {where} cannot have this value.", "Choose another one.", setting=where
            ) from error


def load(folder: Path, new: Settings | None = None) -> Settings:
    """Settings of a profile; `new` (else the defaults) where there is no file. KnownError where it cannot be read."""
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return new or Settings()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise KnownError(
            "settings_broken", f"The settings file {path} cannot be read.", "Correct it or delete it.", file=path
        ) from error
    if data.get("version", VERSION) > VERSION:
        raise KnownError(
            "settings_newer", "The settings were written by a newer version of the program.", "Update the program."
        )
    return Settings().changed(**data)


def save(folder: Path, settings: Settings) -> None:
    """Write all settings; the old file stays whole until the new one is complete."""
    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in settings.model_dump().items()]
    path = folder / FILE
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.replace(fresh, path)
