"""Where the bytes of files lie."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column."""
    op.add_column("sync_state", sa.Column("files", sa.Text(), nullable=False, server_default=""))
