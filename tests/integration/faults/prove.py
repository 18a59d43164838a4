"""The whole proof: every offset, every point, every call, two parts at a time, within a bound of time.

    python -m tests.integration.faults.prove [MINUTES] [--share]

Prints each part as it ends: points visited, failures, seconds. Exit code 1 where something failed, 2 where nothing
did and the time was over before the last point of a part: that is no whole proof. With `--share` it was not asked for.
"""

import argparse
import io
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import redirect_stdout
from multiprocessing import get_context
from pathlib import Path

from tests.integration.faults import bad_disk, blind, clocks, cutting, frozen, killing, many, postgres, profiles, twins
from tests.integration.faults.cluster import Cluster
from tests.integration.faults.proxy import Fault
from tests.integration.faults.share import Part, Timed, tell

MINUTES = 30.0
WORKERS = 2
SLICES = 2  # of the byte sweep, to share it out
CRASHES = 40
FILLS = 6
HISTORIES = 8
MEETINGS, TURNS = 6, 40  # of many laptops at once, and the sessions of each


def _cut_line(part: Part, folder: Path, until: float, place: int) -> None:
    points = cutting.offsets(cutting.lengths())[place::SLICES]
    part.of = len(points)
    cutting.sweep(part, points, until=until)


def _silent_line(part: Part, folder: Path, until: float) -> None:
    points = [
        Fault(direction, length * place // 40, "silent")
        for direction, length in cutting.lengths().items()
        for place in range(0, 40, 2)
    ]
    part.of = len(points)
    cutting.sweep(part, points, cutting.SILENT_S, until)


def _named_points(part: Part, folder: Path, until: float) -> None:
    part.of = len(killing.cases(all_passes=True))
    killing.kill_everywhere(part, folder, all_passes=True)


def _named_points_postgres(part: Part, folder: Path, until: float) -> None:
    with Cluster() as cluster:
        company = killing.Company.found(folder / "company", cluster.address())
        try:
            for name in ("C4", "C5", "C6", "C8-server"):
                part.points += 1
                part.failures += killing.SCENARIOS[name](company, f"{name}:1")
        finally:
            company.close()


def _blind_laptop(part: Part, folder: Path, until: float) -> None:
    blind.sweep_laptop(part, folder, 1, until, errors=False)


def _bad_disk(part: Part, folder: Path, until: float) -> None:
    blind.sweep_laptop(part, folder, 1, until, errors=True)


def _blind_server(part: Part, folder: Path, until: float) -> None:
    blind.sweep_server(part, folder, 1, until)


def _bad_server_disk(part: Part, folder: Path, until: float) -> None:
    bad_disk.sweep(part, folder, 1, until)


def _full_postgres(part: Part, folder: Path, until: float) -> None:
    bad_disk.fill(part, folder, FILLS, until)


def _frozen_server(part: Part, folder: Path, until: float) -> None:
    frozen.sweep_server(part, folder, 1, until)


def _frozen_laptop(part: Part, folder: Path, until: float) -> None:
    frozen.sweep_laptop(part, folder, 1, until)


def _crashed_postgres(part: Part, folder: Path, until: float) -> None:
    postgres.sweep(part, folder, CRASHES, 1, until)


def _wrong_clocks(part: Part, folder: Path, until: float) -> None:
    company = killing.Company.found(folder / "company")
    try:
        for skew in (*clocks.SKEWS, "-6m", "+1d", "-1d"):
            part.points += 1
            part.failures += clocks.work(company, skew)
    finally:
        company.close()


def _shared_profiles(part: Part, folder: Path, until: float) -> None:
    company = killing.Company.found(folder / "company")
    try:
        for number in range(3):
            part.points += 3
            part.failures += profiles.side_by_side(company, 2 + number)
            part.failures += profiles.under_an_open_window(company)
            part.failures += profiles.copied(company, folder / f"twin{number}")
            company.rep.new_history = True  # a copy answers `duplicate` for what both had written
    finally:
        company.close()


def _equal_histories(part: Part, folder: Path, until: float) -> None:
    for seed in range(HISTORIES):
        if time.monotonic() > until:
            part.unfinished = True
            break
        with Cluster() as cluster:
            both = twins.Twins.found(folder / str(seed), cluster)
            try:
                wrong, _ = twins.live(both, 200, seed)
                part.failures += [f"seed {seed}: {text}" for text in (*wrong, *twins.differences(both))]
            finally:
                both.close()
        part.points += 200


def _many_at_once(part: Part, folder: Path, until: float) -> None:
    for seed in range(MEETINGS):
        if time.monotonic() > until:
            part.unfinished = True
            break
        many.meet(part, folder, TURNS, seed)


Work = Callable[[Part, Path, float], None]
# Those that know no bound of time come first, so that the whole ends within its half hour.
PARTS: dict[str, Work] = {
    "killed at a named point": _named_points,
    "server on PostgreSQL killed": _named_points_postgres,
    "wrong clocks": _wrong_clocks,
    "profiles shared and copied": _shared_profiles,
    "laptop killed blindly": _blind_laptop,
    "laptop with a bad disk": _bad_disk,
    "server killed blindly": _blind_server,
    "server with a bad disk": _bad_server_disk,
    "PostgreSQL on a full disk": _full_postgres,
    "server standing still": _frozen_server,
    "laptop standing still": _frozen_laptop,
    "PostgreSQL killed and restored": _crashed_postgres,
    "SQLite beside PostgreSQL": _equal_histories,
    "many at once on two servers": _many_at_once,
    "line gone silent": _silent_line,
}


def one(name: str, until: float) -> Part:
    """One part in this process."""
    quiet = redirect_stdout(io.StringIO())  # the comparing script tells how many rows it saw
    with tempfile.TemporaryDirectory(prefix="crm-prove-") as folder, Timed(Part(name)) as part, quiet:
        try:
            if name.startswith("line cut"):
                _cut_line(part, Path(folder), until, int(name[-1]) - 1)
            else:
                PARTS[name](part, Path(folder), until)
        except Exception as error:  # the other parts are still worth their time
            part.failures.append(f"{type(error).__name__}: {error}")
    return part


def verdict(parts: Sequence[Part], *, share: bool) -> tuple[int, str]:
    """Exit code and last words: 1 something failed, 2 parts were not visited whole though no share was asked for."""
    failed = sum(len(part.failures) for part in parts)
    unfinished = [part.name for part in parts if part.unfinished]
    words = f"{len(parts)} parts, {failed} failures"
    if unfinished:
        words += f", time was over in {len(unfinished)}: {'; '.join(sorted(unfinished))}"
    if failed:
        return 1, words
    if unfinished and not share:
        return 2, f"{words}. This is no whole proof: give it more minutes, or ask for a share (--share)"
    return 0, words


def main(minutes: float, *, share: bool = False) -> int:
    """All parts; 0 when nothing failed and every point was visited, or a share was asked for."""
    began = time.monotonic()
    until = began + minutes * 60 * 0.9  # what runs then is ended properly in the rest
    slices = [f"line cut at a byte, slice {place + 1}" for place in range(SLICES)]
    names = [*list(PARTS)[:4], *slices, *list(PARTS)[4:]]
    parts = []
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for done in as_completed([pool.submit(one, name, until) for name in names]):
            parts.append(done.result())
            tell(parts[-1:])
    code, words = verdict(parts, share=share)
    sys.stdout.write(f"{words}, {time.monotonic() - began:.0f} s\n")
    return code


if __name__ == "__main__":
    options = argparse.ArgumentParser(description="Proves that nothing is lost, whatever dies.")
    options.add_argument("minutes", nargs="?", type=float, default=MINUTES, help="bound of time (%(default)s)")
    options.add_argument("--share", action="store_true", help="what the time does not reach is no error")
    asked = options.parse_args()
    raise SystemExit(main(asked.minutes, share=asked.share))
