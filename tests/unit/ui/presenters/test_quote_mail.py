"""The mail of a quote: opened by a mail program as a draft, in the customer's language, noted as prepared."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import cast

import pytest

from crm_desktop.errors import InvalidInput
from crm_desktop.services.quotes import NewLine
from tests.unit.ui.window.shell_for_tests import ME, open_app, receive, world
from ui.compose import App
from ui.presenters.quote_mail import prepare_mail


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    now = datetime(2026, 11, 19, 9, 4, tzinfo=UTC)
    profile = open_app(tmp_path / "profile", now)
    receive(profile.store, world(now))
    profile.records.create("channel", {"contact_id": "con-1", "kind": "email", "value": "old@alfreds.example"})
    profile.records.create(
        "channel", {"contact_id": "con-1", "kind": "email", "value": "maria@alfreds.example", "preferred": True}
    )
    yield profile
    profile.close()


def revision(app: App, account: str = "acc-1", contact: str | None = "con-1", *, send: bool = True) -> str:
    quote = app.quotes.new_quote(account, contact, lines=[NewLine("p-chai", Decimal(60))])
    (row,) = app.store.read(lambda reader: reader.where("quote_revision", quote_id=quote))
    if send:
        app.quotes.send(row["id"])
    return str(row["id"])


def parsed(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=default)


def body(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return "\n".join(str(part.get_content()).splitlines())


def test_it_goes_to_the_preferred_address_with_the_paper(app: App) -> None:
    made = prepare_mail(app, revision(app), "de")
    mail = parsed(made.path)
    assert (mail["To"], mail["From"], mail["X-Unsent"]) == ("maria@alfreds.example", "anne@northwind.example", "1")
    assert "Quote D7F-00001" in mail["Subject"]  # the account speaks English
    assert "please find our quote" in body(mail)
    (paper,) = mail.iter_attachments()
    assert paper.get_content_type() == "application/pdf"
    assert str(paper.get_filename()).startswith("D7F-00001")
    assert cast(bytes, paper.get_content()).startswith(b"%PDF")
    assert made.path.parent.parent == app.folder


def test_it_is_noted_as_prepared_and_never_as_sent(app: App) -> None:
    made = prepare_mail(app, revision(app), "en")
    activity = app.store.read(lambda reader: reader.get("activity", made.activity_id))
    assert activity is not None
    assert (activity["kind"], activity["status"], activity["direction"]) == ("email", "prepared", "out")
    assert (activity["account_id"], activity["contact_id"], activity["owner_id"]) == ("acc-1", "con-1", ME)
    assert "D7F-00001" in activity["subject"]


def test_german_where_the_customer_has_no_language_and_no_address_leaves_the_recipient_open(app: App) -> None:
    made = prepare_mail(app, revision(app, "acc-2", "con-2"), "de")
    mail = parsed(made.path)
    assert (made.to, mail["To"]) == ("", None)
    assert "Angebot" in mail["Subject"]
    assert "Mit freundlichen Grüßen\nAnne Dodsworth" in body(mail)


@pytest.mark.parametrize("value", ["x@y.example, boss@rival.example", "x@y.example\nBcc: z@rival.example", "nobody"])
def test_what_is_no_single_address_becomes_no_header(app: App, value: str) -> None:
    app.records.create("channel", {"contact_id": "con-3", "kind": "email", "value": value, "preferred": True})
    mail = parsed(prepare_mail(app, revision(app, "acc-3", "con-3"), "en").path)
    assert (mail["To"], mail["Bcc"]) == (None, None)


def test_a_draft_is_not_mailed(app: App) -> None:
    with pytest.raises(InvalidInput) as told:
        prepare_mail(app, revision(app, send=False), "en")
    assert told.value.code == "not_issued"
    assert not app.store.read(lambda reader: reader.where("activity"))
