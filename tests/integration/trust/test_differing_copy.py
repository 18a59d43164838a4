"""A laptop's copy that is not what it should be: the difference is narrowed down, named and mended."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_desktop.errors import SessionError
from crm_desktop.ids import new_id
from crm_desktop.store.intents import patch
from tests.integration.in_process import Company, Profile, Wire, profile_at

ROWS = 300


@pytest.fixture
def laptop(company: Company, tmp_path: Path) -> Iterator[Profile]:
    """A laptop that holds them all."""
    anna = company.user("anna")
    company.storage.write_records(
        [("account", new_id(), {"name": f"A{n:03}", "owner_id": anna}) for n in range(ROWS)], "desk"
    )
    with profile_at(company, anna, tmp_path / "laptop") as made:
        assert made.sync().digest_ok
        yield made


def damage(laptop: Profile, statement: str, *values: object) -> None:
    """Change the file behind the program's back, and the sums with it as a computation anew would."""
    laptop.store._writer.call(lambda connection: connection.execute(statement, values) and None, mode="apply")
    laptop.store.recompute_digest()


def ids(laptop: Profile) -> list[str]:
    """Ids of the accounts, by name."""
    rows = laptop.store.read(lambda reader: reader.where("account"))
    return [row["id"] for row in sorted(rows, key=lambda row: str(row["name"]))]


def test_what_differs_alone_is_fetched_and_named(laptop: Profile) -> None:
    changed, lost, *_ = ids(laptop)
    damage(laptop, "UPDATE account SET name = 'wrong' WHERE id = ?", changed)
    damage(laptop, "DELETE FROM account WHERE id = ?", lost)
    report = laptop.sync()
    assert report.error is None
    assert (report.repaired, report.digest_ok) == (True, True)
    assert set(report.differed) == {("account", changed), ("account", lost)}
    assert laptop.wire.asked.count("/sync/v1/refetch") == 1
    assert report.pulled == 0  # everything else stays as it is
    row = laptop.get("account", changed)
    assert row is not None
    assert row["name"] == "A000"
    assert laptop.get("account", lost) is not None


def test_a_row_too_many_leaves(laptop: Profile) -> None:
    first, extra = ids(laptop)[0], new_id()
    for statement, values in (
        ("CREATE TEMP TABLE twin AS SELECT * FROM account WHERE id = ?", (first,)),
        ("UPDATE twin SET id = ?", (extra,)),
        ("INSERT INTO account SELECT * FROM twin", ()),
    ):
        damage(laptop, statement, *values)
    report = laptop.sync()
    assert report.differed == (("account", extra),)
    assert report.digest_ok
    assert laptop.get("account", extra) is None


def test_work_that_waits_survives_the_mending(laptop: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = ids(laptop)[0]
    damage(laptop, "UPDATE account SET website = 'wrong' WHERE id = ?", changed)
    laptop.store.commit([patch("account", changed, {"name": "Mine"})])

    def busy(_self: Wire, _body: object, _before: object) -> dict[str, object]:
        raise SessionError("retry", "The server is busy.")

    with monkeypatch.context() as patched:
        patched.setattr(Wire, "push", busy)
        report = laptop.sync()
    assert report.differed == (("account", changed),)
    row = laptop.get("account", changed)
    assert row is not None
    assert (row["name"], row["website"]) == ("Mine", "")
    assert laptop.sync().digest_ok
    assert laptop.outbox() == 0


def test_sums_alone_gone_wrong_cost_one_question(laptop: Profile) -> None:
    laptop.store._writer.call(lambda connection: connection.execute("UPDATE scope_sum SET sum = sum + 1") and None)
    report = laptop.sync()
    assert (report.repaired, report.differed, report.digest_ok) == (True, (), True)
    assert "/sync/v1/refetch" not in laptop.wire.asked


def test_a_server_that_does_not_know_the_question_is_read_anew(
    laptop: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = ids(laptop)[0]
    damage(laptop, "UPDATE account SET name = 'wrong' WHERE id = ?", changed)

    def unknown(_self: Wire, _call: str, _body: object) -> dict[str, object]:
        raise SessionError("not_found", "There is nothing at this address.")

    monkeypatch.setattr(Wire, "ask", unknown)
    report = laptop.sync()
    assert (report.repaired, report.digest_ok) == (True, True)
    assert report.differed == (("account", changed),)
    assert report.pulled >= ROWS


def test_damage_to_content_alone_is_found_within_a_week(laptop: Profile) -> None:
    changed = ids(laptop)[0]
    statement = "UPDATE account SET name = 'wrong' WHERE id = ?"
    laptop.store._writer.call(lambda connection: connection.execute(statement, (changed,)) and None, mode="apply")
    assert laptop.sync().digest_ok  # the sums are of what was noted when the row came
    laptop.company.clock.move(days=8)
    assert laptop.sync().digest_ok
    report = laptop.sync()
    assert (report.differed, report.digest_ok) == ((("account", changed),), True)
