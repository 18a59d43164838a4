"""Refused changes can be handed to inside sales and say who decided them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    for name in ("owner_id", "handed_at", "resolved_by", "resolved_at"):
        op.add_column("quarantine", sa.Column(name, sa.Text(), nullable=True))
