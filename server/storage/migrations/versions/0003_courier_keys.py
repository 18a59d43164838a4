"""Keys of courier sync."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "courier_key",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("pair", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("owner"),
    )
