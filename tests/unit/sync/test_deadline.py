"""The time of requests, kept by one thread."""

import threading

from sync.deadline import Deadlines

AGES_S = 3600.0
PATIENCE_S = 20.0


def watching() -> int:
    """Threads that keep deadlines."""
    return sum(thread.name == "sync-deadline" for thread in threading.enumerate())


def test_a_request_whose_time_is_over_is_ended() -> None:
    expired = threading.Event()
    deadlines = Deadlines(expired.set)
    deadlines.begin(0.01)
    assert expired.wait(PATIENCE_S)
    deadlines.close()


def test_a_shorter_time_begun_later_counts_at_once() -> None:
    expired = threading.Event()
    deadlines = Deadlines(expired.set)
    deadlines.begin(AGES_S)
    deadlines.begin(0.01)
    assert expired.wait(PATIENCE_S)
    deadlines.close()


def test_a_request_that_is_done_is_left_alone_and_the_other_one_is_not() -> None:
    expired: list[int] = []
    last = threading.Event()

    def expire() -> None:
        expired.append(1)
        last.set()

    deadlines = Deadlines(expire)
    deadlines.end(deadlines.begin(0.01))
    done, running = deadlines.begin(0.05), deadlines.begin(0.1)
    deadlines.end(done)
    assert last.wait(PATIENCE_S)
    assert expired == [1]
    deadlines.end(running)
    deadlines.close()


def test_one_thread_serves_many_requests_and_goes_with_the_transport() -> None:
    before = watching()
    deadlines = Deadlines(lambda: None)
    for _ in range(20):
        deadlines.end(deadlines.begin(AGES_S))
    assert watching() == before + 1
    deadlines.close()
    for thread in threading.enumerate():
        if thread.name == "sync-deadline":
            thread.join(PATIENCE_S)
    assert watching() == before
