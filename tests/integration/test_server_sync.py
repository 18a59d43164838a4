"""Push and pull between laptops and a real server, on both databases."""

from tests.integration.server_process import Laptop, RunningServer, patching


def test_a_record_travels_to_the_colleague_and_digests_agree(server: RunningServer) -> None:
    server.run("territory", "add", "N")
    server.add_user("anna", territories=["N"])
    server.add_user("ben", territories=["N"])
    anna, ben = server.device("anna"), server.device("ben")
    territory = _territory(anna)
    account = anna.account(territory_id=territory, external_id="K1")
    contact = anna.create("contact", account_id=account, name="Jörg Weiß")
    visit = anna.create("visit", account_id=account, subject="First visit", participants=["b", "a"])
    ben.pull()
    assert ben.rows["account", account]["name"] == "Müller"
    assert ben.rows["contact", contact]["name"] == "Jörg Weiß"
    assert ben.rows["visit", visit]["participants"] == ["a", "b"]
    assert ben.rows["visit", visit]["created_by"] == anna.user_id
    anna.pull()
    assert ben.own_digest() == ben.digest
    assert anna.own_digest() == anna.digest
    assert server.run("check") == "Everything holds.\n"


def test_different_fields_merge_and_one_field_conflicts_once(server: RunningServer) -> None:
    server.run("territory", "add", "N")
    server.add_user("anna", territories=["N"])
    server.add_user("ben", territories=["N"])
    anna, ben = server.device("anna"), server.device("ben")
    account = anna.account(territory_id=_territory(anna))
    anna.pull()
    ben.pull()
    version = ben.versions["account", account]
    first = anna.push(patching("account", account, version, website=("", "a.example"), name=("Müller", "Müller AG")))
    assert first == ["applied"]
    assert ben.push(patching("account", account, version, vat_id=("", "DE1"))) == ["applied"]
    assert ben.push(patching("account", account, version, name=("Müller", "Müller KG"))) == ["conflict"]
    assert ben.push(patching("account", account, version, name=("Müller", "Müller OHG"))) == ["conflict"]
    anna.pull()
    ben.pull()
    row = anna.rows["account", account]
    assert (row["name"], row["website"], row["vat_id"]) == ("Müller AG", "a.example", "DE1")
    for laptop in (anna, ben):
        conflicts = laptop.of("conflict")
        assert len(conflicts) == 1
        assert conflicts[0]["mine"] == '{"name":"Müller OHG"}'
        assert conflicts[0]["theirs"] == '{"name":"Müller AG"}'
        assert (conflicts[0]["mine_by"], conflicts[0]["theirs_by"]) == (ben.user_id, anna.user_id)
        assert laptop.own_digest() == laptop.digest


def test_a_poisoned_transaction_in_the_middle_is_kept_and_the_rest_goes_on(server: RunningServer) -> None:
    server.add_user("anna")
    anna = server.device("anna")
    account = anna.account()
    poison = patching("account", "00000000-0000-7000-8000-000000000000", 0, name=("", "ghost"))
    sent = [
        anna.transaction(patching("account", account, 0, website=("", "one.example"))),
        anna.transaction(patching("account", account, 0, industry=("", "lost")), poison),
        anna.transaction(patching("account", account, 0, vat_id=("", "DE3"))),
    ]
    answer = anna.send(*sent).json()
    outcomes = [[op["outcome"] for op in result["ops"]] for result in answer["results"]]
    assert outcomes == [["applied"], ["quarantined", "quarantined"], ["applied"]]
    assert answer["results"][1]["ops"][0]["detail"]["code"] == "unknown_row"
    anna.pull()
    row = anna.rows["account", account]
    assert (row["website"], row["industry"], row["vat_id"]) == ("one.example", "", "DE3")
    kept = anna.of("quarantine")
    assert [entry["txn_id"] for entry in kept] == [sent[1]["txn_id"]]
    assert "lost" in kept[0]["payload"]


def _territory(laptop: Laptop) -> str:
    laptop.pull()
    return next(record_id for entity, record_id in laptop.rows if entity == "territory")
