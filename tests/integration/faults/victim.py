"""A session of work in a process of its own, to be killed from outside: saves, a sync, saves, a sync.

Each save is told on standard output after it returned: from then on it must survive anything.
"""

import sys
from pathlib import Path

from crm_desktop.errors import CrmError
from crm_desktop.ids import new_id
from crm_desktop.store.intents import create, set_add, text
from ui.compose import App, open_profile


def tell(line: str) -> None:
    """One line, at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def work(app: App, name: str) -> None:
    """Two saves on the same new records."""
    account, visit = new_id(), new_id()
    app.store.commit(
        [
            create("account", account, {"name": name, "owner_id": app.user_id, "tags": ["first"]}),
            create("visit", visit, {"subject": name, "account_id": account, "owner_id": app.user_id, "note": "One.\n"}),
        ]
    )
    tell(f"saved {account} {visit} {name}")
    app.store.commit([set_add("account", account, "tags", ["second"]), text("visit", visit, "note", "One.\nTwo.\n")])
    tell(f"changed {account} {visit} {name}")


def main(folder: Path, label: str) -> int:
    """The whole session; 0 when it came to its end. It begins when a line is said: a tracer may attach before."""
    tell("ready")
    sys.stdin.readline()
    try:
        app = open_profile(folder)
        try:
            for part in ("a", "b"):
                work(app, f"{label}-{part}")
                report = app.sync_once()
                if report.error is not None:
                    tell(f"not synced: {report.error}")
            tell("end")
        finally:
            app.close()
    except CrmError as error:
        tell(f"error: {error}")
        return 1
    return 0


def by_words() -> int:
    """The session that the words of the command line ask for: folder and label."""
    return main(Path(sys.argv[1]), sys.argv[2])


if __name__ == "__main__":
    raise SystemExit(by_words())
