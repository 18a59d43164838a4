"""A file for those who help: how the program, its sync and its machine are doing, and nothing of anybody.

Numbers, versions, codes and log lines. No value of a record, no name, no address, no secret: what a log line may keep
is decided in `log_redaction`, settings and runs are picked by name.
"""

import io
import json
import platform
import shutil
import zipfile
from collections import Counter
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from crm_desktop.clock import Clock, stamp
from crm_desktop.named_files import writing
from crm_desktop.services.log_redaction import program_words, redacted, words_in
from crm_desktop.settings import Settings
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.reader import Reader

RUNS = 100
_RUN = (
    "started_at", "ended_at", "pushed", "pulled", "evicted", "deleted", "conflicts", "bytes_out", "bytes_in",
    "requests", "error_code", "digest_ok",
)  # fmt: skip
_SETTINGS = ("version", "language", "theme", "text_size_percent")
_PACKAGES = ("pyside6-essentials", "sqlcipher3", "sqlalchemy", "pydantic", "requests", "urllib3", "typst", "babel")


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the bundle. `name` also names its explanation in the catalogues."""

    name: str
    size: int


class SupportBundle:
    """Collects and writes; reads only."""

    def __init__(self, store: ClientStore, folder: Path, clock: Clock) -> None:
        self._store = store
        self._folder = folder
        self._clock = clock

    def collect(self, settings: Settings) -> dict[str, bytes]:
        """Contents by file name."""
        found = self._store.read(self._from_store)
        made: dict[str, Any] = {
            "versions.json": {"at": stamp(self._clock), **_versions(), "schema": found["schema"]},
            "counts.json": found["counts"] | {"disk": self._disk()},
            "sync_history.json": found["runs"],
            "waiting.json": found["waiting"],
            "settings.json": _plain_settings(settings),
        }
        texts = {name: json.dumps(value, indent=2, ensure_ascii=False).encode() for name, value in made.items()}
        return texts | self._logs()

    def parts(self, settings: Settings) -> list[Part]:
        """What would be in it."""
        return [Part(name, len(data)) for name, data in self.collect(settings).items()]

    def write(self, target: Path, settings: Settings) -> list[Part]:
        """Write the bundle; KnownError where the place takes no file."""
        contents = self.collect(settings)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in contents.items():
                archive.writestr(name, data)
        with writing(target):
            target.write_bytes(packed.getvalue())
        return [Part(name, len(data)) for name, data in contents.items()]

    def _from_store(self, reader: Reader) -> dict[str, Any]:
        entries = reader.outbox()
        runs = [
            {name: run.get(name) for name in _RUN} | {"mended": len(run.get("repaired") or ())}
            for run in reader.sync_history(RUNS)
        ]
        return {
            "schema": reader.sync_state().schema_ver,
            "counts": reader.counts(),
            "runs": runs,
            "waiting": {
                "states": Counter(entry.state for entry in entries),
                "oldest": min((entry.at for entry in entries), default=None),
                "refused_here": Counter(refusal.code for refusal in reader.local_quarantine()),
                "refused_by_the_server": Counter(
                    _code(row["reason"]) for row in reader.where("quarantine", status="open")
                ),
                "conflicts": Counter(
                    f"{row['entity']}.{row['field']}" for row in reader.where("conflict", status="open")
                ),
            },
        }

    def _disk(self) -> dict[str, int]:
        files = {path.suffix.lstrip(".") or "none": path.stat().st_size for path in self._folder.glob("crm.db*")}
        return files | {"free": shutil.disk_usage(self._folder).free}

    def _logs(self) -> dict[str, bytes]:
        texts = {}
        for path in sorted((self._folder / "logs").glob("crm.log*")):
            texts[path.name] = path.read_text(encoding="utf-8", errors="replace").splitlines()
        said = words_in(line for lines in texts.values() for line in lines)
        known = program_words() & said
        held = self._store.read(lambda reader: reader.held_words(known))
        return {
            f"logs/{name}": "\n".join(redacted(line, known, held) for line in lines).encode()
            for name, lines in texts.items()
        }


def _code(text: str) -> str:
    """A code as it stands; a sentence somebody wrote is left out."""
    return text if text.replace("_", "").isalpha() and text.islower() else "other"


def _plain_settings(settings: Settings) -> dict[str, Any]:
    """Choices by name; of addresses and files only whether there are any."""
    chosen = {name: getattr(settings, name) for name in _SETTINGS}
    return chosen | {
        "server": settings.server_url.partition("://")[0] if settings.server_url else "",
        "proxy": settings.proxy if settings.proxy in ("", "direct") else "own",
        "ca_file": bool(settings.ca_file),
    }


def _versions() -> dict[str, Any]:
    return {
        "program": _version("crm-desktop"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
