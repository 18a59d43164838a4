"""What the server holds and who may see it, read from its file by SQL of our own: nothing of the product's scope,
pull or digest code is used to judge the product."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite

from crm_desktop.model import ENTITIES
from crm_desktop.model.wire import columns, field_facts, from_columns

Key = tuple[str, str]
Row = dict[str, Any]
DESK = ("inside_sales", "admin")


@dataclass(frozen=True, slots=True)
class Held:
    """One record on the server."""

    ver: int
    row: Row
    deleted: bool
    deleted_op: str
    field_ver: Mapping[str, int]
    field_at: Mapping[str, str]


class Bell:
    """Tells whether anybody has written to the server's file since it was asked last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._db = sqlite.connect(str(path), isolation_level=None)
        self._heard = -1

    def rang(self) -> bool:
        """Whether there was a write; the first time there was."""
        version = int(self._db.execute("PRAGMA data_version").fetchone()[0])
        rang, self._heard = version != self._heard, version
        return rang

    def close(self) -> None:
        """Give the file back."""
        self._db.close()


class Truth:
    """One moment of the server's database."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite.connect(str(path), isolation_level=None)
        try:
            self._db.execute("BEGIN")
            self._read()
        finally:
            self._db.close()
        del self._db

    def _read(self) -> None:
        db = self._db
        self.epoch, self.last_seq, self.floor, self.epoch_seq = db.execute(
            "SELECT epoch, last_seq, floor_seq, epoch_seq FROM sync_state"
        ).fetchone()
        self.commits: list[tuple[int, str, str]] = db.execute(
            'SELECT seq, commit_id, device_id FROM "commit" ORDER BY seq'
        ).fetchall()
        live: dict[str, dict[str, Row]] = {}
        for entity in ENTITIES:
            names = ", ".join(f'"{name}"' for name in columns(entity))
            rows = db.execute(f'SELECT id, {names} FROM "{entity}"').fetchall()
            live[entity] = {row[0]: from_columns(entity, row[1:]) for row in rows}
        self.rows: dict[Key, Held] = {}
        self.stray: list[Key] = [(entity, i) for entity, rows in live.items() for i in rows]
        meta = db.execute(
            "SELECT entity, id, row_ver, deleted, deleted_op, field_ver, field_at FROM row_meta"
        ).fetchall()
        buried = {(e, i): text for e, i, text in db.execute("SELECT entity, id, row FROM tombstone")}
        for entity, record_id, ver, deleted, deleted_op, field_ver, field_at in meta:
            row = live[entity].get(record_id)
            if row is None:
                text = buried.get((entity, record_id))
                row = json.loads(text) if text else {}
            held = Held(ver, row, bool(deleted), deleted_op, json.loads(field_ver), json.loads(field_at))
            self.rows[entity, record_id] = held
        self.stray = [key for key in self.stray if key not in self.rows or self.rows[key].deleted]
        self.roles = dict(db.execute("SELECT user_id, role FROM user_account").fetchall())
        self.granted: dict[str, set[str]] = {}
        for user_id, territory in db.execute("SELECT user_id, territory_id FROM user_territory"):
            self.granted.setdefault(user_id, set()).add(territory)
        self.operations: dict[str, tuple[str, int]] = {
            op_id: (outcome, seq)
            for op_id, outcome, seq in db.execute("SELECT op_id, outcome, commit_seq FROM op_result")
        }
        # (device, client_seq) -> (txn_id, stored outcome, commit)
        self.results: dict[tuple[str, int], tuple[str, str, int]] = {
            (device, number): (txn, text, seq)
            for device, number, txn, text, seq in db.execute(
                "SELECT device_id, client_seq, txn_id, outcome, commit_seq FROM txn_result"
            )
        }
        # device -> (user, whether its clock was right at its last hello)
        self.devices: dict[str, tuple[str, bool]] = {
            device: (user_id, bool(trusted))
            for device, user_id, trusted in db.execute("SELECT device_id, user_id, clock_trusted FROM device")
        }
        self.aliases: dict[Key, str] = {
            (entity, gone): kept for entity, gone, kept in db.execute("SELECT entity, id, target_id FROM alias")
        }
        self.next_order: int = db.execute("SELECT next_value FROM number_series WHERE series = 'order'").fetchone()[0]

    def live(self, key: Key) -> Row | None:
        """A live record's row."""
        held = self.rows.get(key)
        return None if held is None or held.deleted else held.row

    def root(self, key: Key) -> Key:
        """The record at the top of its parents, as far as they live."""
        row = self.live(key)
        for name in ENTITIES[key[0]].FACTS.parents if row else ():
            if row and row.get(name):
                above = (str(field_facts(key[0])[name].ref), row[name])
                return self.root(above) if self.live(above) is not None else key
        return key

    def scopes(self, key: Key) -> frozenset[str]:
        """Where a live record travels to, from the rules as written down: root, its account, its owner."""
        root = self.root(key)
        return self._of_root(root[0], self.live(root) or {})

    def scopes_if_live(self, key: Key) -> frozenset[str]:
        """Where a record would travel to if it and all above it lived."""
        row = self.rows[key].row if key in self.rows else {}
        for name in ENTITIES[key[0]].FACTS.parents:
            if row.get(name):
                return self.scopes_if_live((str(field_facts(key[0])[name].ref), row[name]))
        return self._of_root(key[0], row) if row else frozenset()

    def _of_root(self, entity: str, row: Row) -> frozenset[str]:
        facts = ENTITIES[entity].FACTS
        if facts.catalogue:
            return frozenset({"catalogue"})
        if entity == "account":
            return self._account(row)
        if entity == "conflict":
            told = {name for side in ("before", "mine", "theirs") for name in json.loads(row[side] or "{}")}
            costs = row["entity"] in ENTITIES and told & set(_confidential(row["entity"]))
            return frozenset({"unassigned"}) if costs else self._people(row, "mine_by", "owner_id")
        if entity == "quarantine":
            handed = frozenset({"unassigned"} if row.get("handed_at") else ())
            return self._people(row, "user_id", "owner_id") | handed
        account = self.rows.get(("account", row.get(facts.account or "") or ""))
        if account is not None:
            return self._account(account.row)
        return self._people(row, facts.owner or "created_by", "created_by")

    @staticmethod
    def _account(row: Row) -> frozenset[str]:
        found = {f"territory:{row['territory_id']}"} if row["territory_id"] else set()
        found |= {f"user:{row['owner_id']}"} if row["owner_id"] else set()
        return frozenset(found or {"unassigned"})

    @staticmethod
    def _people(row: Row, *names: str) -> frozenset[str]:
        return frozenset({f"user:{row[name]}" for name in names if row.get(name)} or {"unassigned"})

    def user_scopes(self, user_id: str) -> frozenset[str]:
        """What a user may hold."""
        found = {"catalogue", f"user:{user_id}"} | {f"territory:{t}" for t in self.granted.get(user_id, ())}
        return frozenset(found | ({"unassigned"} if self.roles.get(user_id) in DESK else set()))

    @cached_property
    def _placed(self) -> dict[Key, frozenset[str]]:
        return {key: self.scopes(key) for key, held in self.rows.items() if not held.deleted}

    def visible(self, user_id: str) -> dict[Key, tuple[int, Row]]:
        """Every record a user's laptops hold when they are up to date, with its version."""
        mine = self.user_scopes(user_id)
        shown = self.roles.get(user_id) in DESK
        found: dict[Key, tuple[int, Row]] = {}
        for key, scopes in self._placed.items():
            if scopes & mine:
                held = self.rows[key]
                hidden = () if shown else _confidential(key[0])
                found[key] = (held.ver, held.row | dict.fromkeys(hidden) if hidden else held.row)
        return found


def _confidential(entity: str) -> tuple[str, ...]:
    return tuple(name for name, facts in field_facts(entity).items() if facts.permission)
