"""A deleted record wanted back with changes: it is not here, so what its author had seen is the only base there is."""

from typing import TYPE_CHECKING

from crm_desktop.model.operations import Patch, Restore, SetAdd, SetRemove, Text
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import restore
from tests.unit.crm_desktop.store.pulled import A

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def test_a_field_is_written_where_it_holds_what_was_seen_and_elements_by_what_is_known_today(
    store: ClientStore, pages: "Pages"
) -> None:
    """A colleague may have changed the field before he deleted the record: no version of today speaks for it."""
    seen = {"name": "Adler", "notes": "eins", "tags": ["alt", "bleibt"]}
    store.apply_page(pages.page({A: seen}, seq=5))
    store.apply_page(pages.page(gone=(A,), seq=9))
    store.commit([restore("account", "a", {"name": "Mein Adler", "notes": "zwei", "tags": ["bleibt", "neu"]}, seen)])
    back, text, added, removed, changed = store.pending(10)[0].ops
    assert isinstance(back, Restore)
    assert isinstance(text, Text)
    assert (text.f, text.text) == ("notes", "zwei")
    assert isinstance(added, SetAdd)
    assert (added.v, added.base_ver) == (["neu"], 9)
    assert isinstance(removed, SetRemove)
    assert (removed.v, removed.base_ver) == (["alt"], 9)
    assert isinstance(changed, Patch)
    name = changed.set["name"]
    assert (name.base_ver, name.old, name.new) == (0, "Adler", "Mein Adler")
