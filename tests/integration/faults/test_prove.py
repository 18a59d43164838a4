"""The whole proof tells by its exit code when it was not whole."""

import time

import pytest

from tests.integration.faults import cutting
from tests.integration.faults.prove import verdict
from tests.integration.faults.proxy import Fault
from tests.integration.faults.share import Part

WHOLE = Part("whole", points=3)
CUT = Part("cut short", points=1, unfinished=True)
BROKEN = Part("broken", points=3, failures=["a row is lost"])


@pytest.mark.parametrize(
    ("parts", "share", "code"),
    [
        ([WHOLE], False, 0),
        ([WHOLE, CUT], False, 2),
        ([WHOLE, CUT], True, 0),
        ([CUT, BROKEN], False, 1),
        ([CUT, BROKEN], True, 1),
    ],
    ids=["whole", "cut short", "share asked for", "failed", "share failed"],
)
def test_a_proof_that_was_not_whole_is_no_success(parts: list[Part], share: bool, code: int) -> None:
    told, words = verdict(parts, share=share)
    assert told == code
    assert ("cut short" in words) == (CUT in parts)


def test_a_sweep_whose_time_is_over_says_so() -> None:
    part = Part("line cut at a byte")
    cutting.sweep(part, [Fault("up", 1, "close")], until=time.monotonic() - 1)
    assert (part.points, part.unfinished) == (0, True)
    assert "time is over" in part.line()
