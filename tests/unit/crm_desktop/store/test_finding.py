"""Search and lists: folding, tiers, filters, sorting, and how much is read."""

import time
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import field_facts
from crm_desktop.rules.search_query import SearchQuery, kinds_named, parse
from crm_desktop.store import lists
from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.computed import computed
from crm_desktop.store.intents import create, patch
from crm_desktop.store.lists import Filter, ListQuery
from crm_desktop.store.reader import Reader
from crm_desktop.store.search import Superseded

if TYPE_CHECKING:
    from tests.unit.crm_desktop.store.conftest import Pages

ALIKE = [
    ["Müller", "Mueller", "Muller", "MÜLLER", "Mu\u0308ller"],
    ["Straße", "Strasse", "STRASSE"],
    ["Łódź", "Lodz", "LODZ"],
    ["København", "Kobenhavn", "KØBENHAVN"],
]


@pytest.mark.parametrize(("stored", "typed"), [(a, b) for group in ALIKE for a in group for b in group])
def test_each_spelling_finds_each(searchable: ClientStore, stored: str, typed: str) -> None:
    index = [spelling for group in ALIKE for spelling in group].index(stored)
    assert f"n{index}" in {hit.id for hit in searchable.read(lambda reader: reader.search(typed))}


@pytest.fixture(scope="module")
def searchable(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from crm_desktop.clock import SystemClock

    with ClientStore.open(tmp_path_factory.mktemp("search"), bytes(32), SystemClock()) as store:
        spellings = [spelling for group in ALIKE for spelling in group]
        store.commit([create("account", f"n{n}", {"name": f"{name} GmbH"}) for n, name in enumerate(spellings)])
        yield store


@pytest.fixture
def filled(store: ClientStore) -> ClientStore:
    store.commit(
        [
            create("account", "a", {"name": "Öztürk Bau", "customer_class": "A", "tags": ["vip"]}),
            create("account", "b", {"name": "adler & Söhne", "customer_class": "B", "notes": "Kran in Öztürk"}),
            create("account", "c", {"name": "Zander", "credit_limit": "9.50", "employees": 12}),
            create("contact", "p", {"account_id": "a", "name": "Ayşe Öztürk", "preferred": True}),
            create("contact", "p2", {"account_id": "a", "name": "Bob"}),
            create("address", "s", {"account_id": "a", "kind": "delivery", "city": "Bremen"}),
            create("address", "s2", {"account_id": "a", "kind": "billing", "city": "Ulm"}),
            create("address", "s3", {"account_id": "b", "city": "Århus", "preferred": True}),
            create("channel", "t", {"contact_id": "p", "kind": "phone", "value": "+49 (0)30 / 123 45-67"}),
            create("channel", "m", {"account_id": "b", "kind": "email", "value": "post@adler.example"}),
            create("visit", "v", {"account_id": "a", "status": "done", "starts_at": "2026-02-03T10:00:00.000Z",
                                  "subject": "Kran", "note": "Der alte Kran steht still. " * 9 + "Ersatz nötig."}),
            create("task", "k", {"account_id": "a", "subject": "Anrufen", "due_on": "2026-03-02", "status": "open"}),
            create("task", "k2", {"account_id": "b", "subject": "Brief", "due_on": "2026-02-01", "status": "done"}),
        ]
    )  # fmt: skip
    return store


def _hits(store: ClientStore, typed: str, **more: Any) -> list[str]:
    return [hit.id for hit in store.read(lambda reader: reader.search(typed, **more))]


def test_titles_come_first(filled: ClientStore) -> None:
    assert _hits(filled, "oztu") == ["a", "p", "b"]
    assert _hits(filled, "kran", entities=["account"]) == ["b"]
    assert _hits(filled, "oztu", limit=1) == ["a"]


@pytest.mark.parametrize("typed", ["030 1234567", "+49 30 1234567", "0049301234567", "1234567", "4567", "12345"])
def test_telephone_numbers_by_any_tail(filled: ClientStore, typed: str) -> None:
    (hit,) = filled.read(lambda reader: reader.search(typed))
    assert (hit.id, hit.root) == ("t", ("account", "a"))


def test_parts_name_their_root(filled: ClientStore) -> None:
    (hit,) = filled.read(lambda reader: reader.search("arhus"))
    assert (hit.entity, hit.root, hit.title) == ("address", ("account", "b"), "Århus")


def test_snippet_is_cut_around_the_word(filled: ClientStore) -> None:
    (hit,) = filled.read(lambda reader: reader.search("ersatz"))
    assert "Ersatz nötig." in hit.snippet
    assert hit.snippet.startswith("…")


def test_every_word_counts_also_across_parts(filled: ClientStore) -> None:
    assert _hits(filled, "adler kran") == ["b"]
    assert _hits(filled, "oztu ulm") == ["a"]
    assert _hits(filled, "zander ulm") == []


@pytest.mark.parametrize("typed", ["", "  ", '"', "*", 'a" OR b', "NEAR(", "title:x", "-", "ü%_", "\x00"])
def test_odd_input_is_no_error(filled: ClientStore, typed: str) -> None:
    assert isinstance(_hits(filled, typed), list)
    filled.read(lambda reader: reader.row_ids(ListQuery("account", search=typed)))


def _list(store: ClientStore, query: ListQuery) -> list[str]:
    return store.read(lambda reader: [row["id"] for row in reader.rows(query.entity, reader.row_ids(query))])


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([Filter("customer_class", "=", "A")], "a"),
        ([Filter("customer_class", "!=", "A")], "bc"),
        ([Filter("customer_class", "in", ["A", "B"])], "ba"),
        ([Filter("customer_class", "empty")], "c"),
        ([Filter("credit_limit", "filled")], "c"),
        ([Filter("credit_limit", ">", "9.00")], "c"),
        ([Filter("credit_limit", ">", "10")], ""),
        ([Filter("employees", "<=", 12), Filter("name", "contains", "ZAN")], "c"),
        ([Filter("name", "contains", "ozturk")], "a"),
        ([Filter("name", "contains", "%")], ""),
        ([Filter("tags", "has", "vip")], "a"),
        ([Filter("tags", "empty")], "bc"),
        ([Filter("owner_id", "=", None)], "bac"),
        ([Filter("city", "=", "Ulm")], "a"),
        ([Filter("last_visit_at", ">=", "2026-02")], "a"),
        ([Filter("city", "contains", "ARHUS")], "b"),
        ([Filter("city", "!=", "Ulm")], "bc"),
        ([Filter("city", "empty")], "c"),
        ([Filter("last_visit_at", "older", 10)], "a"),
        ([Filter("last_visit_at", "older", 36_000)], ""),
        ([Filter("next_task_on", "filled")], "a"),
        ([Filter("open_quotes_total", "empty")], "bac"),
        ([Filter("id", "in", ["c", "a"])], "ac"),
    ],
)
def test_filters(filled: ClientStore, conditions: list[Filter], expected: str) -> None:
    query = ListQuery("account", tuple(conditions))
    assert "".join(_list(filled, query)) == expected
    assert filled.read(lambda reader: reader.count(query)) == len(expected)


def test_today_is_the_clocks(filled: ClientStore) -> None:
    assert _list(filled, ListQuery("task", (Filter("due_on", "today"),))) == ["k"]


@pytest.fixture
def in_chicago(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Six hours behind UTC."""
    monkeypatch.setenv("TZ", "America/Chicago")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_a_day_is_one_of_this_machines_zone(store: ClientStore, in_chicago: None) -> None:
    starts = {"eve": "2026-03-02T05:59:00.000Z", "late": "2026-03-03T03:30:00.000Z", "next": "2026-03-03T06:00:00.000Z"}
    store.commit([create("visit", name, {"starts_at": at}) for name, at in starts.items()], "test")
    day = "2026-03-02"
    for op, value, expected in [
        ("today", None, "late"), ("=", day, "late"), ("!=", day, "eve next"), (">=", day, "late next"),
        (">", day, "next"), ("<=", day, "eve late"), ("<", day, "eve"), ("older", 0, "eve"),
    ]:  # fmt: skip
        found = _list(store, ListQuery("visit", (Filter("starts_at", op, value),), "starts_at"))
        assert " ".join(found) == expected, op
    with pytest.raises(InvalidInput):
        _list(store, ListQuery("visit", (Filter("starts_at", "<", "2026-13-02"),)))


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [
        ("", False, "bac"),
        ("name", True, "cab"),
        ("customer_class", False, "cab"),
        ("city", False, "bac"),
        ("city", True, "abc"),
        ("contact", False, "abc"),
        ("last_visit_at", True, "abc"),
        ("next_task_on", False, "abc"),
        ("credit_limit", False, "cba"),
    ],
)
def test_sorting_folds_and_puts_the_empty_last(filled: ClientStore, sort: str, descending: bool, expected: str) -> None:
    assert "".join(_list(filled, ListQuery("account", sort=sort, descending=descending))) == expected


def test_list_search_joins_words_of_account_and_parts(filled: ClientStore) -> None:
    assert _list(filled, ListQuery("account", search="Oztuerk Ulm")) == ["a"]
    assert _list(filled, ListQuery("account", search="bob")) == ["a"]
    assert _list(filled, ListQuery("visit", search="zturk")) == []
    assert _list(filled, ListQuery("visit", search="ozturk")) == ["v"]


@pytest.mark.parametrize("query", [
    ListQuery("account", sort="password"),
    ListQuery("account", (Filter("nothing", "=", 1),)),
    ListQuery("account", (Filter("name", "like", "x"),)),
    ListQuery("account", (Filter("credit_limit", "=", "abc"),)),
    ListQuery("account", (Filter("last_visit_at", "older", "soon"),)),
    ListQuery("account", (Filter("last_visit_at", "older", -1),)),
    ListQuery("sqlite_master"),
])  # fmt: skip
def test_unknown_columns_are_refused(filled: ClientStore, query: ListQuery) -> None:
    with pytest.raises(InvalidInput):
        filled.read(lambda reader: reader.row_ids(query))


@pytest.mark.parametrize(
    ("sort", "descending", "expected"),
    [("account_id", False, "v2 v v3"), ("account_id", True, "v v2 v3"), ("starts_at", True, "v v3 v2")],
)
def test_references_sort_by_the_title_they_point_to(
    filled: ClientStore, sort: str, descending: bool, expected: str
) -> None:
    filled.commit([create("visit", "v2", {"account_id": "b"}), create("visit", "v3", {"subject": "Nobody"})])
    assert " ".join(_list(filled, ListQuery("visit", sort=sort, descending=descending))) == expected


def test_no_computed_column_hides_a_declared_field() -> None:
    assert not {(entity, name) for entity in ENTITIES for name in computed(entity).keys() & field_facts(entity).keys()}


def test_rows_are_counted_by_how_they_stand(store: ClientStore, pages: "Pages") -> None:
    names = {"s": "Synced", "w": "Waiting", "t": "Too"}
    store.apply_page(pages.page({("account", key): {"name": name} for key, name in names.items()}))
    store.commit([create("account", "n", {"name": "New"}), patch("account", "w", {"industry": "Food"})])
    query = ListQuery("account")
    assert store.read(lambda reader: reader.state_counts("account", reader.row_ids(query))) == {
        "synced": 2, "waiting": 1, "local": 1,
    }  # fmt: skip
    one = ListQuery("account", (Filter("name", "=", "Waiting"),))
    assert store.read(lambda reader: reader.state_counts("account", reader.row_ids(one))) == {"waiting": 1}
    none = ListQuery("account", (Filter("name", "=", "Nobody"),))
    assert store.read(lambda reader: reader.state_counts("account", reader.row_ids(none))) == {}


def test_computed_columns(filled: ClientStore) -> None:
    filled.commit(
        [
            create("quote", "q", {"account_id": "a", "number": "N1"}),
            create("quote_revision", "r1", {"quote_id": "q", "revision": 1, "currency": "EUR"}),
            create("quote_revision", "r2", {"quote_id": "q", "revision": 2, "currency": "EUR"}),
            create("quote_line", "l0", {"quote_id": "q", "revision_id": "r1", "line_total": "99.00"}),
            create("quote_line", "l1", {"quote_id": "q", "revision_id": "r2", "line_total": "10.05"}),
            create("quote_line", "l2", {"quote_id": "q", "revision_id": "r2", "line_total": "7.00", "optional": True}),
            create("order", "o", {"account_id": "a", "number": "O1", "ordered_on": "2026-02-03"}),
            create("order_line", "ol", {"order_id": "o", "line_total": "3.00"}),
        ]
    )
    row = filled.read(lambda reader: reader.rows("account", reader.row_ids(ListQuery("account")))[1])
    shown = {name: row[name] for name in ("id", "city", "contact", "last_visit_at", "open_quotes_total", "next_task")}
    assert shown == {
        "id": "a",
        "city": "Ulm",
        "contact": "Ayşe Öztürk",
        "last_visit_at": "2026-02-03T10:00:00.000Z",
        "open_quotes_total": "10.05",
        "next_task": "Anrufen",
    }
    for conditions, expected in (
        ([Filter("total", ">=", "10.05"), Filter("revision", "=", 2)], ["q"]),
        ([Filter("total", ">", "10.05")], []),
        ([Filter("status", "=", "draft"), Filter("valid_until", "empty")], ["q"]),
    ):
        assert _list(filled, ListQuery("quote", tuple(conditions), sort="valid_until")) == expected
    assert _list(filled, ListQuery("order", (Filter("total", "=", "3"),), sort="total")) == ["o"]
    view = filled.read(lambda reader: reader.quote("q"))
    assert view is not None
    assert view.revision is not None
    assert (view.revision["id"], [line["id"] for line in view.lines]) == ("r2", ["l1", "l2"])
    entries = filled.read(lambda reader: reader.timeline("a"))
    assert [(entry.entity, entry.amount) for entry in entries] == [
        ("quote", "10.05"),
        ("order", "3.00"),
        ("visit", None),
    ]
    second = filled.read(lambda reader: reader.timeline("a", limit=1, before=entries[0].key))
    assert [entry.id for entry in second] == ["o"]


def test_list_reads_only_what_is_visible(store: ClientStore, pages: "Pages") -> None:
    for start in range(0, 6000, 2000):
        store.apply_page(
            pages.page({("account", f"{n:06}"): {"name": f"Firma {n:06}"} for n in range(start, start + 2000)})
        )
    before = store.rows_fetched
    ids = store.read(lambda reader: reader.row_ids(ListQuery("account")))
    first = store.read(lambda reader: reader.rows("account", ids[:40]))
    store.read(lambda reader: reader.rows("account", ids[40:80]))
    assert len(ids) == 6000
    assert first[0]["name"] == "Firma 000000"
    assert store.rows_fetched - before == 80


def test_title_sort_uses_the_index(store: ClientStore) -> None:
    plan = store.read(
        lambda reader: reader._connection.execute(
            "EXPLAIN QUERY PLAN SELECT rowid FROM account e ORDER BY e.sort_key ASC, e.rowid ASC"
        ).fetchall()
    )
    assert "USING COVERING INDEX ix_account_sort_key" in plan[0][3]


@pytest.mark.parametrize("descending", [True, False])
def test_the_visits_of_a_person_come_from_the_index_alone(store: ClientStore, descending: bool) -> None:
    """No row is looked at and nothing is sorted: 300,000 visits open as fast as a hundred."""
    query = ListQuery("visit", (Filter("owner_id", "=", "user"),), "starts_at", descending)

    def plan(reader: Reader) -> list[str]:
        sql, parameters = lists.statement(reader._connection, query, "2026-11-19")
        return [str(row[3]) for row in reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)]

    assert store.read(plan) == ["SEARCH e USING COVERING INDEX ix_visit_owner_id_starts_at (owner_id=?)"]


def test_instants_sort_with_the_empty_last(store: ClientStore) -> None:
    for at in ("2026-03-01T09:00:00.000Z", None, "2026-03-02T09:00:00.000Z"):
        store.commit([create("visit", f"v-{at}", {"subject": at or "open", "starts_at": at})])

    def subjects(query: ListQuery) -> list[str]:
        return store.read(lambda reader: [row["subject"] for row in reader.rows("visit", reader.row_ids(query))])

    first, second = "2026-03-01T09:00:00.000Z", "2026-03-02T09:00:00.000Z"
    assert subjects(ListQuery("visit", (), "starts_at")) == [first, second, "open"]
    assert subjects(ListQuery("visit", (), "starts_at", descending=True)) == [second, first, "open"]


def test_renamed_account_sorts_anew(filled: ClientStore) -> None:
    filled.commit([patch("account", "c", {"name": "Aal"})])
    assert _list(filled, ListQuery("account")) == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("city:bremen", {"a", "p", "p2", "k", "v"}),
        ("city:bremen type:contact", {"p", "p2"}),
        ("type:contact ozturk", {"p", "p2"}),  # also whoever works there
        ("type:visit ozturk", {"v"}),
        ("type:visit name:ozturk", {"v"}),
        ("type:task ozturk since:2026-02-01", {"k"}),
        ("type:task ozturk city:arhus", set()),
        ("type:visit adler", set()),
        ("stadt:ulm type:task", {"k"}),
        ("kran city:bremen", {"v"}),
        ("kran type:account", {"b"}),
        ("tag:VIP type:account", {"a"}),
        ("tag:vip city:arhus", set()),
        ("name:zander", {"c"}),
        ("name:kran", {"v"}),
        ("city:ulm anruf", {"k"}),
        ("type:visit since:2026-02-03", {"v"}),
        ("type:visit since:2026-02-04", set()),
        ("city:wien", {"l"}),
        ("030/5551", {"l"}),
        ("+49 30 5551", {"l"}),
        ("+49 30 1234567", {"a"}),
        ("030 / 123", {"a"}),
        ("type:contract ozturk", {"n"}),
        ("messe type:case", {"q"}),
        ("grundriss", {"f"}),
    ],
)
def test_conditions_narrow_what_is_found(filled: ClientStore, typed: str, found: set[str]) -> None:
    filled.commit(
        [
            create("lead", "l", {"name": "Eva Berg", "phone": "030-5551234", "city": "Wien"}),
            create("contract", "n", {"account_id": "b", "name": "Rahmenvertrag Öztürk"}),
            create("case", "q", {"account_id": "b", "subject": "Messe", "description": "Rückfrage"}),
            create("attachment", "f", {"account_id": "b", "name": "Grundriss.pdf"}),
        ]
    )
    query = parse(typed, date(2026, 3, 1))
    names = {name: (name,) for name in ENTITIES}
    kinds = tuple(kinds_named(query.types, names)) if query.types else None
    hits = filled.read(lambda reader: reader.find(query, 50, kinds))
    assert {hit.root[1] if hit.entity in ("channel", "address") else hit.id for hit in hits} == found


def test_a_search_nobody_waits_for_stops(filled: ClientStore) -> None:
    with pytest.raises(Superseded):
        filled.read(lambda reader: reader.find(SearchQuery("kran"), still=lambda: False))
