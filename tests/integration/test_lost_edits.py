"""Two laptops at the same records: every edit stands or is in the list of its author; a share of the benchmark."""

from benchmarks.lost_edits import measure


def test_a_hundred_edits_and_none_lost_without_a_word() -> None:
    stand, listed, arrived, lost = measure(records=50, restored=10)
    assert (stand.value, listed.value, arrived.value, lost.value) == (50, 25, 10, 0)
    assert all(figure.reached for figure in (stand, listed, arrived, lost))
