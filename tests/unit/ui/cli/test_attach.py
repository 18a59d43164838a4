"""Files by command line, on a profile without server."""

import os
from pathlib import Path

from tests.unit.ui.cli.conftest import Profile


def test_a_file_is_added_listed_fetched_and_removed(profile: Profile, tmp_path: Path) -> None:
    profile.ask("new", "account", "name=Müller")
    paper = tmp_path / "Preis <1>.pdf"
    data = os.urandom(200_000)
    paper.write_bytes(data)
    made = profile.ask("attach", "add", "account", "Müller", str(paper), "--note", "from the fair")["id"]
    (listed,) = profile.ask("attach", "list", "Kunde", "Müller")
    assert (listed["id"], listed["name"], listed["size"], listed["place"], listed["note"]) == (
        made,
        "Preis _1_.pdf",
        200_000,
        "only_here",
        "from the fair",
    )
    assert "nur hier" in profile.say("--lang", "de", "attach", "list", "account", "Müller")
    target = tmp_path / "copy.pdf"
    profile.say("attach", "get", made[-12:], "--out", str(target))
    assert target.read_bytes() == data
    assert not (profile.folder / "viewing").exists()
    profile.say("attach", "remove", made)
    assert profile.ask("attach", "list", "account", "Müller") == []


def test_what_cannot_be_done_is_one_sentence(profile: Profile, tmp_path: Path) -> None:
    profile.ask("new", "account", "name=Müller")
    told = profile.ask("attach", "add", "account", "Müller", str(tmp_path / "gone"), code=1)
    assert told["error"] == "file_unreadable"
    assert profile.ask("attach", "get", "nothing", code=4)["error"] == "not_here"
