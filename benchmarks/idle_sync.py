"""A sync with nothing to do: requests, and every byte on the socket both ways."""

import os
import socket
import sys
import tempfile
import threading
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.company import LOGIN, PASSWORD, Company
from benchmarks.figure import Figure
from ui.compose import open_profile

ACCOUNTS = 200
ROUNDS = 5
TERRITORIES = 9  # of one rep: each is a scope, whose sum every answer tells
MOST_REQUESTS = 1
MOST_BYTES = 1024


class CountingProxy:
    """Passes connections on to `url` and counts what goes through, headers and all."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.sent = 0
        self.received = 0
        self.requests = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            server = socket.create_connection(self._target)
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._down, args=(server, client), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        while data := client.recv(65536):
            self.sent += len(data)
            self.requests += data.count(b" HTTP/1.1\r\n")
            server.sendall(data)
        server.shutdown(socket.SHUT_WR)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        while data := server.recv(65536):
            self.received += len(data)
            client.sendall(data)
        client.close()
        server.close()


def measure(accounts: int = ACCOUNTS, rounds: int = ROUNDS) -> tuple[Figure, Figure]:
    """(requests, bytes) of the dearest of several idle syncs."""
    os.environ["CRM_PASSPHRASE"] = "benchmark"
    requests, volumes = [], []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        company = Company(folder, accounts)
        company.add_territories(TERRITORIES - 1)
        with company:
            app = open_profile(folder / "laptop")
            app.enrol(company.url, LOGIN, PASSWORD, "benchmark")
            first = app.sync_once()
            if first.error is not None or not first.pulled:
                raise RuntimeError(f"the first sync brought {first.pulled} rows, {first.error}")
            proxy = CountingProxy(company.url)
            app.change_settings(server_url=proxy.url)
            for _ in range(rounds):
                before = proxy.requests, proxy.sent + proxy.received
                report = app.sync_once()
                if report.error is not None or report.moved or report.digest_ok is not True:
                    raise RuntimeError(f"not an idle sync: {report}")
                requests.append(proxy.requests - before[0])
                volumes.append(proxy.sent + proxy.received - before[1])
            app.close()
            proxy.close()
    detail = f"{TERRITORIES} territories, the dearest of {rounds}, digest verified each time"
    return (
        Figure("Requests of a sync with nothing to do", max(requests), MOST_REQUESTS, "", detail),
        Figure("Bytes of a sync with nothing to do", max(volumes), MOST_BYTES, "bytes", f"both ways, {detail}"),
    )


if __name__ == "__main__":
    for figure in measure():
        sys.stdout.write(figure.line() + "\n")
