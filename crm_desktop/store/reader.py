"""The read side: one snapshot of the file, as records, lists, search hits and standings."""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from crm_desktop.errors import InvalidInput
from crm_desktop.model.facts import Facts, Kind
from crm_desktop.model.wire import Row, column_encoders, columns, field_facts
from crm_desktop.rules.revisions import current_last
from crm_desktop.rules.search_query import SearchQuery
from crm_desktop.store import duplicate_candidates, file_views, lists, meta, search, standing
from crm_desktop.store.connection import Connection
from crm_desktop.store.duplicate_candidates import Candidate
from crm_desktop.store.file_views import FileView
from crm_desktop.store.held_words import held_words
from crm_desktop.store.lists import ListQuery
from crm_desktop.store.news import changed_by_others, made_by_others
from crm_desktop.store.purchases import Bought, BoughtWith, bought, bought_with
from crm_desktop.store.search import Hit
from crm_desktop.store.standing import LocalRefusal, OutboxEntry
from crm_desktop.store.sums import as_text
from crm_desktop.store.tables import quoted, table
from crm_desktop.store.timeline import TimelineEntry, timeline
from crm_desktop.store.written_texts import WrittenText, written_texts


@dataclass(frozen=True, slots=True)
class QuoteView:
    """A quote with one of its revisions (the newest unless asked otherwise) and that revision's lines."""

    quote: Row
    revision: Row | None
    revisions: list[Row]
    lines: list[Row]


class Reader:
    """Reads inside one snapshot; lives as long as the `ClientStore.read` that made it.

    Rows are in wire form with their "id". `rows_fetched` counts the whole records read.
    """

    def __init__(self, connection: Connection, today: str) -> None:
        self._connection = connection
        self._today = today
        self.rows_fetched = 0

    # records

    def _rows(self, entity: str, where: str, parameters: Sequence[Any]) -> Iterator[tuple[int, Row]]:
        spec = table(entity)
        found = self._connection.execute(
            f"SELECT rowid, id, {spec.select} FROM {quoted(entity)} WHERE {where}", parameters
        )
        for rowid, record_id, *stored in found:
            self.rows_fetched += 1
            yield rowid, spec.row(record_id, stored)

    def get(self, entity: str, record_id: str | None) -> Row | None:
        """The visible record, or None."""
        return next((row for _, row in self._rows(entity, "id = ?", (record_id,))), None)

    def many(self, entity: str, ids: Iterable[str | None]) -> dict[str, Row]:
        """Visible records by id; what is not here is left out."""
        listed = orjson.dumps(sorted({record_id for record_id in ids if record_id})).decode()
        found = self._rows(entity, "id IN (SELECT value FROM json_each(?))", (listed,))
        return {row["id"]: row for _, row in found}

    def where(self, entity: str, **equal: Any) -> list[Row]:
        """Records whose fields equal the given wire values, oldest id first."""
        names = columns(entity)
        encoders = dict(column_encoders(entity))
        conditions = ["1"]
        parameters = []
        only_few = all(_has_few_values(facts) for name, facts in field_facts(entity).items() if name in equal)
        for name, value in equal.items():
            if name not in field_facts(entity):
                raise InvalidInput("unknown_field", f"{entity} has no field {name!r}.", "Check the name.", name=name)
            encode = encoders.get(names.index(name))
            # Of 300,000 visits one person may own all: where anything else is named, such an index is not walked.
            walked = only_few or not _has_few_values(field_facts(entity)[name])
            conditions.append(f"{quoted(name)} IS ?" if walked else f"+{quoted(name)} IS ?")
            parameters.append(encode(value) if encode else value)
        found = self._rows(entity, " AND ".join(conditions) + " ORDER BY id", parameters)
        return [row for _, row in found]

    def version(self, entity: str, record_id: str) -> int:
        """Version of the newest server row of a record; 0 where the server never confirmed one."""
        found = self._connection.execute(
            f"SELECT sync_ver FROM {quoted(table(entity).entity)} WHERE id = ?", (record_id,)
        ).fetchone()
        return 0 if found is None else max(0, int(found[0]))

    # lists

    def row_ids(self, query: ListQuery) -> "array[int]":
        """Sorted row ids of a list; no whole row is read."""
        return lists.row_ids(self._connection, query, self._today)

    def count(self, query: ListQuery) -> int:
        """How many records a list holds."""
        return lists.count(self._connection, query, self._today)

    def rows(self, entity: str, rowids: Sequence[int]) -> list[Row]:
        """Records in the order of their row ids, with "state" and, for accounts, the computed columns."""
        found = self._by_rowid(entity, rowids)
        standings = self.states(entity, [row["id"] for row in found.values()])
        computed = lists.account_columns(self._connection, list(found)) if entity == "account" else {}
        for rowid, row in found.items():
            row["state"] = standings[row["id"]]
            row.update(computed.get(rowid, {}))
        return [found[rowid] for rowid in rowids if rowid in found]

    def _by_rowid(self, entity: str, rowids: Sequence[int]) -> dict[int, Row]:
        listed = orjson.dumps(list(rowids)).decode()
        return dict(self._rows(entity, "rowid IN (SELECT value FROM json_each(?))", (listed,)))

    def account_columns(self, account_ids: Iterable[str]) -> dict[str, Row]:
        """The computed list columns of accounts, by id."""
        found = dict(
            self._connection.execute(
                "SELECT rowid, id FROM account WHERE id IN (SELECT value FROM json_each(?))",
                (orjson.dumps(list(account_ids)).decode(),),
            ).fetchall()
        )
        computed = lists.account_columns(self._connection, list(found))
        return {found[rowid]: row for rowid, row in computed.items()}

    # views

    def search(self, text: str, limit: int = 50, entities: Sequence[str] | None = None) -> list[Hit]:
        """Records in which every typed word begins a word, titles first."""
        return self.find(SearchQuery(text), limit, entities)

    def find(
        self,
        query: SearchQuery,
        limit: int = 50,
        entities: Sequence[str] | None = None,
        still: Callable[[], bool] = lambda: True,
    ) -> list[Hit]:
        """What fits words and conditions, titles first; Superseded when `still` says that nobody waits for it."""
        return search.find(self._connection, query, limit, entities, self._fetch, still)

    @property
    def today(self) -> str:
        """The user's date, YYYY-MM-DD."""
        return self._today

    def _fetch(self, entity: str, rowids: list[int]) -> list[Row]:
        return [row | {"rowid": rowid} for rowid, row in self._by_rowid(entity, rowids).items()]

    def timeline(self, account_id: str, limit: int = 50, before: tuple[str, str] | None = None) -> list[TimelineEntry]:
        """What happened with an account, newest first; `before` is the key of the last entry shown."""
        entries = timeline(self._connection, account_id, limit, before)
        self.rows_fetched += len(entries)
        return entries

    def quote(self, quote_id: str, revision_id: str | None = None) -> QuoteView | None:
        """A quote with its lines; totals are computed from them by the pricing rules, they are not stored."""
        quote = self.get("quote", quote_id)
        if quote is None:
            return None
        revisions = self.where("quote_revision", quote_id=quote_id)
        revisions.sort(key=current_last, reverse=True)
        chosen = next((row for row in revisions if revision_id in (None, row["id"])), None)
        lines = [] if chosen is None else self.where("quote_line", quote_id=quote_id, revision_id=chosen["id"])
        lines.sort(key=lambda row: (row["position"], row["id"]))
        return QuoteView(quote, chosen, revisions, lines)

    def order(self, order_id: str) -> tuple[Row, list[Row]] | None:
        """An order with its lines."""
        order = self.get("order", order_id)
        if order is None:
            return None
        lines = self.where("order_line", order_id=order_id)
        lines.sort(key=lambda row: (row["position"] or 0, row["id"]))
        return order, lines

    def with_name_like(self, name: str, words: Sequence[str], entities: Iterable[str]) -> list[Candidate]:
        """Records whose name may be `name`, of these folded words; more than are alike, to be compared by rule."""
        return duplicate_candidates.by_name(self._connection, name, words, entities)

    def with_email(self, address: str) -> list[Candidate]:
        """Records with exactly this e-mail address."""
        return duplicate_candidates.by_email(self._connection, address)

    def with_number(self, number: str) -> list[Candidate]:
        """Records with a telephone number that ends in these digits."""
        return duplicate_candidates.by_number(self._connection, number)

    def bought(self, account_id: str) -> list[Bought]:
        """Products of an account's orders, most often ordered first."""
        return bought(self._connection, account_id)

    def bought_with(
        self, products: Sequence[str], without_account: str, least_accounts: int, limit: int
    ) -> list[BoughtWith]:
        """Products at least so many other accounts ordered together with some of these."""
        return bought_with(self._connection, products, without_account, least_accounts, limit)

    def files(self, entity: str, record_id: str) -> list[FileView]:
        """Files of a record, newest first; of an account also those of its visits, quotes and so on."""
        return file_views.files_of(self._connection, entity, record_id)

    def waiting_files(self) -> list[FileView]:
        """Files that are on this laptop alone."""
        return file_views.waiting_files(self._connection)

    # standing

    def states(self, entity: str, ids: Iterable[str]) -> dict[str, str]:
        """How records stand with the server: synced, waiting, local, refused or conflict."""
        return standing.states(self._connection, entity, ids)

    def waits_below(self, root_id: str) -> bool:
        """Whether something waits for the server on a record the server holds below this root, removed ones too."""
        return standing.waits_below(self._connection, root_id)

    def state_counts(self, entity: str, rowids: Sequence[int]) -> dict[str, int]:
        """How many rows of a list stand how."""
        return standing.state_counts(self._connection, entity, rowids)

    def record_state(self, entity: str, record_id: str) -> str:
        """How one record stands with the server."""
        return self.states(entity, [record_id])[record_id]

    def outbox(self, *, include_covered: bool = False, limit: int = 200) -> list[OutboxEntry]:
        """What was written here and is not known to be everywhere; with `include_covered` also the history."""
        return standing.outbox(self._connection, include_covered=include_covered, limit=limit)

    def local_quarantine(self) -> list[LocalRefusal]:
        """Transactions the server could not read."""
        return standing.local_quarantine(self._connection)

    def resolving(self) -> frozenset[str]:
        """Refused transactions (their txn_id) that are being sent again."""
        return standing.resolving(self._connection)

    def written(self, txn_id: str) -> list[dict[str, Any]]:
        """The operations of a transaction written on this device, with the bases of texts; none of another's."""
        return standing.written(self._connection, txn_id)

    def written_texts(self, entity: str, record_id: str, name: str) -> list[WrittenText]:
        """The versions of a long text that this laptop wrote or wrote upon, oldest first."""
        return written_texts(self._connection, entity, record_id, name)

    def counts(self) -> dict[str, int]:
        """Numbers of records and of what waits."""
        return standing.counts(self._connection)

    def to_come(self) -> int:
        """How many records a first sync has still to bring."""
        return standing.to_come(self._connection)

    def sync_history(self, limit: int = 100) -> list[dict[str, Any]]:
        """Reports of sync sessions, newest first."""
        found = self._connection.execute("SELECT json FROM sync_log ORDER BY n DESC LIMIT ?", (limit,))
        return [orjson.loads(row[0]) for row in found]

    def changed_by_others(self, ids: Iterable[tuple[str, str]], after: int) -> dict[tuple[str, str], int]:
        """Of these records, the versions of those that a colleague or the server changed after commit `after`."""
        return changed_by_others(self._connection, ids, after)

    def made_by_others(self, entity: str, user_id: str, since: str, limit: int) -> list[Row]:
        """The newest records that somebody else made since an instant, newest first."""
        return self.rows(entity, made_by_others(self._connection, entity, user_id, since, limit))

    def held_words(self, words: frozenset[str]) -> frozenset[str]:
        """Of these words, those that a record of this laptop holds in a short field that is not public."""
        return held_words(self._connection, words)

    def digest(self) -> dict[str, str]:
        """Sum of this copy per scope, as the server computes it."""
        found = self._connection.execute("SELECT scope, sum FROM scope_sum ORDER BY scope")
        return {scope: as_text(value) for scope, value in found}

    def sync_state(self) -> meta.SyncState:
        """Where this device stands."""
        return meta.sync_state(self._connection)


def _has_few_values(facts: Facts) -> bool:
    return facts.kind in (Kind.STATE, Kind.CHOICE, Kind.BOOLEAN) or facts.ref == "user"
