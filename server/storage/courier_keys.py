"""Keys of courier sync: the server's own pair, and what each enrolment told of its laptop."""

from sqlalchemy import Connection, insert, select

from crm_desktop.sealed import Keys, PublicKeys
from server.storage.tables import courier_key, device

SERVER = ""  # the owner of the private pair; every other row is the public half of a token's laptop


def server_keys(connection: Connection) -> Keys:
    """The server's pair, made at first use. Needs a write transaction."""
    found = connection.scalar(select(courier_key.c.pair).where(courier_key.c.owner == SERVER))
    if found is None:
        made = Keys.make()
        connection.execute(insert(courier_key).values(owner=SERVER, pair=made.text()))
        return made
    return Keys.parse(found)


def remember(connection: Connection, hashed: str, keys: PublicKeys) -> None:
    """Keep what a laptop told when it was enrolled; clones of it share token and keys."""
    connection.execute(insert(courier_key).values(owner=hashed, pair=keys.text()))


def device_keys(connection: Connection, device_id: str) -> PublicKeys | None:
    """The keys of a device; None where it was enrolled without, or is not known."""
    found = connection.scalar(
        select(courier_key.c.pair)
        .join(device, device.c.token_hash == courier_key.c.owner)
        .where(device.c.device_id == device_id)
    )
    return None if found is None else PublicKeys.parse(found)
