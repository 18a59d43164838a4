"""Aliases, transactions that wait for a record, a log that is cut off, and what a new epoch brought back."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """New tables, and the positions the log is cut off at (nothing yet)."""
    op.create_table(
        "alias",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("target_id", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "id"),
    )
    op.create_index("ix_alias_target", "alias", ["entity", "target_id"])
    op.create_table(
        "awaited_row",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("quarantine_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "id", "quarantine_id"),
    )
    op.create_table(
        "clock_mark",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "replay_count",
        sa.Column("epoch", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("operations", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("epoch", "device_id", "outcome"),
    )
    for name in ("epoch_seq", "floor_seq"):
        op.add_column("sync_state", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("sync_state", sa.Column("floor_commit", sa.Text(), nullable=False, server_default=""))
    op.add_column("tombstone", sa.Column("scope_set", sa.Integer(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE tombstone SET scope_set = coalesce((SELECT l.scopes_before FROM change_log l "
        "WHERE l.entity = tombstone.entity AND l.id = tombstone.id AND l.seq = tombstone.seq LIMIT 1), 0)"
    )
