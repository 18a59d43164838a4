"""Runs the web server over one database."""

import gc
import logging
import socket
import sys
from pathlib import Path

import uvicorn

from crm_desktop.errors import StoreError
from crm_desktop.logs import FrameFormatter
from server.api.app import create_app
from server.storage.storage import Storage

COLLECT_AFTER = 20_000  # objects: Python's 700 make it look for cycles many times in one push or page


def serve(database: str, host: str, port: int, files: Path | None = None) -> int:
    """Serve until told to stop. Port 0 takes a free one; the address is told on standard output.

    `files`: folder of the files' bytes, see `Database.open`.
    """
    spoken = logging.StreamHandler(sys.stderr)
    spoken.setFormatter(FrameFormatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[spoken])
    storage = Storage.open(database, files=files)
    listening = _bind(host, port)
    config = uvicorn.Config(
        create_app(storage),
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
        date_header=False,  # a sync with nothing to do has to stay below 1 KB; hello tells the time
        h11_max_incomplete_event_size=64 * 1024,
    )
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    # What is there by now stays: a look through all of it takes 60 ms, and a push of 500 changes causes one.
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    sys.stdout.write(f"Serving at http://{host}:{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        listening.close()
        storage.close()
    return 0


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio switches Nagle's delay off only where the protocol is named: without it an answer of two writes waits for
    # the client's delayed acknowledgement, 40 ms.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise StoreError(
            "port_taken", f"The server cannot listen at {host}:{port} ({error.strerror}).", "Choose another --port."
        ) from error
    listening.listen(256)
    return listening
