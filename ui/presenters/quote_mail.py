"""A mail for the user's own mail program: written to a file, noted as prepared."""

from dataclasses import dataclass
from pathlib import Path

from crm_desktop.named_files import writing
from ui.compose import App

FOLDER = "mails"


@dataclass(frozen=True, slots=True)
class PreparedMail:
    """Where the mail lies, whom it is for (empty: no address is known) and the activity that tells of it."""

    path: Path
    to: str
    activity_id: str


def prepare_mail(app: App, revision_id: str, fallback: str, path: Path | None = None) -> PreparedMail:
    """Write the mail of an issued revision to `path` (default: a folder of the profile) and note it as prepared.

    KnownError cannot_write, InvalidInput not_issued, errors of the documents part. Nothing is sent.
    """
    from crm_desktop.documents.quote_mail import compose_mail

    app.mails.check(revision_id)
    mail = compose_mail(app.store, revision_id, fallback, app.clock.now().astimezone())
    target = path or app.folder / FOLDER / mail.file_name
    with writing(target):
        if path is None:
            target.parent.mkdir(mode=0o700, exist_ok=True)
        target.write_bytes(mail.data)
    return PreparedMail(target, mail.to, app.mails.note_prepared(revision_id, mail.subject, mail.text))
