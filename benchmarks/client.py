"""A laptop's process: a fresh profile, enrolled, then its first sync by the clock.

usage: python -m benchmarks.client FOLDER URL LOGIN PASSWORD WORD, with CRM_PASSPHRASE set.
"""

import json
import sys
import time
from pathlib import Path

from ui.compose import open_profile


def first_sync(folder: Path, url: str, login: str, password: str, word: str) -> dict[str, float | int]:
    """Seconds from the start of the sync until the record with `word` is found by search."""
    app = open_profile(folder)
    try:
        app.enrol(url, login, password, "benchmark")
        began = time.perf_counter()
        report = app.sync_once()
        hits = app.store.read(lambda reader: reader.search(word))
        took = time.perf_counter() - began
    finally:
        app.close()
    if report.error is not None:
        raise RuntimeError(f"the sync failed: {report.error}")
    if report.digest_ok is not True or len(hits) != 1:
        raise RuntimeError(f"digest {report.digest_ok}, found {len(hits)} times")
    return {"seconds": took, "rows": report.pulled}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(first_sync(Path(sys.argv[1]), *sys.argv[2:6])) + "\n")
