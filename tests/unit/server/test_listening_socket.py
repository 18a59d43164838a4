"""The socket the server listens on."""

import asyncio
import socket
from contextlib import closing

from server.serve import _bind


async def _delay_of_an_accepted_connection() -> bool:
    found: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    async def met(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted = writer.get_extra_info("socket")
        found.set_result(not accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    with closing(_bind("127.0.0.1", 0)) as listening:
        server = await asyncio.start_server(met, sock=listening)
        async with server:
            _, writer = await asyncio.open_connection(*listening.getsockname())
            delayed = await found
            writer.close()
            await writer.wait_closed()
    return delayed


def test_an_answer_of_two_writes_does_not_wait_for_the_other_side() -> None:
    assert asyncio.run(_delay_of_an_accepted_connection()) is False
