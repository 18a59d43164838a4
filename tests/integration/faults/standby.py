"""PostgreSQL dies and its standby is promoted: an equal one goes on, one that lagged is healed by the laptops."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from tests.integration.faults.cluster import PATIENCE_S, Cluster
from tests.integration.faults.programs import serve

if TYPE_CHECKING:
    from tests.integration.faults.postgres import Company

STEPS = 3  # of work that each of the two does not share with the other


class Standby(Cluster):
    """A copy of another cluster that follows it by streaming."""

    def __init__(self, primary: Cluster) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="crm-standby-"))
        self.folder.chmod(0o755)
        self._bin, self._user = primary._bin, primary._user
        self.data = self._mine("data")
        self._socket = self._mine("socket")
        source = ("-h", str(primary._socket), "-U", "postgres")
        self.run("pg_basebackup", *source, "-R", "-X", "stream", "-c", "fast", "-D", str(self.data))
        self.start()

    def catch_up(self, primary: Cluster) -> None:
        """Wait until it has replayed what the primary has written by now."""
        with psycopg.connect(primary.address(), autocommit=True) as connection:
            (place,) = connection.execute("SELECT pg_current_wal_lsn()::text").fetchone() or ("",)
        end = time.monotonic() + PATIENCE_S
        with psycopg.connect(self.address(), autocommit=True) as connection:
            asked = "SELECT coalesce(pg_last_wal_replay_lsn() >= %s::pg_lsn, false)"
            while connection.execute(asked, (place,)).fetchone() != (True,):
                if time.monotonic() > end:
                    raise TimeoutError(f"the standby has not reached {place}")
                time.sleep(0.05)

    def promote(self) -> None:
        """From now on it takes writes."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "promote")


def fail_over(company: "Company", *, lagging: bool) -> list[str]:
    """The primary dies in the middle of work, its standby takes over; what is wrong after the next session."""
    rep, primary = company.rep, company.cluster
    standby = Standby(primary)
    rep.edit(desk=False)
    wrong = company.heal()
    standby.catch_up(primary)
    if lagging:
        standby.stop()  # what is acknowledged from now on it never hears of
    for _ in range(STEPS):
        rep.edit(desk=False)
        report = rep.sync(rep.server.url)
        wrong += [] if report.error is None else [f"a session was told {report.error.code}"]
    if not lagging:
        standby.catch_up(primary)
    for _ in range(STEPS):
        rep.edit(desk=False)
    before = rep.store.sync_state().epoch
    primary.crash()
    if lagging:
        standby.start()
    standby.promote()
    rep.server.stop()
    rep.server.database = standby.address()
    company.cluster = standby
    shutil.rmtree(primary.folder, ignore_errors=True)
    serve(rep.server)
    rep.new_history = rep.new_history or lagging
    wrong += company.heal()
    if (rep.store.sync_state().epoch != before) != lagging:
        wrong.append("a new history was begun" if not lagging else "nobody noticed that commits are lost")
    return [f"{'lagging' if lagging else 'equal'} standby: {text}" for text in wrong]
