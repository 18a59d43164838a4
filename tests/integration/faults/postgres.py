"""PostgreSQL crashes in the middle of pushes, is taken back to a dump and a base backup, and replaced by a standby."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sync.session_report import SessionReport
from tests.integration.faults.cluster import Cluster
from tests.integration.faults.company import Rep, new_server
from tests.integration.faults.programs import serve
from tests.integration.faults.share import Part
from tests.integration.faults.standby import fail_over

BURST = 8  # steps of work that a push carries when the database goes away
LONGEST_S = 0.4
TRIES = 8  # to meet a session at all


class Company:
    """A server over a cluster of its own, and one laptop."""

    def __init__(self, folder: Path, cluster: Cluster | None = None) -> None:
        self.cluster = cluster or Cluster()
        server = new_server(folder, self.cluster.address())
        self.rep = Rep.enrol(server, folder / "anna")
        self.met = 0  # crashes that a session noticed
        self.rep.edit()
        wrong = self.heal()
        assert not wrong, wrong

    def heal(self) -> list[str]:
        """A good session, and what is wrong then."""
        report = self.rep.sync(self.rep.server.url)
        if report.error is not None:
            return [f"the session afterwards ended with {report.error.code}: {report.error.message}"]
        return [*([] if report.digest_ok else ["the digest differs"]), *self.rep.wrong(), *self.cluster.damage()]

    def crash(self, how: Callable[[Cluster], None], delay_s: float) -> list[str]:
        """The database goes away while a push runs, and comes back. The server's process lives on."""
        for _ in range(BURST):
            self.rep.edit(desk=False)
        reports: list[SessionReport] = []
        session = threading.Thread(target=lambda: reports.append(self.rep.sync(self.rep.server.url)))
        session.start()
        time.sleep(delay_s)
        how(self.cluster)
        self.cluster.start()
        session.join()
        error = reports[0].error
        self.met += error is not None
        told = [f"the session was told {error.code}"] if error and error.code not in ("retry", "offline") else []
        return [f"{how.__name__} after {delay_s:.3f} s: {text}" for text in (*told, *self.heal())]

    def go_back(self, how: str) -> list[str]:
        """Work that was acknowledged after a backup, the backup restored, more work: all of it is there again."""
        rep = self.rep
        backup = self.cluster.dump() if how == "dump" else self.cluster.base_backup()
        for _ in range(3):
            rep.edit(desk=False)
            report = rep.sync(rep.server.url)
            assert report.error is None, report.error
        rep.edit(desk=False)
        rep.server.stop()
        if how == "dump":
            self.cluster.restore(backup)
        else:
            self.cluster.restore_base(backup)
        serve(rep.server)
        before = rep.store.sync_state().epoch
        rep.new_history = True
        wrong = self.heal()
        if rep.store.sync_state().epoch == before:
            wrong.append("the laptop has not noticed that the server went back")
        return [f"restored from {how}: {text}" for text in wrong]

    def close(self) -> None:
        """End everything."""
        self.rep.close()
        self.rep.server.stop()
        self.cluster.__exit__(None, None, None)


# Ways in which the database is another one afterwards; the last of them stays as it became.
CHANGES: dict[str, Callable[[Company], list[str]]] = {
    "dump": lambda company: company.go_back("dump"),
    "base backup": lambda company: company.go_back("base backup"),
    "equal standby": lambda company: fail_over(company, lagging=False),
    "lagging standby": lambda company: fail_over(company, lagging=True),
}


def sweep(
    part: Part, folder: Path, crashes: int, seed: int, until: float = float("inf"), changes: Sequence[str] = (*CHANGES,)
) -> None:
    """So many crashes at chosen moments while there is time, then these restores and standbys."""
    moments = random.Random(seed)
    company = Company(folder / "postgres")
    try:
        for number in range(crashes):
            if number and time.monotonic() > until:
                part.unfinished = True
                break
            part.points += 1
            how = Cluster.crash if number % 2 else Cluster.kill
            part.failures += company.crash(how, moments.uniform(0, LONGEST_S))
        extra = 0
        while crashes and not company.met and extra < TRIES:  # a fast machine is done before the moments above
            extra += 1
            part.points += 1
            part.failures += company.crash(Cluster.kill, moments.uniform(0, LONGEST_S / 8))
        part.note = f"{company.met} of {part.points} crashes met a session"
        if crashes and not company.met:
            part.failures.append("no crash met a session: the moments are too late")
        for name in changes:
            part.points += 1
            part.failures += CHANGES[name](company)
    finally:
        company.close()
