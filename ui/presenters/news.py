"""What colleagues changed, as it arrived, and what of it asks for an answer. Kept inside the encrypted file."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from textwrap import shorten
from typing import Any

import orjson

from crm_desktop.model import ENTITIES
from crm_desktop.model.columns import format_instant
from crm_desktop.model.wire import Row, entity_facts, field_facts
from crm_desktop.rules.permissions import APPROVE, Permissions
from crm_desktop.store.reader import Reader
from ui.presenters.kept_settings import SettingsStore
from ui.presenters.titles import called

KEPT = 300
_WORD = 140  # letters of what somebody wrote that a notice has room for
MANY = 2000  # records in one change: a first sync or a grant, which is no news
_KEY = "news"
_DONE = ("done", "closed", "answered")


@dataclass(frozen=True, slots=True)
class Arrived:
    """A record as it came: `version` is the commit, `at` when this laptop received it."""

    entity: str
    id: str
    version: int
    at: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class NewsLog:
    """Newest first. `seq`: commits up to it were looked at; `seen`: up to it the user has looked; `told`: notices."""

    items: tuple[Arrived, ...] = ()
    seq: int = 0
    seen: int = 0
    told: tuple[str, ...] = ()

    @property
    def unseen(self) -> int:
        """How many records came since the user looked."""
        return sum(item.version > self.seen for item in self.items)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that waits for this user: `key` and `values` make its message, `target` is where it is answered."""

    id: str
    key: str
    values: dict[str, str] = field(default_factory=dict)
    target: tuple[str, dict[str, str]] = ("today", {})


@dataclass(frozen=True, slots=True)
class NewsLine:
    """One record of the feed with what it is called; an empty title where it has gone meanwhile."""

    entity: str
    id: str
    icon: str
    title: str
    account: str
    at: str
    is_new: bool
    unseen: bool
    target: tuple[str, dict[str, str]]


def load_log(store: SettingsStore) -> NewsLog:
    """The news as kept; none where nothing was kept."""
    kept: dict[str, Any] = orjson.loads(store.get_setting(_KEY) or "{}")
    items = tuple(Arrived(**item) for item in kept.get("items", ()))
    return NewsLog(items, kept.get("seq", 0), kept.get("seen", 0), tuple(kept.get("told", ())))


def keep_log(store: SettingsStore, log: NewsLog) -> None:
    """Keep the newest."""
    plain = {
        "items": [asdict(item) for item in log.items[:KEPT]],
        "seq": log.seq,
        "seen": log.seen,
        "told": list(log.told[-KEPT:]),
    }
    store.set_setting(_KEY, orjson.dumps(plain).decode())


def all_seen(log: NewsLog) -> NewsLog:
    """The user has looked."""
    return NewsLog(log.items, log.seq, max((item.version for item in log.items), default=log.seen), log.told)


def take(
    reader: Reader,
    log: NewsLog,
    ids: Iterable[tuple[str, str]],
    now: datetime,
    user_id: str,
    permissions: Permissions,
) -> tuple[NewsLog, list[Notice]]:
    """The log with what came, and what of it has to be told: each once, also over a restart."""
    came = reader.changed_by_others(ids, log.seq)
    roots: dict[tuple[str, str], Arrived] = {}
    for (entity, record_id), version in came.items():
        root = _shown(reader, entity, record_id)
        if root is None or (root in roots and roots[root].version >= version):
            continue
        made = str((reader.get(*root) or {}).get("created_at") or "")
        recently = bool(made) and made >= (log.items[0].at if log.items else format_instant(now)[:10])
        roots[root] = Arrived(*root, version, format_instant(now), recently)
    if not log.seq:  # what stood here before anything was heard is no news
        roots = {}
    kept = [item for item in log.items if (item.entity, item.id) not in roots]
    fresh = sorted(roots.values(), key=lambda item: item.version, reverse=True)
    notices = [notice for notice in _notices(reader, came, user_id, permissions) if notice.id not in log.told]
    seq = max([log.seq, *came.values()])
    told = (*log.told, *(notice.id for notice in notices))
    return NewsLog((*fresh, *kept)[:KEPT], seq, log.seen if log.seq else seq, told), notices


def lines(reader: Reader, log: NewsLog) -> list[NewsLine]:
    """The feed in words of the records themselves; what is gone is left out."""
    found: list[NewsLine] = []
    for item in log.items:
        row = reader.get(item.entity, item.id)
        if row is None:
            continue
        account_id = item.id if item.entity == "account" else str(row.get("account_id") or "")
        account = reader.get("account", account_id) if account_id and item.entity != "account" else None
        found.append(
            NewsLine(
                item.entity,
                item.id,
                entity_facts(item.entity).icon,
                called(reader, item.entity, row),
                str(account["name"]) if account is not None else "",
                item.at,
                item.is_new,
                item.version > log.seen,
                target_of(item.entity, item.id, account_id),
            )
        )
    return found


def target_of(entity: str, record_id: str, account_id: str) -> tuple[str, dict[str, str]]:
    """The page that shows a record, with its parameters."""
    pages = {"account": "account_id", "quote": "quote_id", "order": "order_id"}
    if entity in pages:
        return entity, {pages[entity]: record_id}
    if entity == "visit":
        return "note", {"visit_id": record_id}
    if entity == "activity" and account_id:
        return "account", {"account_id": account_id}
    return "record", {"entity": entity, "record_id": record_id}


def _shown(reader: Reader, entity: str, record_id: str) -> tuple[str, str] | None:
    """The record a change is shown as: a line as its quote, an address as its customer; None for what is no news."""
    facts = entity_facts(entity)
    if facts.catalogue or facts.server_only or entity not in ENTITIES:
        return None
    if entity == "contact" or not facts.parents:
        return entity, record_id
    row = reader.get(entity, record_id) or {}
    for name in facts.parents:
        parent = field_facts(entity)[name].ref
        if row.get(name) and parent:
            return None if entity_facts(parent).catalogue else _shown(reader, parent, str(row[name]))
    return entity, record_id


def _notices(
    reader: Reader, came: Iterable[tuple[str, str]], user_id: str, permissions: Permissions
) -> Sequence[Notice]:
    found: list[Notice] = []
    for entity, record_id in came:
        if entity not in ("quote_revision", "conflict", "quarantine", "case"):
            continue
        row = reader.get(entity, record_id)
        if row is not None:
            made = _TOLD[entity](reader, row, user_id, permissions)
            found += [made] if made is not None else []
    return found


def _quote(reader: Reader, row: Row, user_id: str, permissions: Permissions) -> Notice | None:
    quote = reader.get("quote", row["quote_id"]) or {}
    values = {"number": str(quote.get("number") or "")}
    mark = f"{row['id']} {row['status']} {row['decided_at'] or row['requested_at'] or ''}"
    mine = user_id in (row["requested_by"], quote.get("owner_id"))
    if row["status"] in ("approved", "returned") and mine and row["decided_by"] not in (None, user_id):
        word = shorten(row["decision_note"], _WORD, placeholder=" …")
        key = f"notice.{row['status']}_word" if word else f"notice.{row['status']}"
        return Notice(mark, key, values | {"word": word}, ("quote", {"quote_id": str(row["quote_id"])}))
    if row["status"] == "waiting_approval" and APPROVE in permissions and row["requested_by"] != user_id:
        return Notice(mark, "notice.approval_waits", values, ("approvals", {"revision_id": row["id"]}))
    return None


def _conflict(reader: Reader, row: Row, user_id: str, _permissions: Permissions) -> Notice | None:
    if row["status"] != "open" or row["mine_by"] not in (None, user_id):
        return None
    above = reader.get(row["entity"], row["record_id"]) if row["entity"] in ENTITIES else None
    name = called(reader, row["entity"], above) if above is not None else ""
    return Notice(f"{row['id']} open", "notice.conflict", {"name": name}, ("conflicts", {}))


def _refusal(_reader: Reader, row: Row, user_id: str, _permissions: Permissions) -> Notice | None:
    if row["status"] != "open" or row["user_id"] not in (None, user_id):
        return None
    return Notice(f"{row['id']} open", "notice.refused", {}, ("outbox", {}))


def _case(_reader: Reader, row: Row, user_id: str, _permissions: Permissions) -> Notice | None:
    if row["owner_id"] != user_id or row["created_by"] == user_id or row["status"] in _DONE:
        return None
    where = ("record", {"entity": "case", "record_id": str(row["id"])})
    return Notice(f"{row['id']} {user_id}", "notice.case", {"name": str(row["subject"])}, where)


_TOLD = {"quote_revision": _quote, "conflict": _conflict, "quarantine": _refusal, "case": _case}
