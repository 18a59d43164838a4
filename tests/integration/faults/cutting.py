"""Cuts one sync session at a byte, heals the line, syncs again, and looks whether anything was lost or done twice."""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tests.integration.faults.company import Rep, new_server
from tests.integration.faults.proxy import Direction, Fault, How, Proxy
from tests.integration.faults.share import Part

NO_END = float("inf")
FRESH_AFTER = 150  # points after which a new company keeps the comparison quick
SILENT_S = 1.0  # deadline of a session whose line goes silent


class Rig:
    """A server, a proxy before it, a laptop behind it."""

    def __init__(self, folder: Path) -> None:
        self.server = new_server(folder)
        address = urlsplit(self.server.url)
        self.proxy = Proxy((address.hostname or "", address.port or 0))
        self.rep = Rep.enrol(self.server, folder / "anna")
        for _ in range(2):  # the second session is as long as all that follow
            self.rep.edit()
            self.whole()

    def whole(self) -> dict[Direction, int]:
        """One session on a good line; bytes each way."""
        self.proxy.arm()
        report = self.rep.sync(self.proxy.url)
        assert report.error is None, report.error
        assert report.digest_ok, "the digest differs on a good line"
        return dict(self.proxy.passed)

    def cut(self, fault: Fault, deadline_s: float = 30.0) -> list[str]:
        """Work, a session cut by `fault`, a good one; what is wrong then."""
        self.rep.edit()
        self.proxy.arm(fault)
        self.rep.sync(self.proxy.url, deadline_s)
        fired = self.proxy.fired
        self.proxy.heal()
        report = self.rep.sync(self.proxy.url)
        wrong = self.rep.wrong()
        if report.error is not None:
            wrong.append(f"the healed line ended with {report.error.code}: {report.error.message}")
        elif not report.digest_ok:
            wrong.append("the digest differs after healing")
        if not fired:
            wrong.append("the fault never came")
        return [f"{fault.direction} {fault.after} {fault.how}: {text}" for text in wrong]

    def close(self) -> None:
        """End everything."""
        self.proxy.close()
        self.rep.close()
        self.server.stop()


def lengths() -> dict[Direction, int]:
    """Bytes each way of a whole session, as the sweep counts them."""
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        try:
            rig.rep.edit()
            return rig.whole()
        finally:
            rig.close()


def offsets(found: dict[Direction, int]) -> list[Fault]:
    """A cut after every byte, both ways; how it is cut and whether the line comes back at once takes turns.

    The length of a session varies by a few bytes with the random ids in it: the last ones are left out.
    """
    faults = []
    for direction, length in found.items():
        for after in range(length - 24):
            how: How = "reset" if after % 2 else "close"
            faults.append(Fault(direction, after, how, stays_down=bool(after // 2 % 2)))
    return faults


def sweep(part: Part, faults: Sequence[Fault], deadline_s: float = 30.0, until: float = NO_END) -> None:
    """Visit these points until the time is over; what is wrong goes into the part."""
    for start in range(0, len(faults), FRESH_AFTER):
        with tempfile.TemporaryDirectory() as folder:
            rig = Rig(Path(folder))
            try:
                for fault in faults[start : start + FRESH_AFTER]:
                    if time.monotonic() > until:
                        part.unfinished = True
                        return
                    part.points += 1
                    wrong = rig.cut(fault, deadline_s)
                    if wrong:
                        part.failures += wrong
                        rig.close()
                        rig = Rig(Path(folder) / f"again{part.points}")
            finally:
                rig.close()
