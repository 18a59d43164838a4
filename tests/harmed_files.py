"""What a failing disk does to the files of a profile."""

from crm_desktop.store.client_store import ClientStore


def harm(store: ClientStore, sha256: str) -> None:
    """The bytes of a content are no more what was written, and somebody has noticed."""
    for path in (store.path.parent / "files").iterdir():
        path.write_bytes(b"")
    store.files.harmed(sha256)
