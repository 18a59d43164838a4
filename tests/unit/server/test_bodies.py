"""Bodies are counted while they are inflated."""

import pytest
import zstandard

from server.api.bodies import inflate, parse
from server.api.errors import ApiError
from sync.protocol import Cursor, Limits


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False), (50_000_000, False)])
def test_inflated_size_is_bounded(size: int, fits: bool) -> None:
    limits = Limits(inflated_bytes=1000)
    packed = zstandard.compress(b"x" * size)
    if fits:
        assert len(inflate(packed, limits)) == size
    else:
        with pytest.raises(ApiError) as caught:
            inflate(packed, limits)
        assert caught.value.status == 413


def test_a_message_that_does_not_fit_names_the_place() -> None:
    with pytest.raises(ApiError) as caught:
        parse(Cursor, b'{"seq": "x"}')
    assert caught.value.status == 422
    assert "seq" in caught.value.body.message
