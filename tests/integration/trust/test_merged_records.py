"""Two records for one customer: asked about, merged, and what is still sent under the old id follows."""

from crm_desktop.ids import new_id
from server.storage.aliases import merge_records
from server.storage.check import problems
from tests.integration.in_process import Company, Direct
from tests.integration.server_process import creating, patching


def merge(company: Company, keep: str, gone: str) -> int:
    """What `crm-server account merge` does."""
    with company.storage.write(actor="admin") as commit:
        return merge_records(commit, "account", keep, gone)


def pair(company: Company) -> tuple[Direct, str, str]:
    """A rep with two accounts, the second with a contact."""
    anna = company.laptop(company.user("anna"))
    keep = anna.account(name="Keep", website="keep.example", tags=["a"])
    gone = anna.account(name="Gone", vat_id="DE1", website="gone.example", tags=["b"], notes="second")
    anna.create("contact", account_id=gone, name="C")
    anna.pull()
    return anna, keep, gone


def test_what_the_kept_one_lacks_is_taken_over_and_all_references_move(company: Company) -> None:
    anna, keep, gone = pair(company)
    assert merge(company, keep, gone) == 1
    anna.pull()
    row = anna.rows["account", keep]
    assert (row["name"], row["website"], row["vat_id"]) == ("Keep", "keep.example", "DE1")
    assert (row["tags"], row["notes"]) == (["a", "b"], "second")
    assert [contact["account_id"] for contact in anna.of("contact")] == [keep]
    assert ("account", gone) not in anna.rows
    assert anna.own_digest() == anna.digest
    with company.storage.read() as connection:
        assert problems(connection) == []


def test_an_operation_on_the_old_id_reaches_the_kept_record(company: Company) -> None:
    anna, keep, gone = pair(company)
    version = anna.versions["account", gone]
    merge(company, keep, gone)
    outcomes = [
        # not taken over from the old record, so its old value is not the kept one's: a conflict, nothing is lost
        anna.push(patching("account", gone, version, website=("gone.example", "new.example"))),
        # the same value stood in both
        anna.push(patching("account", gone, version, vat_id=("DE1", "DE2"))),
        anna.push({"k": "set_add", "e": "account", "id": gone, "f": "tags", "v": ["c"], "base_ver": version}),
        anna.push(patching("account", gone, version, owner_id=(anna.user_id, None))),
        anna.push({"k": "delete", "e": "account", "id": gone, "seen_cursor": 10**6}),
        anna.push(creating("task", new_id(), account_id=gone, subject="T")),
    ]
    assert outcomes == [["conflict"], ["applied"], ["applied"], ["merged"], ["merged"], ["applied"]]
    anna.pull()
    row = anna.rows["account", keep]
    assert (row["website"], row["vat_id"], row["tags"]) == ("keep.example", "DE2", ["a", "b", "c"])
    assert row["owner_id"] == anna.user_id
    assert [task["account_id"] for task in anna.of("task")] == [keep]
    assert anna.own_digest() == anna.digest


def test_a_chain_of_merges_leads_to_the_last(company: Company) -> None:
    anna, keep, gone = pair(company)
    last = anna.account(name="Last")
    merge(company, keep, gone)
    merge(company, last, keep)
    assert anna.push({"k": "set_add", "e": "account", "id": gone, "f": "tags", "v": ["c"], "base_ver": 1}) == [
        "applied"
    ]
    assert anna.push({"k": "restore", "e": "account", "id": keep}) == ["merged"]
    anna.pull()
    assert anna.rows["account", last]["tags"] == ["a", "b", "c"]
    assert len(anna.of("account")) == 1


def test_what_was_deleted_before_comes_back_to_the_kept_record(company: Company) -> None:
    anna, keep, gone = pair(company)
    ((_, contact),) = (key for key in anna.rows if key[0] == "contact")
    visit = anna.create("visit", account_id=gone, subject="V")
    anna.pull()
    for entity, record_id in (("contact", contact), ("visit", visit)):
        delete = {"k": "delete", "e": entity, "id": record_id, "seen_cursor": anna.cursor["seq"]}
        assert anna.push(delete) == ["applied"]
    merge(company, keep, gone)
    assert anna.push({"k": "restore", "e": "contact", "id": contact}) == ["applied"]
    assert anna.push({"k": "restore", "e": "visit", "id": visit}) == ["applied"]
    anna.pull()
    assert anna.rows["contact", contact]["account_id"] == keep
    assert anna.rows["visit", visit]["account_id"] == keep
    assert anna.own_digest() == anna.digest


def test_an_account_like_another_is_kept_and_asked_about(company: Company) -> None:
    anna, ben = company.laptop(company.user("anna")), company.laptop(company.user("ben"))
    first = anna.account(name="Müller GmbH", external_id="K1")
    answer = anna.send(anna.transaction(creating("account", new_id(), name="Müller GmbH", owner_id=anna.user_id)))
    assert answer.json()["results"][0]["ops"][0]["detail"] == {"duplicate_candidate": first}
    hidden = ben.send(ben.transaction(creating("account", new_id(), name="Müller GmbH", owner_id=ben.user_id)))
    told = hidden.json()["results"][0]["ops"][0]
    assert (told["outcome"], told["detail"]) == ("applied", None)
    anna.pull()
    ben.pull()
    assert len(anna.of("account")) == 2
    assert [task["subject"] for task in anna.of("task")] == ["Duplicate? Dublette? Müller GmbH K1"] * 2
    assert ben.of("task") == []
