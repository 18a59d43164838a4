"""The command line from approval to order: the steps of a quote by their verbs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_desktop.documents.letterhead import recipient_of
from crm_desktop.errors import InvalidInput, KnownError
from crm_desktop.store.reader import Reader
from tests.unit.ui.window.shell_for_tests import LAURA, ME, open_app, receive, world
from ui.cli.output import Output
from ui.cli.parser import build
from ui.compose import App


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_app(tmp_path / "profile", now)
    receive(profile.store, world(now) | {"discount_ceiling": [{"id": "c", "role": "inside_sales", "percent": "10"}]})
    yield profile
    profile.close()


def ask(app: App, capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    arguments = build().parse_args(["--json", "quote", *words])
    assert arguments.run(app, arguments, Output(as_json=True, language="en")) == 0
    return json.loads(capsys.readouterr().out)


def test_from_ceiling_to_order(app: App, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    number = ask(app, capsys, "new", "Alfreds Futterkiste", "--line", "1:60:15")["number"]
    with pytest.raises(InvalidInput, match="with a reason"):
        ask(app, capsys, "ask", number, "--reason", " ")
    assert ask(app, capsys, "ask", number, "--reason", "A whole year")["status"] == "waiting_approval"
    assert ask(app, capsys, "return", number, "--word", "12")["status"] == "returned"
    quote = ask(app, capsys, "show", number)
    assert (quote["revision"]["decision_note"], quote["revision"]["decided_by"]) == ("12", ME)
    app.approvals.edit_again(quote["revision"]["id"])
    assert ask(app, capsys, "reprice", number)["net"] == quote["net"]
    ask(app, capsys, "ask", number, "--reason", "Please")
    with pytest.raises(KnownError) as told:  # his own request
        ask(app, capsys, "approve", number)
    assert told.value.code == "own_approval"
    app.records.update("quote_revision", quote["revision"]["id"], {"requested_by": LAURA})
    assert ask(app, capsys, "approve", number)["status"] == "approved"
    assert ask(app, capsys, "send", number)["status"] == "sent"
    mail = ask(app, capsys, "mail", number, str(tmp_path / "quote.eml"))
    assert mail["status"] == "prepared"
    assert (tmp_path / "quote.eml").read_bytes().startswith(b"X-Unsent: 1")
    first, again = (ask(app, capsys, "order", number) for _ in range(2))
    assert first == again
    assert (first["lines"], first["net"]) == (1, quote["net"])


def test_a_letter_names_the_country_only_abroad(app: App) -> None:
    def envelope(reader: Reader) -> tuple[str, ...]:
        account = reader.get("account", "acc-1")
        assert account is not None
        return recipient_of(reader, account, None)

    assert app.store.read(envelope)[-2:] == ("12209 Berlin", "Germany")
    receive(app.store, {"company": [{"id": "company", "name": "Northwind Traders", "country": "germany "}]})
    assert app.store.read(envelope)[-1] == "12209 Berlin"


def test_lost_with_its_reason(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    number = ask(app, capsys, "new", "Alfreds Futterkiste", "--line", "1:60")["number"]
    ask(app, capsys, "send", number)
    with pytest.raises(SystemExit):
        build().parse_args(["quote", "lost", number])
    assert (
        ask(app, capsys, "lost", number, "--reason", "price", "--competitor", "B", "--gap", "6,5")["status"] == "lost"
    )
    quote = ask(app, capsys, "show", number)["quote"]
    assert (quote["lost_reason"], quote["competitor"], quote["price_gap_percent"]) == ("price", "B", "6.50")
