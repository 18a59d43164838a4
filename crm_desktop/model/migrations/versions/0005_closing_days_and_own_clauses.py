"""Quotes and opportunities know the day they were closed; contracts take clauses of the company's own."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    for table in ("quote", "opportunity"):
        op.add_column(table, sa.Column("closed_on", sa.Text(), nullable=True))
    for language in ("en", "de"):
        name = f"contract_clauses_{language}"
        op.add_column("company", sa.Column(name, sa.Text(), nullable=False, server_default=""))
