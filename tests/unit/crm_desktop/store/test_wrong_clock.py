"""A clock that stood years ahead for a while: what it noted must not keep this copy from being mended."""

from datetime import timedelta
from pathlib import Path

from crm_desktop.model.columns import format_instant
from crm_desktop.store.client_store import ClientStore
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.store.conftest import KEY, NOW

AHEAD = NOW + timedelta(days=3650)


def test_a_repair_of_a_day_to_come_keeps_no_other_from_beginning(tmp_path: Path) -> None:
    with ClientStore.open(tmp_path, KEY, StandingClock(AHEAD)) as store:
        assert store.begin_repair()
        assert not store.begin_repair()
    with ClientStore.open(tmp_path, KEY, StandingClock(NOW)) as store:
        assert store.begin_repair()
        assert not store.begin_repair()


def test_what_was_looked_over_on_a_day_to_come_is_looked_over_again(store: ClientStore) -> None:
    store.mending.look_over(format_instant(AHEAD))
    assert store.mending.look_over(format_instant(NOW))
    assert not store.mending.look_over(format_instant(NOW))
