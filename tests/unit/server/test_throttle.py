"""Guessing passwords is slowed down."""

from server.identity.throttle import Throttle


class _Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_login_waits_after_its_failures_and_others_do_not() -> None:
    time = _Time()
    throttle = Throttle(3, 60.0, time)
    for _ in range(3):
        assert throttle.wait_s("anna") == 0
        throttle.failed("anna")
    assert throttle.wait_s("anna") == 60
    assert throttle.wait_s("ben") == 0
    time.now = 45
    assert throttle.wait_s("anna") == 15
    time.now = 61
    assert throttle.wait_s("anna") == 0


def test_success_forgets_and_a_pause_is_not_for_ever() -> None:
    time = _Time()
    throttle = Throttle(2, 10.0, time)
    throttle.failed("anna")
    throttle.succeeded("anna")
    throttle.failed("anna")
    assert throttle.wait_s("anna") == 0
    throttle.failed("anna")
    time.now = 11
    throttle.failed("anna")  # counts from one again
    assert throttle.wait_s("anna") == 0
