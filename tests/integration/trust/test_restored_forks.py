"""A backup is put back in which a fork of a draft is missing: it comes again, with what its author made of it."""

from decimal import Decimal
from pathlib import Path

from crm_desktop.rules.forks import fork_id
from crm_desktop.services.conflicts import ConflictService
from tests.integration.in_process import Company, Profile
from tests.integration.people import Making, quotes, refusals
from tests.integration.test_quote_forks import line, lines, people, shared_draft, sync
from tests.integration.trust.test_restored import Backup, company, holds

__all__ = ["company", "people"]


def changed_by_both(anna: Profile, ben: Profile, folder: Path) -> tuple[Backup, str, str, str]:
    """A backup from before two people changed one line of a draft; the draft, that line, and the fork it leads to."""
    _, revision = shared_draft(anna, ben)
    backup = Backup(anna.company, folder)
    chai = line(anna, revision, "chai")
    quotes(anna).change_line(chai, Decimal(20))
    quotes(ben).change_line(chai, Decimal(30))
    return backup, revision, chai, fork_id(revision, ben.user_id)


def test_what_he_made_of_his_version_is_not_written_over_by_what_he_wrote_on_the_common_one(
    company: Company, people: Making, tmp_path: Path
) -> None:
    anna, ben = people("anna"), people("ben")
    backup, revision, chai, fork = changed_by_both(anna, ben, tmp_path)
    quotes(ben).change_line(chai, Decimal(32))  # on what waits: both are his version
    sync(anna, ben, anna)
    assert lines(ben, fork)["chai"][0] == "32.000"
    quotes(ben).change_line(line(ben, fork, "chai"), Decimal(33))
    quotes(anna).change_line(chai, Decimal(21))
    quotes(ben).change_line(chai, Decimal(31))  # he knows both versions
    sync(anna, ben, anna)
    backup.put_back()
    sync(anna, ben, anna, ben)
    assert lines(anna, revision)["chai"][0] == "21.000"
    assert lines(anna, fork)["chai"][0] == "33.000"
    assert ConflictService(ben.store).open() != []  # he is asked about 31
    holds(company)


def test_what_a_colleague_made_of_a_fork_waits_until_the_fork_is_there_again(
    company: Company, people: Making, tmp_path: Path
) -> None:
    anna, ben = people("anna"), people("ben")
    backup, _, _, fork = changed_by_both(anna, ben, tmp_path)
    sync(anna, ben, anna)
    quotes(anna).change_line(line(anna, fork, "chai"), Decimal(35))
    sync(anna, ben)
    backup.put_back()
    for person in (anna, ben, anna, ben):
        assert person.sync().error is None
    assert refusals(anna).open() == []
    for person in (anna, ben):
        assert lines(person, fork)["chai"] == ("35.000", "630.00")
    holds(company)
