"""The comparison with the peers reads their lines right, and compares the right sides."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import __main__ as bench
from benchmarks import peers, peers_ours
from benchmarks.company import LAST_WORD
from benchmarks.generated import roots
from benchmarks.peers import Lost, Round, Size, figures
from benchmarks.peers_data import PeerCompany
from benchmarks.peers_floor import Floor
from benchmarks.peers_ours import OurProduct
from benchmarks.peers_theirs import Side, Unfinished, anki_side, bounded, pouch_side, told, versions

# Recorded from one run each; what nobody reads is cut.
ANKI = """
Blocked by nothing
RESULT {"cmd": "rowsync", "set": "10k", "notes": 43000, "push_all_s": 3.295, "pull_all_s": 2.937, "have": 43000}
RESULT {"cmd": "s1_full_download", "s": 0.959, "bytes_out": 11187797, "bytes_in": 583, "client_rss_mb": 355}
RESULT {"cmd": "s4", "set": "10k", "p50_ms": 0.39, "p95_ms": 10.69, "bytes_in": 306, "bytes_out": 230}
RESULT {"cmd": "s2", "set": "10k", "edits_s": 4092.5, "push_s": 0.048}
RESULT {"cmd": "s2", "set": "10k", "edits_s": 4220.5, "push_s": 0.056}
RESULT {"cmd": "s2", "set": "10k", "edits_s": 4068.9, "push_s": 0.046}
RESULT {"cmd": "s3_two_manual_syncs", "set": "10k", "p50_ms": 9.23, "p95_ms": 12.95, "n": 200}
RESULT {"cmd": "s5", "set": "10k", "s": 0.098, "docs": 500, "converged": 500, "edits_lost_silently": 500}
"""
POUCH = """
RESULT {"cmd":"s1","s":14.97,"docs":43000,"done":true,"bytes_out":11887704,"bytes_in":4141065,"client_rss_mb":209}
RESULT {"cmd":"s2","edits_s":1358.5,"push_s":0.65,"pushed":1000,"bytes_in":5380615,"bytes_out":765563,"reqs":2165}
RESULT {"cmd":"s4","p50_ms":26.34,"all":[441,27,27,26,24,26,21],"bytes_in":2219,"bytes_out":3941,"reqs":10}
RESULT {"cmd":"s3","n":50,"p50_ms":24.1,"p95_ms":35.8,"max_ms":26403.2}
"""
ANKI_SIDE = Side(
    rows_s=2.937, wire_bytes=11_188_380, memory_mb=355, edits_a_s=4092.5, push_s=0.048, live_ms=9.23, idle_ms=0.39,
    ready_s=0.959,
)  # fmt: skip
POUCH_SIDE = Side(
    rows_s=14.97, wire_bytes=16_028_769, memory_mb=209, edits_a_s=1358.5, push_s=0.65, live_ms=24.1, idle_ms=26.34
)
OURS = Side(
    rows_s=1.497, wire_bytes=8_014_384.5, memory_mb=167.2, edits_a_s=8185, push_s=0.065, live_ms=2.41, idle_ms=1.317,
    ready_s=0.4795,
)  # fmt: skip
# Of the goals it reaches all but those of Anki's whole file, of the push and of the call.
FLOOR = Floor(
    rows_s=0.7485, plain_s=0.4990, ready_s=0.68, edits_a_s=6138.75, push_s=0.26, own_s=0.52, live_ms=1.205,
    idle_ms=5.268,
)  # fmt: skip
BARE_REACHES_NOT = "; the bare machine does not reach this goal"
ACCOUNT, NOTE, QUOTE, LINE, AUTHOR = (f"{n}c7780f2-9dbe-41b7-96eb-703e7209b357" for n in range(5))
SIZE = Size(8, 5, "Pouch 9, Anki 26")


def test_what_the_peers_tell_is_read() -> None:
    assert anki_side(told(ANKI)) == (ANKI_SIDE, 500)
    assert pouch_side(told(POUCH)) == POUCH_SIDE


def test_a_first_sync_of_a_peer_that_did_not_end_is_no_figure() -> None:
    with pytest.raises(RuntimeError, match="did not end"):
        pouch_side(told(POUCH.replace('"done":true', '"done":false')))


def test_each_goal_compares_us_with_the_peer_of_its_name() -> None:
    found = {one.name: one for one in figures([Round(OURS, ANKI_SIDE, POUCH_SIDE, FLOOR)], Lost(3, 400, 500), SIZE)}
    values = {name: round(one.value, 2) for name, one in found.items()}
    assert values == {
        "First sync by pages, times faster than PouchDB": 10.0,
        "First sync by pages, times faster than Anki's row pull": 1.96,
        "First sync by parts, time of Anki's whole-file download": 0.5,
        "First sync by parts, bytes of PouchDB's": 0.5,
        "First sync by parts, bytes of Anki's file": 0.72,
        "Durable edits, rate of Anki's": 2.0,
        "Push of 1,000 edits, times faster than PouchDB": 10.0,
        "Live edit, times faster than PouchDB's live sync": 10.0,
        "Live edit, time of Anki's two syncs": 0.26,
        "Nothing changed, times faster than PouchDB": 20.0,
        "Edits lost without a word, beside the peers": 3,
        "First sync, memory of the whole program, of PouchDB's": 0.8,
    }
    missed = {name for name, one in found.items() if not one.reached}
    assert missed == {
        "First sync by pages, times faster than Anki's row pull",
        "Edits lost without a word, beside the peers",
    }
    assert found["First sync by pages, times faster than PouchDB"].detail == (
        "1.497 against 14.97 s; by parts 31.22 x; by the row 16.00 x; "
        "the same customers, 8 rows of ours, 5 of theirs (Pouch 9, Anki 26); "
        "the bare inserts alone 20.00 x (unencrypted, without search 30.00 x), 1 rounds"
    )
    assert "PouchDB hides 500, Anki drops 400" in found["Edits lost without a word, beside the peers"].detail


def test_beside_each_goal_stands_what_the_bare_machine_is_of_it() -> None:
    found = {one.name: one for one in figures([Round(OURS, ANKI_SIDE, POUCH_SIDE, FLOOR)], Lost(0, 500, 500), SIZE)}
    alone = {
        "First sync by pages, times faster than PouchDB": "the bare inserts alone 20.00 x",
        "First sync by pages, times faster than Anki's row pull": "the bare inserts alone 3.92 x",
        "First sync by parts, time of Anki's whole-file download": "a ready file encrypted anew alone 0.71 x",
        "Durable edits, rate of Anki's": "bare transactions of the same rows alone 1.50 x",
        "Push of 1,000 edits, times faster than PouchDB": "one round trip and bare writing alone 2.50 x",
        "Live edit, times faster than PouchDB's live sync": "three commits and two round trips alone 20.00 x",
        "Live edit, time of Anki's two syncs": "three commits and two round trips alone 0.13 x",
        "Nothing changed, times faster than PouchDB": "one authenticated round trip alone 5.00 x",
    }
    for name, figure in found.items():
        if name in alone:
            assert f"; {alone[name]}" in figure.detail
        else:
            assert "alone" not in figure.detail
    words = {name: one.detail.rpartition("; ")[2] for name, one in found.items() if one.detail.endswith("this goal")}
    assert words == {
        "First sync by parts, time of Anki's whole-file download": "the bare machine does not reach this goal",
        "Push of 1,000 edits, times faster than PouchDB": "the bare machine does not reach this goal",
        "Nothing changed, times faster than PouchDB": "the bare way through our server does not reach this goal",
    }
    assert "the bare inserts 0.78 x;" in found["First sync by parts, time of Anki's whole-file download"].detail
    assert "the server's own work 1.25 x;" in found["Push of 1,000 edits, times faster than PouchDB"].detail


def test_of_the_bare_machine_too_the_median_of_the_rounds_counts() -> None:
    floors = [replace(FLOOR, edits_a_s=rate) for rate in (1.0, 4911.0, 4910.0)]  # 1.2 x Anki's, and a little less
    table = [Round(OURS, ANKI_SIDE, POUCH_SIDE, floor) for floor in floors]
    for rounds, said in ((table, True), (table[1:2], False)):
        found = {one.name: one for one in figures(rounds, Lost(0, 500, 500), SIZE)}
        assert found["Durable edits, rate of Anki's"].detail.endswith(BARE_REACHES_NOT) is said


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    table = [Round(replace(OURS, rows_s=seconds), ANKI_SIDE, POUCH_SIDE, FLOOR) for seconds in (1.497, 0.1497, 14.97)]
    faster = next(iter(figures(table, Lost(0, 500, 500), SIZE)))
    assert faster.value == pytest.approx(10.0)


def test_a_peer_that_does_not_end_is_ended_with_what_it_started(tmp_path: Path) -> None:
    # What it started holds the lock; it is free again when that is gone.
    lock = tmp_path / "lock"
    with pytest.raises(RuntimeError, match="took longer than"):
        bounded(["sh", "-c", f"flock {lock} sleep 600 & sleep 600"], dict(os.environ), limit_s=2.0)
    subprocess.run(["flock", "--wait", "30", str(lock), "true"], check=True, timeout=60)


def test_of_a_script_that_ended_early_the_rest_counts() -> None:
    early = ANKI[: ANKI.index('RESULT {"cmd": "s3')]
    with pytest.raises(Unfinished, match="ended with 3") as ended:
        bounded(["sh", "-c", f"echo '{early}'; exit 3"], dict(os.environ))
    side, lost = anki_side(told(ended.value.output))
    assert (replace(side, live_ms=9.23), lost) == (ANKI_SIDE, None)

    table = [
        Round(OURS, side, POUCH_SIDE, FLOOR),
        Round(OURS, ANKI_SIDE, POUCH_SIDE, FLOOR),
        Round(OURS, side, POUCH_SIDE, FLOOR),
    ]
    found = {one.name: one for one in figures(table, Lost(0, 500, 500), SIZE)}
    assert found["Live edit, time of Anki's two syncs"].value == pytest.approx(2.41 / 9.23)


def test_the_releases_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "node" / "node_modules" / "pouchdb-node"
    package.mkdir(parents=True)
    (package / "package.json").write_text('{"name": "pouchdb-node", "version": "9.0.0"}')
    (tmp_path / "venv/lib/python3.11/site-packages/anki-26.9.3.dist-info").mkdir(parents=True)
    monkeypatch.setenv("PEERS_HOME", str(tmp_path))
    assert versions() == "PouchDB 9.0.0, Anki 26.9.3"


def test_where_they_are_not_installed_the_report_says_that_they_were_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PEERS_HOME", raising=False)
    report = tmp_path / "performance.md"

    assert bench.main([], [part for part in bench.PARTS if part[0] == peers.NAME], report) == 0

    assert "Left out of this run: peers." in report.read_text()
    assert "PEERS_HOME names no folder" in capsys.readouterr().err


def _customers(folder: Path) -> Path:
    """The folder of the peers' files, with one customer in them."""
    when = {"created_at": "2026-01-07T20:12:43.210Z", "updated_at": "2026-05-07T05:30:32.059Z"}
    files = {
        "accounts": {
            "id": ACCOUNT, "name": "Fenoto AG", "legal_name": "Fenoto AG Holding", "street": "Weg 29",
            "city": "Gent", "postcode": "40902", "region": "R37", "country": "BE", "phone": "+49 682 4",
            "email": "info@fenoto.example", "website": "https://fenoto.example", "industry": "Energy",
            "employees": 4991, "revenue": 10426269, "rating": "D", "status": "active", "owner_id": AUTHOR,
            "territory": "T074", "lat": 51.779731, "lon": 11.163992, "vat_id": "DE590876081", "notes": "filter", **when,
        },
        "notes": {
            "id": NOTE, "account_id": ACCOUNT, "author_id": AUTHOR, "visited_on": "2026-07-17",
            "subject": "machine", "body": "question", "outcome": "follow-up", **when,
        },
        "quotes": {
            "id": QUOTE, "account_id": ACCOUNT, "number": "Q-0000000", "status": "won", "currency": "EUR",
            "valid_until": "2026-04-21", **when,
        },
        "lines": {
            "id": LINE, "quote_id": QUOTE, "position": 1, "product_id": AUTHOR, "description": "pump",
            "quantity": 74, "unit_price_cents": 309416, "discount_pct": 5,
        },
    }  # fmt: skip
    data = folder / "data"
    data.mkdir()
    for name, row in files.items():
        (data / f"{name}.ndjson").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return data


def test_the_peers_customers_become_ours_whole(tmp_path: Path) -> None:
    (tmp_path / "server").mkdir()
    company = PeerCompany(tmp_path / "server", _customers(tmp_path))

    assert (company.rows, company.peer_rows, company.accounts) == (8, 4, [ACCOUNT])
    assert roots(company.records) == [ACCOUNT] * 8
    assert company.peer_rows == 4
    rows = {(entity, row.get("kind")): (record_id, row) for entity, record_id, row in company.records}
    account = rows["account", "company"][1]
    assert (account["credit_limit"], account["tags"]) == ("10426269.00", ["T074", "active", "rating D"])
    assert account["notes"] == "Fenoto AG Holding\nfilter"
    assert rows["address", "billing"][1]["latitude"] == "51.779731"
    assert rows["channel", "phone"][1]["value"] == "+49 682 4"
    assert rows["channel", "email"][1]["value"] == "info@fenoto.example"
    visit_id, visit = rows["visit", None]
    assert (visit_id, visit["note"], visit["outcome"]) == (NOTE, f"question {LAST_WORD}", "follow_up")
    revision_id, revision = rows["quote_revision", None]
    assert (revision["status"], revision["valid_until"]) == ("accepted", "2026-04-21")
    line = rows["quote_line", None][1]
    assert (line["revision_id"], line["list_price"], line["line_total"]) == (revision_id, "3094.1600", "217519.45")


def test_our_round_and_the_bare_one_beside_it_do_the_work_they_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, less in (("EDITS", 1), ("IDLE_SYNCS", 2), ("LIVE_EDITS", 2)):
        monkeypatch.setattr(peers_ours, name, less)
    monkeypatch.setenv("CRM_PASSPHRASE", "benchmark")
    ours, floor = OurProduct(tmp_path / "ours", _customers(tmp_path)).round()

    assert ours.wire_bytes > 0
    assert all(value > 0 for value in (*vars(ours).values(), *vars(floor).values()))
    assert sorted(path.name for path in (tmp_path / "ours").iterdir()) == ["bare", "kept", "server"]
