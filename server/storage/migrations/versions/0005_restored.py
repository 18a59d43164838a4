"""What a restored database needs: where the journal lies, what of it was repeated, what only laptops still hold."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Two tables and a place."""
    op.add_column("sync_state", sa.Column("journal", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "journal_done",
        sa.Column("commit_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("commit_id"),
    )
    op.create_table(
        "record_copy",
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Text(), nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("entity", "id", "device_id"),
    )
