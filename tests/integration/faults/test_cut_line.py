"""The line is cut after every byte of a session: nothing is lost, nothing is done twice."""

import pytest

from tests.integration.faults.cutting import SILENT_S, lengths, offsets, sweep
from tests.integration.faults.proxy import Fault
from tests.integration.faults.share import Part, Timed, every

EVERY = 17


@pytest.mark.slow
def test_a_session_cut_at_any_byte_heals() -> None:
    points = offsets(lengths())
    share = every(points, EVERY)
    with Timed(Part("line cut at a byte", of=len(points))) as part:
        sweep(part, share)
    assert {fault.direction for fault in share} == {"up", "down"}
    assert not part.failures, "\n".join(part.failures)


@pytest.mark.slow
def test_a_silent_line_ends_by_the_deadline_and_heals() -> None:
    found = lengths()
    points = [Fault(way, length * place // 5, "silent") for way, length in found.items() for place in (0, 2, 4)]
    share = every(points, 3)
    with Timed(Part("line gone silent", of=len(points))) as part:
        sweep(part, share, SILENT_S)
    assert not part.failures, "\n".join(part.failures)
