"""What did not stand is kept for its author, and what was refused can be handed on; on both databases."""

import json
from typing import Any

from crm_desktop.ids import new_id
from crm_desktop.model.wire import text_hash
from server.storage.check import problems
from server.storage.users import change_territories
from tests.integration.in_process import Company, Direct
from tests.integration.server_process import Laptop, creating, patching
from tests.integration.test_server_outcomes import shared_account

TERRITORY = "01900000-0000-7000-8000-00000000000a"
EARLY, LATE = "2026-01-05T09:00:00.000Z", "2026-01-05T11:00:00.000Z"


def laptops(company: Company, *logins: str) -> list[Direct]:
    """Laptops of users who share the territory N; the day is past."""
    company.clock.move(days=1)
    company.write("territory", TERRITORY, code="N")
    found = [company.laptop(company.user(login, territories=[TERRITORY])) for login in logins]
    for laptop in found:
        laptop.pull()
    return found


def entries(laptop: Laptop) -> list[dict[str, Any]]:
    """The laptop's ledger after a pull: rule, status, whether he is the loser, mine, theirs, times."""
    laptop.pull()
    return [
        {
            "rule": row["rule"],
            "status": row["status"],
            "lost": row["mine_by"] == laptop.user_id,
            "before": json.loads(row["before"]),
            "mine": json.loads(row["mine"]),
            "theirs": json.loads(row["theirs"]),
            "at": (row["mine_at"], row["theirs_at"]),
        }
        for row in laptop.of("conflict")
    ]


def test_the_older_of_two_dates_goes_to_its_author_whoever_comes_first(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    account = shared_account(anna)
    first, second = (anna.create("task", account_id=account, subject=name, due_on="2026-02-01") for name in "AB")
    anna.pull()
    ben.pull()
    seen = anna.cursor["seq"]
    # The newer one comes last: the standing value was older and goes to Anna.
    anna.push(patching("task", first, seen, due_on=("2026-02-01", "2026-02-02")), at=EARLY)
    assert ben.push(patching("task", first, seen, due_on=("2026-02-01", "2026-02-03")), at=LATE) == ["conflict"]
    # The older one comes last: it goes to its own author.
    ben.push(patching("task", second, seen, due_on=("2026-02-01", "2026-02-05")), at=LATE)
    assert anna.push(patching("task", second, seen, due_on=("2026-02-01", "2026-02-04")), at=EARLY) == ["conflict"]
    told = sorted(entries(anna), key=lambda entry: entry["mine"]["due_on"])
    assert [(e["rule"], e["status"], e["lost"]) for e in told] == [("newest", "settled", True)] * 2
    assert [(e["mine"]["due_on"], e["theirs"]["due_on"]) for e in told] == [
        ("2026-02-02", "2026-02-03"),
        ("2026-02-04", "2026-02-05"),
    ]
    assert [e["at"] for e in told] == [(EARLY, LATE)] * 2  # when they were written, not when they arrived
    assert [anna.rows["task", i]["due_on"] for i in (first, second)] == ["2026-02-03", "2026-02-05"]
    assert {row["mine_device"] for row in anna.of("conflict")} == {anna.device_id}
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_two_texts_made_into_one_leave_their_sources(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    base = "one\ntwo\nthree\n"
    visit = anna.create("visit", account_id=shared_account(anna), note=base)
    ben.pull()

    def text(value: str, on: str = base) -> dict[str, str]:
        return {"k": "text", "e": "visit", "id": visit, "f": "note", "base_sha": text_hash(on), "text": value}

    assert anna.push(text("ONE\ntwo\nthree\n")) == ["applied"]
    assert ben.push(text("one\ntwo\nTHREE\n")) == ["merged"]
    # The next text of the same hand takes the place of his last in the same entry.
    assert ben.push(text("one\ntwo\nTHREE!\n", "one\ntwo\nTHREE\n")) == ["merged"]
    (entry,) = entries(ben)
    assert (entry["rule"], entry["status"]) == ("merged_text", "settled")
    assert entry["mine"] == {"note": "one\ntwo\nTHREE!\n"}
    assert ben.rows["visit", visit]["note"] == "ONE\ntwo\nTHREE!\n"
    assert [entry["lost"] for entry in entries(anna)] == [False]  # she sees it as the owner of the account


def test_a_second_conflict_on_the_field_takes_the_place_of_the_first(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    account = shared_account(anna)
    ben.pull()
    seen = ben.cursor["seq"]
    anna.push(patching("account", account, seen, website=("", "a.example")))
    assert ben.push(patching("account", account, seen, website=("", "b.example"))) == ["conflict"]
    assert ben.push(patching("account", account, seen, website=("b.example", "c.example"))) == ["conflict"]
    (entry,) = entries(ben)
    assert (entry["before"], entry["mine"], entry["theirs"]) == (
        {"website": ""},
        {"website": "c.example"},
        {"website": "a.example"},
    )
    assert (entry["status"], entry["lost"]) == ("open", True)


def test_a_value_its_author_no_longer_saw_is_not_displaced_by_his_next_one(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    account = shared_account(anna, notes="Opens at nine.")
    ben.pull()
    seen = ben.cursor["seq"]

    def text(value: str, on: str) -> dict[str, str]:
        return {"k": "text", "e": "account", "id": account, "f": "notes", "base_sha": text_hash(on), "text": value}

    anna.push(patching("account", account, seen, website=("", "a.example")), text("Opens at ten.", "Opens at nine."))
    ben.push(patching("account", account, seen, website=("", "b.example")))
    ben.push(text("Opens at eight.", "Opens at nine."))
    ben.pull()  # from here his laptop shows hers
    seen = ben.cursor["seq"]
    anna.push(patching("account", account, seen, website=("a.example", "aa.example")))
    anna.push(text("Opens at eleven.", "Opens at ten."))
    assert ben.push(patching("account", account, seen, website=("a.example", "c.example"))) == ["conflict"]
    assert ben.push(text("Opens at noon.", "Opens at ten.")) == ["conflict_copy"]
    told = entries(ben)
    assert sorted((e["status"], e["mine"].get("website")) for e in told if "website" in e["mine"]) == [
        ("open", "c.example"),
        ("settled", "b.example"),
    ]
    assert sorted((e["status"], e["mine"]["notes"]) for e in told if "notes" in e["mine"]) == [
        ("open", "Opens at noon."),
        ("settled", "Opens at eight."),
    ]
    assert all(entry["lost"] for entry in told)


def test_a_change_of_a_deleted_record_can_be_brought_back_with_it(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    contact = anna.create("contact", account_id=shared_account(anna), name="C", job_title="clerk", notes="old")
    anna.pull()
    ben.pull()
    seen = ben.cursor["seq"]
    assert anna.push({"k": "delete", "e": "contact", "id": contact, "seen_cursor": seen}) == ["applied"]
    text = {"k": "text", "e": "contact", "id": contact, "f": "notes", "base_sha": text_hash("old"), "text": "new"}
    assert ben.push(patching("contact", contact, seen, job_title=("clerk", "boss")), text) == ["gone", "gone"]
    told = entries(ben)
    assert [(e["rule"], e["status"], e["before"], e["mine"]) for e in told] == [
        ("gone", "open", {"job_title": "clerk"}, {"job_title": "boss"}),
        ("gone", "open", {"notes": "old"}, {"notes": "new"}),
    ]
    assert ("contact", contact) not in ben.rows
    entry = next(i for (e, i), row in ben.rows.items() if e == "conflict" and row["field"] == "job_title")
    decided = ben.push(
        {"k": "transition", "e": "conflict", "id": entry, "f": "status", "from": "open", "to": "mine"},
        {"k": "restore", "e": "contact", "id": contact},
        patching("contact", contact, 0, job_title=("clerk", "boss")),
    )
    ben.pull()
    assert decided == ["applied", "applied", "applied"], ben.of("quarantine")
    ben.pull()
    assert (ben.rows["contact", contact]["job_title"], ben.rows["conflict", entry]["status"]) == ("boss", "mine")
    assert ben.rows["conflict", entry]["resolved_by"] == ben.user_id
    assert ben.rows["conflict", entry]["resolved_at"]


def test_what_stands_out_of_his_sight_is_not_told_to_the_loser(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    south = company.write("territory", code="S")
    with company.storage.write(actor="admin") as commit:
        change_territories(commit, anna.user_id, grant=[south])
    account = shared_account(anna)
    anna.pull()
    ben.pull()
    seen = ben.cursor["seq"]
    north = anna.rows["account", account]["territory_id"]
    move = patching("account", account, seen, territory_id=(north, south), website=("", "secret.example"))
    assert anna.push(move) == ["applied"]
    late = patching("account", account, seen, website=("", "mine.example"))
    assert ben.push(late, seen_cursor=seen) == ["conflict"]
    (entry,) = entries(ben)
    assert (entry["mine"], entry["theirs"]) == ({"website": "mine.example"}, {})


def test_a_refused_change_is_handed_to_the_desk_and_sent_again_there(company: Company) -> None:
    (anna,) = laptops(company, "anna")
    desk = company.laptop(company.user("desk", "inside_sales", [TERRITORY]))
    account = shared_account(anna)
    refused = creating("contact", new_id(), account_id=account, name="C", owner_id=new_id())
    assert anna.push(refused) == ["quarantined"]
    anna.pull()
    desk.pull()
    assert not desk.of("quarantine")
    entry = next(i for e, i in anna.rows if e == "quarantine")
    given = patching("quarantine", entry, anna.cursor["seq"], handed_at=(None, LATE), note=("", "please look"))
    assert anna.push(given) == ["applied"]
    desk.pull()
    row = desk.rows["quarantine", entry]
    assert (row["note"], row["user_id"], json.loads(row["payload"])["ops"][0]["v"]["name"]) == (
        "please look",
        anna.user_id,
        "C",
    )
    fixed = creating("contact", refused["id"], account_id=account, name="C")
    assert desk.push(fixed, resolves=row["txn_id"]) == ["applied"]
    assert anna.push(creating("contact", new_id(), account_id=account, name="D"), resolves=row["txn_id"]) == [
        "duplicate"
    ]
    anna.pull()
    assert anna.rows["quarantine", entry]["status"] == "resolved"
    assert anna.rows["quarantine", entry]["resolved_by"] == desk.user_id
    assert [contact["name"] for contact in anna.of("contact")] == ["C"]
    assert anna.own_digest() == anna.digest
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_a_stranger_cannot_close_somebody_elses_entry(company: Company) -> None:
    anna, ben = laptops(company, "anna", "ben")
    account = shared_account(anna)
    assert anna.push(creating("contact", new_id(), account_id=account, name="C", owner_id=new_id())) == ["quarantined"]
    anna.pull()
    ben.pull()
    txn_id = anna.of("quarantine")[0]["txn_id"]
    assert ben.push(creating("contact", new_id(), account_id=account, name="X"), resolves=txn_id) == ["duplicate"]
    anna.pull()
    assert anna.of("quarantine")[0]["status"] == "open"
