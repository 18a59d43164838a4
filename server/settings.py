"""Every number the server lives by, in one place."""

from dataclasses import dataclass, field

from sync.protocol import Limits


@dataclass(frozen=True, slots=True)
class Settings:
    """Starting values; a deployment may pass its own."""

    limits: Limits = field(default_factory=Limits)
    commit_rows: int = 2000  # log rows of one commit at most
    lock_wait_s: float = 2.0  # how long a write waits for the company's one writer lock on PostgreSQL
    sqlite_wait_s: float = 10.0  # the same on SQLite, where an import of another process may hold it
    poll_other_process_s: float = 0.25  # SQLite: how often commits of other processes are looked for
    clock_tolerance_s: float = 300.0
    moved_grace_days: int = 30  # a change to a record that has moved away is still taken for this long
    failures_before_quarantine: int = 3
    login_failures: int = 5  # wrong passwords per login before it has to wait
    login_pause_s: float = 60.0
    devices_per_token: int = 20  # forks of one enrolment that may register by themselves
    epoch_number_jump: int = 1000  # each number series after a restore
    compress_above: int = 256  # an idle answer of some territories stays within 1 KB with its headers
    compress_level: int = 3
    sweep_files_days: int = 30  # bytes no record refers to are kept for so long
    sweep_files_every_s: float = 24 * 3600.0
    file_threads: int = 4
    pull_threads: int = 8
    bulk_threads: int = 2  # of them all that fetch much: whole copies, grants, repairs
    bulk_waiting: int = 32
    bulk_retry_s: int = 15
    snapshot_from_rows: int = 5000  # below it pages are as fast as prepared parts
    snapshot_part_rows: int = 10_000
    snapshot_part_bytes: int = 8 * 1024 * 1024  # of a part before compression
    snapshot_compress_level: int = 11
    snapshot_delta_rows: int = 2000  # rows that may have come since for a snapshot to be used again: one page
    snapshot_keep_bytes: int = 2 * 1024 * 1024 * 1024
    snapshot_keep_days: int = 7
    snapshot_builders: int = 1  # snapshots made at the same time
    snapshot_waiters: int = 64  # clients that may wait for a part to be made
    snapshot_wait_s: float = 20.0
    push_threads: int = 8
