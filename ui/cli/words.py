"""What the command line says, in English and German, and errors by their code from the shared catalogue."""

from collections.abc import Mapping

from crm_desktop.errors import CrmError
from ui.errors import shown

LANGUAGES = ("en", "de")

WORDS: dict[str, tuple[str, str]] = {
    "created": ("Created: {what}", "Angelegt: {what}"),
    "changed": ("Saved.", "Gespeichert."),
    "own_already": ("Nothing taken: yours already.", "Nichts übernommen: Es gehört Ihnen schon."),
    "has_no_quotes": (
        "Nothing taken: {name} has no quotes on this laptop.",
        "Nichts übernommen: {name} hat keine Angebote auf diesem Laptop.",
    ),
    "unchanged": ("Nothing to change.", "Nichts zu ändern."),
    "deleted": (
        "Deleted; the server decides at the next sync.",
        "Gelöscht; der Server entscheidet beim nächsten Abgleich.",
    ),
    "none": ("Nothing.", "Nichts."),
    "column_id": ("file", "Datei"),
    "column_name": ("name", "Name"),
    "column_bytes": ("bytes", "Byte"),
    "column_place": ("where", "wo"),
    "file_only_here": ("only here, {percent} % sent", "nur hier, {percent} % gesendet"),
    "file_here": ("here and on the server", "hier und auf dem Server"),
    "file_away": ("on the server", "auf dem Server"),
    "file_wanted": ("being fetched, {percent} %", "wird geholt, {percent} %"),
    "file_missing": ("not on the server", "nicht auf dem Server"),
    "file_damaged": ("damaged", "beschädigt"),
    "enrolled": (
        "This laptop is enrolled for {login}. Now run: sync",
        "Dieser Laptop gehört jetzt zu {login}. Weiter mit: sync",
    ),
    "key_keyring": ("The database key is in the keyring.", "Der Datenbankschlüssel liegt im Schlüsselbund."),
    "key_passphrase": (
        "No keyring works here: the database key is guarded by your passphrase alone.",
        "Hier arbeitet kein Schlüsselbund: Der Datenbankschlüssel ist allein durch Ihre Passphrase geschützt.",
    ),
    "synced": (
        "Sent {pushed}, received {pulled}; conflicts {conflicts}, refused {refused}.",
        "Gesendet {pushed}, empfangen {pulled}; Konflikte {conflicts}, abgelehnt {refused}.",
    ),
    "verified": ("The data here equals the server's.", "Die Daten hier gleichen denen des Servers."),
    "differs": ("The data here differs from the server's.", "Die Daten hier weichen von denen des Servers ab."),
    "files_left": (
        "Attached files that did not fit and go with the next courier file: {count}.",
        "Angehängte Dateien, die nicht hineinpassten und mit der nächsten Kurierdatei gehen: {count}.",
    ),
    "decided": ("Decided.", "Entschieden."),
    "discarded": ("Discarded.", "Verworfen."),
    "sent_again": (
        "Sent again with the next sync: {count}.",
        "Geht mit dem nächsten Abgleich erneut hinaus: {count}.",
    ),
    "handed_over": ("Handed to inside sales: {count}.", "An den Innendienst gegeben: {count}."),
    "with_the_desk": ("lies with inside sales", "liegt beim Innendienst"),
    "on_its_way": ("It is on its way to the server already.", "Es ist schon unterwegs zum Server."),
    "sent": ("The quote is sent; this revision is frozen.", "Das Angebot ist versandt; diese Fassung steht fest."),
    "asked": ("The quote waits for approval.", "Das Angebot wartet auf Freigabe."),
    "approved": ("Approved: the quote may be sent.", "Freigegeben: Das Angebot darf hinaus."),
    "returned": ("Returned to its author.", "An den Verfasser zurückgegeben."),
    "mail_ready": (
        "Prepared, not sent: {file} for {to}. Open it in your mail program and send it there.",
        "Vorbereitet, nicht gesendet: {file} an {to}. Öffnen Sie es in Ihrem Mailprogramm und senden Sie es dort.",
    ),
    "mail_nobody": ("an address you enter there", "eine Adresse, die Sie dort eintragen"),
    "repriced": ("Today's prices stand on every line.", "Auf jeder Zeile stehen die heutigen Preise."),
    "lost": ("The quote is closed as lost.", "Das Angebot ist als verloren geschlossen."),
    "ordered": ("Order {number}, {net} {currency}", "Auftrag {number}, {net} {currency}"),
    "won": ("won", "gewonnen"),
    "not_won": ("lost", "verloren"),
    "won_lost": (
        "Won {won}, lost {lost}, net. Sent in the period and open: {open}.",
        "Gewonnen {won}, verloren {lost}, netto. Im Zeitraum gesendet und offen: {open}.",
    ),
    "written": ("Written: {file}", "Geschrieben: {file}"),
    "imported": (
        "{rows} rows: {created} new, {updated} changed, {unchanged} unchanged, {problems} with problems.",
        "{rows} Zeilen: {created} neu, {updated} geändert, {unchanged} unverändert, {problems} mit Problemen.",
    ),
    "dry_run": ("This was a trial: nothing is saved.", "Das war ein Probelauf: Nichts ist gespeichert."),
    "leads_read": ("{count} leads, {problems} with a remark.", "{count} Interessenten, {problems} mit Bemerkung."),
    "unmapped": ("Columns without a field: {columns}", "Spalten ohne Feld: {columns}"),
    "before": ("before", "vorher"),
    "mine": ("mine", "meine"),
    "theirs": ("theirs", "andere"),
    "passphrase_new": ("New passphrase for this profile: ", "Neue Passphrase für dieses Profil: "),
    "passphrase": ("Passphrase of this profile: ", "Passphrase dieses Profils: "),
    "online": ("online", "online"),
    "offline": ("offline", "offline"),
    "syncing": ("syncing", "Abgleich läuft"),
    "stopped": ("stopped", "angehalten"),
    "refused": ("refused by the server", "vom Server abgelehnt"),
    "status": (
        "{state}: {waiting} waiting, {conflicts} conflicts, {refused} refused, sent {sent}, received {received}",
        "{state}: {waiting} wartend, {conflicts} Konflikte, {refused} abgelehnt, gesendet {sent}, empfangen {received}",
    ),
    "ok": ("ok", "in Ordnung"),
    "total": ("Total", "Summe"),
    "departure": (
        "{complete} of {accounts} customers of the next days are complete.",
        "{complete} von {accounts} Kunden der nächsten Tage sind vollständig.",
    ),
    "gap_account_away": ("the customer is not on this laptop", "der Kunde ist nicht auf diesem Laptop"),
    "gap_no_contact": ("no contact", "kein Kontakt"),
    "gap_no_address": ("no address", "keine Adresse"),
    "gap_quote_without_lines": ("a quote without its lines", "ein Angebot ohne seine Zeilen"),
    "gap_files_away": ("files on the server alone: {count}", "Dateien allein auf dem Server: {count}"),
    "gap_files_lost": ("files that cannot be had: {count}", "Dateien, die nicht zu haben sind: {count}"),
    "gap_no_prices": ("no price list holds on {day}", "keine Preisliste gilt am {day}"),
    "gap_never_synced": ("never synchronised", "noch nie abgeglichen"),
    "gap_stale": ("last sync {count} hours ago", "letzter Abgleich vor {count} Stunden"),
    "gap_to_come": ("records still to come: {count}", "Datensätze, die noch kommen: {count}"),
    "calendar_written": ("Visits written: {count}", "Besuche geschrieben: {count}"),
    "calendar_taken": (
        "{made} new visits, {changed} changed, {same} unchanged.",
        "{made} neue Besuche, {changed} geändert, {same} unverändert.",
    ),
    "skip_broken": ("Line {line}: cannot be read. {summary}", "Zeile {line}: nicht lesbar. {summary}"),
    "skip_no_start": ("Line {line}: has no start. {summary}", "Zeile {line}: ohne Beginn. {summary}"),
    "skip_past": ("Line {line}: is over. {summary}", "Zeile {line}: ist vorbei. {summary}"),
    "skip_reply": ("Line {line}: an answer, no visit. {summary}", "Zeile {line}: eine Antwort, kein Besuch. {summary}"),
    "skip_too_often": (
        "Line {line}: repeats too often; the first ones are taken. {summary}",
        "Zeile {line}: wiederholt sich zu oft; die ersten sind übernommen. {summary}",
    ),
    "skip_too_long": (
        "Line {line}: lasts more than a month; the first 31 days are taken. {summary}",
        "Zeile {line}: dauert länger als einen Monat; die ersten 31 Tage sind übernommen. {summary}",
    ),
    "calendar_whole_days": (
        "Whole days: {count}. They stand in the list of their day and take no time of its route.",
        "Ganze Tage: {count}. Sie stehen in der Liste ihres Tages und belegen keine Zeit seiner Route.",
    ),
    "skip_no_calendar": ("This is no calendar file.", "Das ist keine Kalenderdatei."),
}


def machine_language(environment: Mapping[str, str]) -> str:
    """The language a machine's user asked for in the usual variables; English where it is neither of ours."""
    said = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return next((language for language in LANGUAGES if said.split("_")[0].split(".")[0] == language), LANGUAGES[0])


def word(key: str, language: str, /, **values: object) -> str:
    """A message in 'en' or 'de' with its placeholders filled."""
    return WORDS[key][language == "de"].format_map(values)


def told(error: CrmError, language: str) -> str:
    """What happened and what to do, in one line."""
    said = shown(error, language)
    return f"{said.title} {said.advice}".strip()
