"""A profile copied with work waiting in it, written on in both copies: the words of both arrive."""

import json
import shutil
from pathlib import Path

import pytest

from crm_desktop.store.client_store import ClientStore
from crm_desktop.store.intents import text
from tests.integration.in_process import Company, Profile, profile_at


@pytest.mark.parametrize("first", ["original", "copy"])
def test_a_text_that_waited_and_was_changed_in_one_copy_arrives_twice(
    company: Company, tmp_path: Path, first: str
) -> None:
    anna = company.user("anna")
    with profile_at(company, anna, tmp_path / "one") as original:
        original.sync()
        account = company.laptop(anna).account(owner_id=anna)
        original.sync()
        original.store.commit([text("account", account, "notes", "Opens at nine.\n", base="")])
        original.store.close()
        shutil.copytree(tmp_path / "one", tmp_path / "two")
        original.store = ClientStore.open(tmp_path / "one", b"k" * 32, company.clock)
        with ClientStore.open(tmp_path / "two", b"k" * 32, company.clock) as copied:
            copy = Profile(company, copied, original.token, anna)
            copied.commit([text("account", account, "notes", "Opens at ten.\n", base="Opens at nine.\n")])
            assert copy.outbox() == 1  # nothing has left: the waiting change took it in
            one, two = (original, copy) if first == "original" else (copy, original)
            for laptop in (one, two, one, two):
                laptop.sync()
            assert (original.outbox(), copy.outbox()) == (0, 0)
            row = original.get("account", account)
            assert row is not None
            kept = [json.loads(c["mine"]) for c in original.store.read(lambda reader: reader.where("conflict"))]
            words = "\n".join([row["notes"], *(mine.get("notes", "") for mine in kept)])
            assert "Opens at nine." in words
            assert "Opens at ten." in words
            assert copy.get("account", account) == row
        original.store.close()
