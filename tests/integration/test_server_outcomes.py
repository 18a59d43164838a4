"""Every operation ends in one outcome; transactions are all or nothing; sent twice is done once."""

import json
import threading

from crm_desktop.ids import new_id
from tests.integration.server_process import Laptop, RunningServer, creating, patching


def laptops(server: RunningServer, *logins: str) -> list[Laptop]:
    """Laptops of users who share the territory N."""
    server.run("territory", "add", "N")
    for login in logins:
        server.add_user(login, territories=["N"])
    found = [server.device(login) for login in logins]
    for laptop in found:
        laptop.pull()
    return found


def shared_account(laptop: Laptop, **values: object) -> str:
    """An account in the territory that all laptops of the test share."""
    territory = next(record_id for entity, record_id in laptop.rows if entity == "territory")
    return laptop.account(territory_id=territory, **values)


def test_sent_twice_is_done_once(server: RunningServer) -> None:
    (anna,) = laptops(server, "anna")
    txn = anna.transaction(creating("account", new_id(), name="Once", owner_id=anna.user_id))
    first, second = anna.send(txn).json(), anna.send(txn).json()
    assert first == second
    # The same operation under another number (a cloned laptop) is a duplicate, too.
    again = anna.transaction() | {"ops": txn["ops"]}
    assert anna.send(again).json()["results"][0]["ops"][0]["outcome"] == "duplicate"
    anna.pull()
    assert [row["name"] for row in anna.of("account")] == ["Once"]


def test_a_guard_stops_the_whole_transaction(server: RunningServer) -> None:
    (anna,) = laptops(server, "anna")
    account = shared_account(anna)
    gone = new_id()
    outcomes = anna.push(
        patching("account", account, 0, website=("", "half.example")),
        creating("visit", new_id(), account_id=gone, subject="nowhere"),
    )
    assert outcomes == ["quarantined", "quarantined"]
    anna.pull()
    assert anna.rows["account", account]["website"] == ""
    (entry,) = anna.of("quarantine")
    assert entry["reason"] == "dangling"
    assert [op["k"] for op in json.loads(entry["payload"])["ops"]] == ["patch", "create"]
    # Sent again as a new transaction it resolves the entry, once.
    fixed = patching("account", account, 0, website=("", "whole.example"))
    assert anna.push(fixed, resolves=entry["txn_id"]) == ["applied"]
    assert anna.push(fixed, resolves=entry["txn_id"]) == ["duplicate"]
    anna.pull()
    assert anna.of("quarantine")[0]["status"] == "resolved"


def test_delete_needs_to_have_seen_everything_and_restore_brings_all_back(server: RunningServer) -> None:
    anna, ben = laptops(server, "anna", "ben")
    account = shared_account(anna)
    contact = anna.create("contact", account_id=account, name="C")
    ben.pull()
    seen = ben.cursor["seq"]
    anna.push(patching("contact", contact, seen, job_title=("", "boss")))
    delete = {"k": "delete", "e": "account", "id": account, "seen_cursor": seen}
    assert ben.push(delete) == ["delete_request"]
    ben.pull()
    assert ben.rows["account", account]["name"] == "Müller"
    assert [row["rule"] for row in ben.of("conflict")] == ["delete_request"]
    # His own unseen changes do not stand in his way.
    anna.pull()
    anna.push(patching("account", account, 0, website=("", "x.example")))
    own = {"k": "delete", "e": "account", "id": account, "seen_cursor": anna.cursor["seq"]}
    assert anna.push(own) == ["applied"]
    assert ben.push(patching("contact", contact, ben.cursor["seq"], notes2=("", ""))) == ["gone"]
    assert ben.push(patching("contact", contact, ben.cursor["seq"], job_title=("boss", "chef"))) == ["gone"]
    ben.pull()
    assert ("account", account) not in ben.rows
    assert ("contact", contact) not in ben.rows
    assert ("gone", "contact", contact) in ben.events
    assert ben.own_digest() == ben.digest
    assert anna.push({"k": "restore", "e": "account", "id": account}) == ["applied"]
    ben.pull()
    anna.pull()
    assert ben.rows["contact", contact]["job_title"] == "boss"
    assert ben.rows["account", account]["website"] == "x.example"
    assert ben.own_digest() == ben.digest
    assert anna.own_digest() == anna.digest
    assert server.run("check") == "Everything holds.\n"


def test_moving_an_account_evicts_it_with_all_that_hangs_on_it(server: RunningServer) -> None:
    anna, ben = laptops(server, "anna", "ben")
    server.run("territory", "add", "S")
    account = shared_account(anna)
    contact = anna.create("contact", account_id=account, name="C")
    address = anna.create("address", contact_id=contact, city="Köln")
    visit = anna.create("visit", account_id=account, subject="V")
    ben.pull()
    anna.pull()
    south = next(i for (e, i), row in anna.rows.items() if e == "territory" and row["code"] == "S")
    north = anna.rows["account", account]["territory_id"]
    seen = ben.cursor["seq"]
    assert anna.push(patching("account", account, 99, territory_id=(north, south))) == ["applied"]
    ben.pull()
    for key in (("account", account), ("contact", contact), ("address", address), ("visit", visit)):
        assert key not in ben.rows
        assert ("evict", *key) in ben.events
    assert ben.own_digest() == ben.digest
    # What ben wrote before he could know is taken; what he writes afterwards is not.
    late = patching("visit", visit, seen, next_step=("", "call"))
    assert ben.push(late, seen_cursor=seen) == ["applied"]
    assert ben.push(patching("visit", visit, seen, next_step=("", "mail"))) == ["quarantined"]
    anna.pull()
    assert anna.rows["visit", visit]["next_step"] == "call"
    # A grant brings everything, a revoke takes it away again.
    server.run("territory", "grant", "S", "ben")
    ben.pull(limit=1)
    assert {("account", account), ("contact", contact), ("address", address), ("visit", visit)} <= set(ben.rows)
    assert ben.own_digest() == ben.digest
    server.run("territory", "revoke", "S", "ben")
    ben.pull()
    assert ("visit", visit) not in ben.rows
    assert ben.own_digest() == ben.digest
    assert server.run("check") == "Everything holds.\n"


def test_a_waiting_pull_answers_when_something_is_committed(server: RunningServer) -> None:
    anna, ben = laptops(server, "anna", "ben")
    answered = threading.Event()

    def wait() -> None:
        ben.pull(wait=25)
        answered.set()

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert not answered.wait(0.5)
    account = shared_account(anna)
    assert answered.wait(10)
    waiting.join()
    assert ("account", account) in ben.rows


def test_a_waiting_pull_hears_of_another_process(server: RunningServer) -> None:
    (anna,) = laptops(server, "anna")
    waiting = threading.Thread(target=anna.pull, kwargs={"wait": 25})
    waiting.start()
    server.run("territory", "add", "W")
    waiting.join(15)
    assert not waiting.is_alive()
    assert "W" in [row["code"] for row in anna.of("territory")]


def test_two_laptops_at_the_same_field_at_the_same_time(server: RunningServer) -> None:
    anna, ben = laptops(server, "anna", "ben")
    account = shared_account(anna)
    anna.pull()
    ben.pull()
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def write(laptop: Laptop, name: str) -> None:
        op = patching("account", account, laptop.versions["account", account], name=("Müller", name))
        start.wait()
        outcomes.extend(laptop.push(op))

    for number in range(5):
        threads = [threading.Thread(target=write, args=(who, f"{who.code} {number}")) for who in (anna, ben)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["applied"] + ["conflict"] * 9
    anna.pull()
    assert server.run("check") == "Everything holds.\n"


def test_cost_is_for_those_who_may_see_it(server: RunningServer) -> None:
    (anna,) = laptops(server, "anna")
    server.add_user("desk", "inside_sales", ["N"])
    desk = server.device("desk")
    product = desk.create("product", name="Chai", number="1", cost="9.5000")
    for laptop in (anna, desk):
        laptop.pull()
        assert laptop.own_digest() == laptop.digest
    assert anna.rows["product", product]["cost"] is None
    assert desk.rows["product", product]["cost"] == "9.5000"
    assert anna.push(patching("product", product, 99, name=("Chai", "Tea"))) == ["quarantined"]
    server.run("user", "role", "anna", "inside_sales")
    anna.pull()
    assert anna.rows["product", product]["cost"] == "9.5000"
    assert anna.own_digest() == anna.digest


def test_orders_draw_a_number_without_gaps_and_papers_freeze(server: RunningServer) -> None:
    (anna,) = laptops(server, "anna")
    account = shared_account(anna)
    first = anna.create("order", account_id=account, number="mine")
    bad = anna.push(creating("order", new_id(), account_id=account), creating("visit", new_id(), account_id=new_id()))
    assert bad == ["quarantined"] * 2
    second = anna.create("order", account_id=account)
    quote = anna.create("quote", account_id=account, number="Q1")
    revision = anna.create("quote_revision", quote_id=quote, revision=1)
    of_draft = {"quote_id": quote, "revision_id": revision}
    line = anna.create("quote_line", **of_draft, name="Chai", quantity="2", net_price="18", line_total="36.00")
    anna.create("quote_line", **of_draft, name="Opt", quantity="1", net_price="9", line_total="9.00", optional=True)
    anna.pull()
    assert [anna.rows["order", i]["number"] for i in (first, second)] == ["A-000001", "A-000002"]
    send = {"k": "transition", "e": "quote_revision", "id": revision, "f": "status", "from": "draft", "to": "sent"}
    assert anna.push(send | {"expected_total": "35.00"}) == ["quarantined"]
    anna.pull()
    assert anna.rows["quote_revision", revision]["needs_review"] is True
    assert anna.push(send | {"expected_total": "36.00"}) == ["quarantined"]
    confirm = patching("quote_revision", revision, anna.cursor["seq"], needs_review=(True, False))
    assert anna.push(confirm, send | {"expected_total": "36.00"}) == ["applied", "applied"]
    assert anna.push(patching("quote_line", line, 99, name=("Chai", "Tea"))) == ["quarantined"]
    anna.pull()
    assert anna.rows["quote_revision", revision]["status"] == "sent"
    reasons = sorted(row["reason"] for row in anna.of("quarantine"))
    assert reasons == ["dangling", "frozen", "needs_review", "total_differs"]


def test_texts_merge_and_keep_both_where_they_collide(server: RunningServer) -> None:
    from crm_desktop.model.wire import text_hash

    anna, ben = laptops(server, "anna", "ben")
    base = "one\ntwo\nthree\n"
    visit = anna.create("visit", account_id=shared_account(anna), note=base)
    ben.pull()

    def text(value: str) -> dict[str, str]:
        return {"k": "text", "e": "visit", "id": visit, "f": "note", "base_sha": text_hash(base), "text": value}

    assert anna.push(text("ONE\ntwo\nthree\n")) == ["applied"]
    assert ben.push(text("one\ntwo\nTHREE\n")) == ["merged"]
    assert ben.push(text("eins\ntwo\nthree\n")) == ["conflict_copy"]
    ben.pull()
    assert ben.rows["visit", visit]["note"] == "ONE\ntwo\nTHREE\n"
    assert sorted(row["rule"] for row in ben.of("conflict")) == ["merged_text", "text"]


def deleting(laptop: Laptop, entity: str, record_id: str) -> dict[str, object]:
    """A delete operation, made with what the laptop has pulled."""
    return {"k": "delete", "e": entity, "id": record_id, "seen_cursor": laptop.cursor["seq"]}


def test_what_one_made_oneself_does_not_stand_in_the_way_of_its_deletion(server: RunningServer) -> None:
    anna, ben = laptops(server, "anna", "ben")
    # Written and deleted offline, sent together; then one by one, never pulled in between.
    first, second = new_id(), new_id()
    sent = anna.send(
        anna.transaction(creating("account", first, name="A", owner_id=anna.user_id)),
        anna.transaction(creating("contact", new_id(), account_id=first, name="C")),
        anna.transaction(patching("account", first, 0, website=("", "a.example"))),
        anna.transaction(deleting(anna, "account", first)),
    ).json()
    assert [result["ops"][0]["outcome"] for result in sent["results"]] == ["applied"] * 4
    assert anna.push(creating("account", second, name="B", owner_id=anna.user_id)) == ["applied"]
    assert anna.push(patching("account", second, 0, website=("", "b.example"))) == ["applied"]
    assert anna.push(deleting(anna, "account", second)) == ["applied"]
    # Edited and deleted without having pulled one's own edit.
    third = shared_account(anna)
    anna.pull()
    ben.pull()
    assert anna.push(patching("account", third, 0, website=("", "c.example"))) == ["applied"]
    assert anna.push(deleting(anna, "account", third)) == ["applied"]
    # A colleague's change under one's own newer one has not been seen.
    fourth = shared_account(anna)
    anna.pull()
    ben.pull()
    seen = anna.cursor["seq"]
    assert ben.push(patching("account", fourth, seen, vat_id=("", "DE1"))) == ["applied"]
    assert anna.push(patching("account", fourth, seen, website=("", "d.example"))) == ["applied"]
    assert anna.push(deleting(anna, "account", fourth)) == ["delete_request"]
    anna.pull()
    ben.pull()
    assert [key for key in anna.rows if key[0] in ("account", "contact")] == [("account", fourth)]
    assert not [event for event in ben.events if event[2] == first]
    # What began and ended in one push comes back like anything else.
    assert anna.push({"k": "restore", "e": "account", "id": first}) == ["applied"]
    anna.pull()
    assert anna.rows["account", first]["website"] == "a.example"
    assert [row["name"] for row in anna.of("contact")] == ["C"]
    assert anna.own_digest() == anna.digest
    assert ben.own_digest() == ben.digest
    assert server.run("check") == "Everything holds.\n"


def test_a_tag_of_ones_own_is_taken_off_again_before_any_answer(server: RunningServer) -> None:
    anna, ben = laptops(server, "anna", "ben")
    account = shared_account(anna)
    anna.pull()
    ben.pull()
    seen = anna.cursor["seq"]

    def tags(kind: str, *elements: str) -> dict[str, object]:
        return {"k": kind, "e": "account", "id": account, "f": "tags", "v": list(elements), "base_ver": seen}

    assert anna.push(tags("set_add", "vip", "fair")) == ["applied"]
    assert anna.push(tags("set_remove", "vip")) == ["applied"]
    # A colleague added it, too: that addition anna had not seen.
    assert ben.push(tags("set_add", "fair")) == ["merged"]
    assert anna.push(tags("set_remove", "fair")) == ["merged"]
    ben.pull()
    assert ben.rows["account", account]["tags"] == ["fair"]
