"""A save is on the disk when it is reported, and costs one fsync: counted from outside."""

from benchmarks.fsyncs import count


def test_every_save_is_one_fsync() -> None:
    assert count(edits=20) == 20
