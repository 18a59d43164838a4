"""The lane of what can wait: a short queue, then a word when to come again."""

import threading

import anyio
import pytest

from server.api.bulk import Bulk
from server.api.errors import ApiError
from server.settings import Settings


def test_who_comes_when_the_queue_is_full_is_told_when_to_come_again() -> None:
    bulk = Bulk(Settings(bulk_threads=1, bulk_waiting=1, bulk_retry_s=9))
    gate = threading.Event()
    done: list[int] = []

    async def story() -> None:
        async with anyio.create_task_group() as group:

            async def one(number: int) -> None:
                def call() -> None:
                    gate.wait(60)
                    done.append(number)

                await bulk.run(call)

            group.start_soon(one, 1)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(one, 2)
            await anyio.wait_all_tasks_blocked()
            with pytest.raises(ApiError) as refused:
                await bulk.run(lambda: done.append(3))
            assert (refused.value.status, refused.value.body.code) == (503, "retry")
            assert 2 <= refused.value.after_s <= 9
            gate.set()

    anyio.run(story)
    assert done == [1, 2]
