"""Sums over what is held: differences found, counted anew after a crash, and repaired."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_desktop.model import ENTITIES
from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import clean_row, columns, field_facts, row_hash
from crm_desktop.store import sums
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import delete, patch
from crm_desktop.store.page_rows import hash_values
from crm_desktop.store.tables import table
from tests.standing_clock import StandingClock
from tests.unit.crm_desktop.store.pulled import A, held, name_held

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages


def test_digest_finds_a_row_that_is_missing_or_differs(store: ClientStore, pages: "Pages") -> None:
    page = pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Bussard"}})
    page["commits"][0]["put"].pop()
    assert store.apply_page(page).digest_ok is False
    store.apply_page(pages.page({("account", "b"): {"name": "Bussard"}}))
    assert store.read(lambda reader: reader.digest()) == pages.digest()
    assert store.recompute_digest() == pages.digest()


def test_a_repair_that_did_not_help_rests_for_a_day(store: ClientStore, pages: "Pages") -> None:
    row, other = {"name": "Adler"}, ("account", "b")
    store.apply_page(pages.page({A: row, other: row}))
    store.commit([delete("account", "b"), patch("account", "a", {"industry": "Bau"})])
    assert store.begin_repair()
    state = store.sync_state()
    assert (state.cursor_seq, state.cursor_commit) == (0, "")
    assert name_held(store) == "Adler"
    told = type(pages)().page({A: row}) | {"digest": {"territory:t1": "0" * 16}}
    done = store.apply_page(told)
    # The server does not name 'b' any more; work of ours still waits on it, so its fate is not decided here.
    assert (done.applied, done.digest_ok, done.differed) == (True, False, ())
    assert not store.begin_repair()
    assert isinstance(store._clock, StandingClock)
    store._clock.move(days=1, minutes=1)
    assert store.begin_repair()
    assert store.apply_page(type(pages)().page({A: row})).digest_ok
    assert store.begin_repair()  # that one helped: the next difference is another one
    assert store.apply_page(type(pages)().page({A: {"name": "Anders"}})).differed == (A,)
    assert (name_held(store), (held(store) or {})["industry"]) == ("Anders", "Bau")
    assert [op.k for txn in store.pending(10) for op in txn.ops] == ["delete", "patch"]


def test_sums_are_counted_anew_after_a_crash(
    open_store: Callable[[], ClientStore], store: ClientStore, pages: "Pages"
) -> None:
    now = "2026-03-01T08:00:00.000Z"
    store.apply_page(pages.page({A: {"name": "Adler"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"})])
    killed(store, damage="UPDATE scope_sum SET sum = 1")
    killed(open_store())  # twice, before it came to count
    again = open_store()
    assert again.read(lambda reader: reader.digest()) != pages.digest()  # the window does not wait for it
    assert not again.mending.look_over(now)  # that is: not by content
    assert again.read(lambda reader: reader.digest()) == pages.digest()
    again._writer.call(lambda connection: connection.execute("UPDATE scope_sum SET sum = 1"))
    again.mending.look_over(now)
    assert again.read(lambda reader: reader.digest()) != pages.digest()  # once is enough
    again.close()


def test_a_page_that_comes_while_sums_are_counted_is_counted_once(store: ClientStore, pages: "Pages") -> None:
    store.apply_page(pages.page({A: {"name": "Adler"}, ("account", "b"): {"name": "Bussard"}}))
    store._writer.call(lambda connection: connection.execute("UPDATE scope_sum SET sum = sum + 77"))
    lacking = store._readers.run(sums.missing)
    store.apply_page(pages.page({A: {"name": "Adlerhorst"}}))
    store._writer.call(lambda connection: sums.supply(connection, lacking))
    assert store.read(lambda reader: reader.digest()) == pages.digest()


def killed(store: ClientStore, damage: str = "") -> None:
    if damage:
        store._writer.call(lambda connection: connection.execute(damage))
    store._writer.close()  # nothing says that it ended well
    store._closed = True
    store._connection.close()


def test_fast_hash_equals_the_wire_hash() -> None:
    samples: dict[Kind, list[Any]] = {
        Kind.TEXT: ["", "Müller", "0"],
        Kind.LONG_TEXT: ["", "lang\nÜ"],
        Kind.INTEGER: [None, 0, -7],
        Kind.DECIMAL: [None, "0", "-15"],
        Kind.BOOLEAN: [False, True],
        Kind.DATE: [None, "2026-01-02"],
        Kind.INSTANT: [None, "2026-01-02T03:04:05.678Z"],
        Kind.CHOICE: [""],
        Kind.SET: [[], ["b", "a"]],
        Kind.REFERENCE: [None, "x"],
    }
    for entity in ENTITIES:
        for turn in range(3):
            values = {
                name: samples[facts.kind][turn % len(samples[facts.kind])]
                for name, facts in field_facts(entity).items()
                if facts.kind is not Kind.STATE
            }
            row = clean_row(entity, values)
            listed = [row[name] for name in columns(entity)]
            assert hash_values(table(entity), "id", 5, listed) == row_hash(entity, "id", 5, row)


def test_a_repair_names_what_was_not_as_the_server_has_it_and_nothing_else(store: ClientStore, pages: "Pages") -> None:
    keys = {name: ("account", name) for name in ("equal", "lost", "other", "stale", "unknown")}
    told = {keys[name]: {"name": name} for name in ("equal", "other", "stale", "unknown")}
    store.apply_page(pages.page(told))
    assert store.begin_repair()
    # The server has one more, one with other words, one that left long ago and one it does not know at all.
    server = type(pages)()
    page = server.page({keys["equal"]: {"name": "equal"}, keys["other"]: {"name": "changed"}, keys["lost"]: {}})
    for rows in page["commits"][0]["put"]:
        rows["rows"][0][1] = "a root of its own"
    page["commits"][0]["gone"] = [list(keys["stale"])]
    page["cursor"] = {"seq": 7, "commit_id": "c7"}
    done = store.apply_page(page)
    assert done.differed == tuple(keys[name] for name in ("lost", "other", "stale", "unknown"))
    assert (done.digest_ok, done.deleted, done.evicted) == (True, 1, 1)
    assert {row["id"] for row in store.read(lambda reader: reader.where("account"))} == {"equal", "lost", "other"}
    server.seq = 7
    assert store.apply_page(server.page(gone=(keys["equal"],))).differed == ()  # the repair is over


def test_a_repair_compares_what_is_under_work_by_what_the_server_had_said(store: ClientStore, pages: "Pages") -> None:
    b = ("account", "b")
    store.apply_page(pages.page({A: {"name": "Adler"}, b: {"name": "Bussard"}}))
    store.commit([patch("account", "a", {"name": "Mein Adler"}), patch("account", "b", {"industry": "Bau"})])
    assert store.begin_repair()
    done = store.apply_page(type(pages)().page({A: {"name": "Adler"}, b: {"name": "Habicht"}}))
    assert (done.differed, done.digest_ok) == ((b,), True)
    assert name_held(store) == "Mein Adler"


def test_a_repair_keeps_quiet_about_what_has_changed_since(store: ClientStore, pages: "Pages") -> None:
    b = ("account", "b")
    store.apply_page(pages.page({A: {"name": "Adler"}, b: {"name": "Bussard"}}))
    assert store.begin_repair()
    page = type(pages)().page({A: {"name": "Adlerhorst"}}, gone=(b,), seq=4)
    assert store.apply_page(page).differed == ()
