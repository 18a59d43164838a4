"""One history told to a server on SQLite and to one on PostgreSQL: the same answers, the same rows at the end.

Both begin as copies of one database, so that users, devices and the epoch are the same. The databases are compared
directly, by none of the product's code.
"""

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from crm_desktop.ids import new_id
from crm_desktop.model.wire import text_hash
from server.storage.storage import Storage
from tests.end2end.compare_rows import open_server
from tests.integration.faults.cluster import Cluster
from tests.integration.faults.programs import serve
from tests.integration.server_process import Laptop, RunningServer, creating, patching

# Of records the server makes itself (conflicts, refusals, tasks about duplicates) ids and times are its own.
OWN = {"id", "created_at", "refused_at", "theirs_at", "resolved_at"}
PATCHED = {
    "account": ("industry", "website", "external_id"),
    "contact": ("job_title", "salutation"),
    "visit": ("subject", "next_step"),
    "task": ("subject", "due_on"),
}


@dataclass(slots=True)
class Twins:
    """The two servers and, for each of the three people, one laptop on each."""

    servers: tuple[RunningServer, RunningServer]
    people: list[tuple[Laptop, Laptop]]
    made: set[str] = field(default_factory=set)  # ids of records that people created

    @classmethod
    def found(cls, folder: Path, cluster: Cluster) -> "Twins":
        """A company with two reps of one territory and one at the desk, twice."""
        folder.mkdir(parents=True, exist_ok=True)
        first = RunningServer(str(folder / "server.db"), folder)
        Storage.create(first.database).close()
        first.start()
        first.run("territory", "add", "N")
        first.add_user("anna", territories=["N"])
        first.add_user("berta", territories=["N"])
        first.add_user("desk", role="inside_sales", territories=["N"])
        laptops = [first.device(login) for login in ("anna", "berta", "desk")]
        first.stop()
        other = folder / "postgres"
        other.mkdir()
        second = RunningServer(cluster.address(), other)
        copy_database(Path(first.database), second.database)
        serve(first)
        serve(second)
        people = [(laptop, _double(laptop, second)) for laptop in laptops]
        return cls((first, second), people)

    def close(self) -> None:
        """End both servers."""
        for server in self.servers:
            server.stop()


def _double(laptop: Laptop, server: RunningServer) -> Laptop:
    return Laptop(server, laptop.token, laptop.device_id, laptop.user_id, laptop.code, laptop.epoch)


def copy_database(source: Path, target: str) -> None:
    """All rows of an SQLite server into a new PostgreSQL one."""
    Storage.create(target).close()
    with sqlite3.connect(source) as sqlite, psycopg.connect(target) as postgres:
        tables = postgres.execute(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position), "
            "array_agg(data_type::text ORDER BY ordinal_position) FROM information_schema.columns "
            "WHERE table_schema = 'public' GROUP BY table_name"
        ).fetchall()
        for name, columns, kinds in tables:
            listed = ", ".join(f'"{column}"' for column in columns)
            rows = sqlite.execute(f'SELECT {listed} FROM "{name}"').fetchall()
            postgres.execute(f'DELETE FROM "{name}"'.encode())
            filled = ", ".join(["%s"] * len(columns))
            for row in rows:
                values = [
                    bool(value) if kind == "boolean" and value is not None else value
                    for value, kind in zip(row, kinds, strict=True)
                ]
                postgres.execute(f'INSERT INTO "{name}" ({listed}) VALUES ({filled})'.encode(), values)
    sqlite.close()


def live(twins: Twins, steps: int, seed: int) -> tuple[list[str], dict[str, int]]:
    """A history of so many transactions: (differences between the answers, how often each outcome came)."""
    chance = random.Random(seed)
    wrong: list[str] = []
    outcomes: dict[str, int] = {}
    sent: dict[int, dict[str, Any]] = {}
    for pair in twins.people:
        for laptop in pair:
            laptop.pull()
    for step in range(steps):
        who = chance.randrange(len(twins.people))
        pair = twins.people[who]
        if chance.random() < 0.2:
            for laptop in pair:
                laptop.pull()
        again = who in sent and chance.random() < 0.06
        txn = sent[who] if again else _transaction(twins, pair[0], chance)
        twins.made |= {op["id"] for op in txn["ops"] if op["k"] == "create"}
        sent[who] = txn
        answers = [laptop.send(txn) for laptop in pair]
        pair[1].client_seq, pair[1].txn_id = pair[0].client_seq, pair[0].txn_id
        told = [(answer.status_code, _comparable(answer.json())) for answer in answers]
        if told[0] != told[1]:
            wrong.append(f"step {step}: {txn['ops']} was answered {told[0]} and {told[1]}")
        for result in answers[0].json().get("results", []):
            for op in result["ops"]:
                outcomes[op["outcome"]] = outcomes.get(op["outcome"], 0) + 1
    for pair in twins.people:
        for laptop in pair:
            laptop.pull()
            if laptop.own_digest() != laptop.digest:
                wrong.append("a digest differs from the rows told")
    return wrong, outcomes


def _comparable(answer: Any) -> Any:
    """An answer without what each server draws for itself: ids of its conflict and quarantine records."""
    if isinstance(answer, dict):
        return {k: _comparable(v) for k, v in answer.items() if k not in ("conflicts", "quarantine")}
    return [_comparable(item) for item in answer] if isinstance(answer, list) else answer


def _transaction(twins: Twins, laptop: Laptop, chance: random.Random) -> dict[str, Any]:
    known = [key for key in laptop.rows if key[1] in twins.made]
    ops = [op for _ in range(chance.choice((1, 1, 1, 2, 3))) for op in _operations(laptop, known, chance)]
    return laptop.transaction(*ops, **({"void": True} if chance.random() < 0.03 else {}))


def _operations(laptop: Laptop, known: list[tuple[str, str]], chance: random.Random) -> Iterator[dict[str, Any]]:
    kind = chance.choices(
        ("account", "child", "quote", "patch", "text", "tags", "delete", "restore", "wrong"),
        (8, 12, 3, 28, 18, 14, 3, 4, 5),
    )[0]
    accounts = [record_id for entity, record_id in known if entity == "account"]
    mine: dict[str, Any] = {"owner_id": laptop.user_id}
    if kind == "account" or not accounts:
        name = f"Müller {chance.randrange(40)}"
        shared = next(record_id for entity, record_id in laptop.rows if entity == "territory")
        tags = chance.sample(["a", "b", "ß", "z"], 2)
        yield creating("account", new_id(), name=name, tags=tags, territory_id=shared, **mine)
        return
    account = chance.choice(accounts)
    version = laptop.versions["account", account]
    if kind == "child":
        entity = chance.choice(("contact", "visit", "task", "order"))
        values = {
            "contact": {"name": "Öz"},
            "visit": {"subject": "Besuch", "note": "One.\nTwo.\nThree.\n", **mine},
            "task": {"subject": "Call", **mine},
            "order": {"freight": "12.50", **mine},
        }[entity]
        yield creating(entity, new_id(), account_id=account, **values)
    elif kind == "quote":
        quote, revision = new_id(), new_id()
        yield creating("quote", quote, number=f"Q-{quote[-6:]}", account_id=account, **mine)
        yield creating("quote_revision", revision, quote_id=quote, revision=1)
        yield {"k": "transition", "e": "quote_revision", "id": revision, "from": "draft", "to": "sent"}
    elif kind == "tags":
        element = chance.choice(["a", "b", "c", "é"])
        yield {"k": chance.choice(("set_add", "set_remove")), "e": "account", "id": account, "f": "tags",
               "v": [element], "base_ver": version}  # fmt: skip
    elif kind == "delete":
        yield {"k": "delete", "e": "account", "id": account, "seen_cursor": laptop.cursor["seq"]}
    elif kind == "restore":
        gone = [record_id for event, entity, record_id in laptop.events if event == "gone" and entity == "account"]
        yield {"k": "restore", "e": "account", "id": chance.choice(gone or accounts)}
    elif kind == "wrong":
        yield chance.choice(
            (
                patching("account", new_id(), 0, industry=("", "nowhere")),
                creating("account", account, name="taken", **mine),
                creating("visit", new_id(), account_id=new_id(), subject="dangling", **mine),
                patching("account", account, version, no_such_field=("", "x")),
            )
        )
    else:
        yield from _edit(laptop, known, chance, kind)


def _edit(laptop: Laptop, known: list[tuple[str, str]], chance: random.Random, kind: str) -> Iterator[dict[str, Any]]:
    visits = [record_id for entity, record_id in known if entity == "visit"]
    if kind == "text" and visits:
        visit = chance.choice(visits[-2:])
        note = laptop.rows["visit", visit]["note"]
        lines = note.splitlines(keepends=True) or ["\n"]
        lines[chance.randrange(len(lines))] = f"Line {chance.randrange(1000)}.\n"
        yield {"k": "text", "e": "visit", "id": visit, "f": "note", "base_sha": text_hash(note), "text": "".join(lines)}
        return
    entity, record_id = chance.choice([key for key in known if key[0] in PATCHED][-8:])
    name = chance.choice(PATCHED[entity])
    new = f"2030-01-{chance.randrange(1, 29):02}" if name == "due_on" else f"Wert {chance.randrange(1000)}"
    row = laptop.rows[entity, record_id]
    yield patching(entity, record_id, laptop.versions[entity, record_id], **{name: (row[name], new)})


def differences(twins: Twins) -> list[str]:
    """What differs between the two databases: content, versions, deletions, numbers, the sequence itself."""
    first, second = (open_server(server.database) for server in twins.servers)
    wrong: list[str] = []
    try:
        for table in _entity_tables(first):
            wrong += _different_rows(table, *(_rows(connection, table, twins.made) for connection in (first, second)))
        metas = [_metas(connection, twins.made) for connection in (first, second)]
        wrong += [f"the state of {key} differs" for key in metas[0].keys() | metas[1].keys()
                  if metas[0].get(key) != metas[1].get(key)]  # fmt: skip
        for sql in ("SELECT last_seq, epoch FROM sync_state", "SELECT series, next_value FROM number_series"):
            if [tuple(row) for row in first.execute(sql)] != [tuple(row) for row in second.execute(sql)]:
                wrong.append(f"{sql} differs")
    finally:
        first.close()
        second.close()
    return wrong


def _entity_tables(sqlite: Any) -> list[str]:
    found = sqlite.execute("SELECT DISTINCT entity FROM row_meta").fetchall()
    return [name for (name,) in found]


def _rows(connection: Any, table: str, made: set[str]) -> dict[str, dict[str, Any]]:
    cursor = connection.execute(f'SELECT * FROM "{table}"')
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]
    # SQLite has no kind for truth values.
    bare = sorted(
        str(sorted((k, _plain(v)) for k, v in row.items() if k not in OWN)) for row in rows if row["id"] not in made
    )
    told = {row["id"]: row for row in rows if row["id"] in made}
    return told | {f"{table} {place} of the server": {"content": text} for place, text in enumerate(bare)}


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _different_rows(table: str, first: dict[str, dict[str, Any]], second: dict[str, dict[str, Any]]) -> list[str]:
    found = []
    for record_id in sorted(first.keys() | second.keys()):
        left, right = first.get(record_id), second.get(record_id)
        if left is None or right is None:
            found.append(f"{table} {record_id} is on one of the two servers alone")
            continue
        for name in left.keys() | right.keys():
            if name != "created_at" and left.get(name) != right.get(name):
                found.append(f"{table}.{name} of {record_id} is {left.get(name)!r} and {right.get(name)!r}")
    return found


def _metas(connection: Any, made: set[str]) -> dict[tuple[str, str], tuple[Any, ...]]:
    found = connection.execute("SELECT entity, id, row_ver, deleted, field_ver FROM row_meta").fetchall()
    return {
        (entity, record_id): (row_ver, bool(deleted), field_ver)
        for entity, record_id, row_ver, deleted, field_ver in found
        if record_id in made
    }
