"""After a backup was put back: what the server itself had written since is repeated from the journal."""

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from crm_desktop.model.facts import Kind
from crm_desktop.model.wire import Row, clean_row, default_row, field_facts
from server.storage import users
from server.storage.aliases import kept_references, move_references, note_alias
from server.storage.blobs import Blobs
from server.storage.commit import Commit
from server.storage.devices import revoke
from server.storage.journal import Entry
from server.storage.parents import under_kept
from server.storage.push import Pusher
from server.storage.record_writing import write_chunk
from server.storage.records import Key
from server.storage.repeated_values import RepeatedValues
from server.storage.storage import Storage
from server.storage.tables import commit, journal_done, sync_state, user_account
from server.storage.written_since import WrittenSince


@dataclass(slots=True)
class Repeated:
    """What came of the journal.

    `there`: commits the backup still holds; `gone`: records deleted since; `files`: those without bytes here; `newer`:
    values, records and sign-ins left as they are, because somebody has written on them since.
    """

    there: int = 0
    commits: int = 0
    records: int = 0
    gone: int = 0
    newer: int = 0
    people: int = 0
    files: int = 0
    erased: int = 0
    unreadable: int = 0


def restored(storage: Storage) -> Repeated:
    """Begin a new history on a restored database and repeat the journal. Running it again changes nothing more.

    People may be at work again already, or the journal may hold what an earlier restore lost: what was written later
    than an entry stands.
    """
    done = Repeated()
    done.erased = storage.erase_again()
    epoch, _ = storage.state()
    storage.new_epoch(epoch)
    if storage.journal is None:
        return done
    entries = list(storage.journal.entries())
    with storage.read() as connection:
        there = [is_there(connection, entry) for entry in entries]
    later = {entry["commit_id"] for entry, known in zip(entries, there, strict=True) if known}
    of_both: set[tuple[Key, str]] = set()
    told_last = {p["user_id"]: at for at, entry in enumerate(entries) if there[at] for p in entry.get("people", ())}
    for at, entry in enumerate(entries):
        if there[at]:
            later.discard(entry["commit_id"])
            done.there += 1
            continue
        people = [person for person in entry.get("people", ()) if told_last.get(person["user_id"], -1) < at]
        done.newer += len(entry.get("people", ())) - len(people)
        with storage.write(actor=str(entry["actor"]), journal=False) as made:
            made.connection.execute(insert(journal_done).values(commit_id=entry["commit_id"]))
            since = WrittenSince(str(entry["at"]), later, of_both)
            _repeat(made, storage, entry | {"people": people}, since, done)
        done.commits += 1
    done.unreadable = storage.journal.unreadable
    return done


def _repeat(made: Commit, storage: Storage, entry: Entry, since: WrittenSince, done: Repeated) -> None:
    if _merged_in_use(made, entry, since):
        done.newer += 1
        return
    _repeat_records(made, storage.blobs, entry, since, done)
    for entity, gone_id, keep_id in entry.get("aliases", ()):
        # What is back here hung on the other then no more: laptops had moved or deleted it.
        if made.live(entity, keep_id) is not None:
            move_references(made, entity, keep_id, gone_id)
        note_alias(made, entity, gone_id, keep_id)
    _repeat_deletions(made, entry, since, done)
    # A laptop may have come before.
    keys = {(told["e"], told["id"]) for told in entry.get("records", ())}
    Pusher.carry_out_awaited(made, storage.settings, storage.blobs, keys)
    for person in entry["people"]:
        done.people += _repeat_person(made, person)
    for device_id in entry.get("revoked", ()):
        revoke(made.connection, device_id, str(entry["at"]))


def is_there(connection: Connection, entry: Entry) -> bool:
    """Whether the database holds this commit, or its repetition."""
    if int(entry["seq"]) <= (connection.scalar(select(sync_state.c.floor_seq)) or 0):
        return True
    c = commit.c
    if connection.scalar(select(c.commit_id).where(c.seq == entry["seq"])) == entry["commit_id"]:
        return True
    d = journal_done.c
    return connection.scalar(select(d.commit_id).where(d.commit_id == entry["commit_id"])) is not None


def _merged_in_use(made: Commit, entry: Entry, since: WrittenSince) -> bool:
    """Whether a merge is not to be repeated: the record that was to go is worked on again, or the other went instead.

    Then both stay with what is theirs, or what was made one the other way round stays one.
    """
    for entity, gone_id, keep_id in entry.get("aliases", ()):
        gone, keep = made.live(entity, gone_id), made.get(entity, keep_id)
        if gone is not None and (since.in_use(made, gone) or (keep is not None and keep.deleted)):
            return True
    return False


def _repeat_records(made: Commit, blobs: Blobs, entry: Entry, since: WrittenSince, done: Repeated) -> None:
    for told in entry.get("records", ()):
        entity, record_id = told["e"], told["id"]
        found = made.get(entity, record_id)
        if found is not None and found.deleted and not told.get("back"):
            done.gone += not told.get("del", False)
            continue
        if told.get("del"):
            continue
        values, homeless = under_kept(made, entity, told.get("whole", told["v"]) if found is None else told["v"])
        values = values | kept_references(made, entity, values)
        if homeless and (found is None or found.deleted):
            done.gone += 1
            if found is None:
                _goes_with_its_parent(made, (entity, record_id), values, told)
        elif found is not None and found.deleted:
            made.put(entity, record_id, found.row | values, found.field_ver)
            done.records += 1
        elif found is None and "whole" in told and entity == "attachment" and not _has_bytes(blobs, values):
            done.files += 1  # bytes before rows: its laptop brings both
        elif found is None and "whole" in told:
            _come_before_its_laptop(made, (entity, record_id), values, told)
            done.records += 1
        else:
            if found is not None:
                repeated = RepeatedValues(made, (entity, record_id), found, since)
                repeated.take(values, told.get("was", {}), homeless)
                values, done.newer = repeated.values, done.newer + repeated.newer
            done.records += write_chunk(made, [(entity, record_id, values)], since.at)


def _has_bytes(blobs: Blobs, row: Row) -> bool:
    return blobs.here(str(row.get("sha256", "")), int(row.get("size", 0)))


def _repeat_deletions(made: Commit, entry: Entry, since: WrittenSince, done: Repeated) -> None:
    for told in entry.get("records", ()):
        entity, record_id = told["e"], told["id"]
        found = made.get(entity, record_id)
        if not told.get("del") or (found is not None and found.deleted):
            continue
        if found is not None and since.in_use(made, found):
            done.newer += 1
            continue
        for below in made.descendants(entity, record_id):  # its laptop had moved it away: its owner may bring it back
            left = made.live(*below)
            if left is not None:
                made.put(*below, left.row, left.field_ver, deleted=True, deleted_op=str(entry["commit_id"]))
        row, versions = (default_row(entity), {}) if found is None else (found.row, found.field_ver)
        made.put(entity, record_id, row, versions, deleted=True)  # its laptop may send it again: it stays deleted
        done.records += 1


def _goes_with_its_parent(made: Commit, key: Key, values: Row, told: Entry) -> None:
    """What it belongs to was deleted since: it is there, and deleted; what its laptop sends again is kept for it."""
    row = clean_row(key[0], values)
    made.put(*key, row, {}, deleted=True, created_op=str(told.get("made", key[1])))


def _come_before_its_laptop(made: Commit, key: Key, values: Row, told: Entry) -> None:
    """A record that a laptop made, as it stood last: what its laptop sends again was written before that."""
    entity, record_id = key
    row = clean_row(entity, values)
    versions = dict.fromkeys(values, made.seq)
    for name, facts in field_facts(entity).items():
        if facts.kind is Kind.SET:
            versions |= {f"{name}/{element}": made.seq for element in row[name]}
    made.put(entity, record_id, row, versions, field_at=told["times"], created_op=told["made"])


def _repeat_person(made: Commit, person: dict[str, object]) -> int:
    """Sign-in, role and territories as they were; 1 where something changed."""
    user_id = str(person["user_id"])
    values = {name: person[name] for name in ("login", "password_hash", "role", "active")}
    c = user_account.c
    before = made.connection.execute(
        select(c.login, c.password_hash, c.role, c.active).where(c.user_id == user_id)
    ).one_or_none()
    if before is None:
        users.add_account(made, user_id, str(values["login"]), str(values["password_hash"]), str(values["role"]))
    elif before.role != values["role"]:
        users.set_role(made, user_id, str(values["role"]))
    made.connection.execute(update(user_account).where(c.user_id == user_id).values(**values))
    held = set(users.territories_of(made.connection, user_id))
    wanted = {str(i) for i in person["territories"]}  # type: ignore[attr-defined]
    if held != wanted:
        users.change_territories(made, user_id, grant=wanted - held, revoke=held - wanted)
    return int(before is None or held != wanted or tuple(before) != tuple(values.values()))
