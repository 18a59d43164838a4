"""The server's own tables, beside the entity tables that both sides share."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)

METADATA = MetaData()


def _seq(name: str = "seq", *, nullable: bool = False) -> "Column[int]":
    return Column(name, BigInteger, nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> "Column[str]":
    return Column(name, Text, nullable=nullable)


sync_state = Table(
    "sync_state",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("epoch"),
    _seq("last_seq"),
    _text("company"),
    _seq("epoch_seq"),  # newest commit when this epoch began: what the history before it shares with the others
    _seq("floor_seq"),  # the log is cut off up to here; `floor_commit` proves a cursor that stands just there
    _text("floor_commit"),
    _text("journal"),  # folder of the journal; empty: beside an SQLite file, or none
    _text("files"),  # folder of the files' bytes; empty: beside an SQLite file, or none
)
commit = Table(
    "commit",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("commit_id"),
    _text("device_id"),
    _text("actor"),
    _text("at"),
)
# Records share few distinct scope lists, so a list is stored once and a row names it by number.
scope_set = Table(
    "scope_set",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _text("scopes"),
)
scope_member = Table(
    "scope_member",
    METADATA,
    _text("scope"),
    Column("set_id", Integer, nullable=False),
    PrimaryKeyConstraint("scope", "set_id"),
)
row_meta = Table(
    "row_meta",
    METADATA,
    _text("entity"),
    _text("id"),
    _text("root_entity"),
    _text("root_id"),
    _seq("row_ver"),
    _text("field_ver"),
    _text("field_at"),
    _seq("row_hash"),
    _seq("public_hash"),  # public: without the fields that need a permission
    Column("scope_set", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    _text("created_op"),
    _text("deleted_op"),
    PrimaryKeyConstraint("entity", "id"),
    Index("ix_row_meta_row_ver", "row_ver"),
    Index("ix_row_meta_scope_set", "scope_set"),
)
tombstone = Table(
    "tombstone",
    METADATA,
    _text("entity"),
    _text("id"),
    _text("row"),
    _text("deleted_op"),
    _seq(),
    Column("scope_set", Integer, nullable=False),  # where the record was seen before it was deleted
    PrimaryKeyConstraint("entity", "id"),
    Index("ix_tombstone_deleted_op", "deleted_op"),
)
# Records that were merged into others: what is still sent under the old id goes to the new one.
alias = Table(
    "alias",
    METADATA,
    _text("entity"),
    _text("id"),
    _text("target_id"),
    _seq(),
    PrimaryKeyConstraint("entity", "id"),
    Index("ix_alias_target", "entity", "target_id"),
)
# Quarantined transactions that wait for a record nobody has created yet.
awaited_row = Table(
    "awaited_row",
    METADATA,
    _text("entity"),
    _text("id"),
    _text("quarantine_id"),
    PrimaryKeyConstraint("entity", "id", "quarantine_id"),
)
# When the sequence stood where: tells the age of commits whose log is cut off.
clock_mark = Table(
    "clock_mark",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _text("at"),
)
# What devices sent again after the server's history had begun anew, counted by how it ended.
replay_count = Table(
    "replay_count",
    METADATA,
    _text("epoch"),
    _text("device_id"),
    _text("outcome"),
    Column("operations", Integer, nullable=False),
    PrimaryKeyConstraint("epoch", "device_id", "outcome"),
)
change_log = Table(
    "change_log",
    METADATA,
    _seq(),
    Column("n", Integer, nullable=False),
    _text("entity"),
    _text("id"),
    _text("root_id"),
    _text("kind"),
    Column("scopes_before", Integer, nullable=False),
    Column("scopes_after", Integer, nullable=False),
    PrimaryKeyConstraint("seq", "n"),
    Index("ix_change_log_row", "entity", "id", "seq"),
)
# A row that stopped having a scope, by move or deletion: what a pull tells as `evict` or `gone`.
scope_left = Table(
    "scope_left",
    METADATA,
    _text("scope"),
    _seq(),
    _text("entity"),
    _text("id"),
    PrimaryKeyConstraint("scope", "seq", "entity", "id"),
)
# Sums mod 2^64 of the row hashes of a scope, with and without the fields that need a permission.
scope_sum = Table(
    "scope_sum",
    METADATA,
    Column("scope", Text, primary_key=True),
    _seq("full_sum"),
    _seq("public_sum"),
    _seq("row_count"),
)
device_token = Table(
    "device_token",
    METADATA,
    Column("token_hash", Text, primary_key=True),
    _text("user_id"),
    _text("device_id"),
    _text("created_at"),
    _text("revoked_at", nullable=True),
)
device = Table(
    "device",
    METADATA,
    Column("device_id", Text, primary_key=True),
    _text("token_hash"),
    _text("user_id"),
    _text("name"),
    Column("code", Text, nullable=False, unique=True),
    _text("created_at"),
    _text("last_seen"),
    _seq("last_client_seq"),
    _text("last_txn_id"),
    Column("schema_ver", Integer, nullable=False),
    Column("clock_trusted", Boolean, nullable=False),
    Index("ix_device_token_hash", "token_hash"),
)
courier_key = Table(
    "courier_key",
    METADATA,
    Column("owner", Text, primary_key=True),  # a token's hash, or nothing for the server itself
    _text("pair"),
)
user_account = Table(
    "user_account",
    METADATA,
    Column("user_id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    _text("password_hash"),
    _text("role"),
    Column("active", Boolean, nullable=False),
)
user_territory = Table(
    "user_territory",
    METADATA,
    _text("user_id"),
    _text("territory_id"),
    PrimaryKeyConstraint("user_id", "territory_id"),
)
user_scope = Table(
    "user_scope",
    METADATA,
    _text("user_id"),
    _text("scope"),
    _seq("since_seq"),
    _seq("until_seq", nullable=True),
    PrimaryKeyConstraint("user_id", "scope", "since_seq"),
)
# Grants and revokes stand in the feed: rows whose visibility for a user may have changed at seq.
user_log = Table(
    "user_log",
    METADATA,
    _text("user_id"),
    _seq(),
    _text("entity"),
    _text("id"),
    PrimaryKeyConstraint("user_id", "seq", "entity", "id"),
)
txn_result = Table(
    "txn_result",
    METADATA,
    _text("device_id"),
    _seq("client_seq"),
    _text("txn_id"),
    _text("outcome"),
    _seq("commit_seq"),
    PrimaryKeyConstraint("device_id", "client_seq"),
)
op_result = Table(
    "op_result",
    METADATA,
    Column("op_id", Text, primary_key=True),
    _text("outcome"),
    _seq("commit_seq"),
)
txn_failure = Table(
    "txn_failure",
    METADATA,
    _text("device_id"),
    _seq("client_seq"),
    _text("txn_id"),
    Column("failures", Integer, nullable=False),
    PrimaryKeyConstraint("device_id", "client_seq"),
)
text_rev = Table(
    "text_rev",
    METADATA,
    _text("entity"),
    _text("id"),
    _text("field"),
    _text("sha"),
    _text("text"),
    _seq(),
    PrimaryKeyConstraint("entity", "id", "field", "sha"),
)
# Who has sent all bytes of a content: such a user may name it in a record, others only what they may see.
blob_proof = Table(
    "blob_proof",
    METADATA,
    _text("sha256"),
    _text("user_id"),
    _text("at"),
    PrimaryKeyConstraint("sha256", "user_id"),
)
number_series = Table(
    "number_series",
    METADATA,
    Column("series", Text, primary_key=True),
    _text("prefix"),
    _seq("next_value"),
)
# Commits of the journal that were repeated after a restore.
journal_done = Table(
    "journal_done",
    METADATA,
    Column("commit_id", Text, primary_key=True),
)
# Records of a history that is gone which only a laptop still holds; a person decides whether they come back.
record_copy = Table(
    "record_copy",
    METADATA,
    _text("entity"),
    _text("id"),
    _text("device_id"),
    _text("row"),
    _text("at"),
    PrimaryKeyConstraint("entity", "id", "device_id"),
)
