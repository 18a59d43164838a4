"""Contracts, leads, cases, own stages, visit rhythms, discount ceilings; approval, signature and loss of quotes."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "discount_ceiling",
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=True),
        sa.Column("valid_from", sa.Text(), nullable=True),
    )
    op.create_table(
        "visit_rhythm",
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("customer_class", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
    )
    op.create_table(
        "opportunity_stage",
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("pipeline", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_de", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("probability_percent", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
    )
    op.create_table(
        "lead",
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("job_title", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("interest", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Text(), nullable=True),
    )
    op.create_table(
        "case",
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("visit_id", sa.Text(), nullable=True),
        sa.Column("product_id", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.Text(), nullable=True),
    )
    op.create_table(
        "contract",
        sa.Column("id", sa.Text(), nullable=False, primary_key=True),
        sa.Column("created_at", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=True),
        sa.Column("account_id", sa.Text(), nullable=True),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Text(), nullable=True),
        sa.Column("ends_on", sa.Text(), nullable=True),
        sa.Column("notice_days", sa.Integer(), nullable=True),
        sa.Column("renews_months", sa.Integer(), nullable=True),
        sa.Column("remind_days", sa.Integer(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_commitment", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.Text(), nullable=True),
    )
    op.add_column("contact", sa.Column("reports_to_id", sa.Text(), nullable=True))
    op.add_column("address", sa.Column("latitude", sa.BigInteger(), nullable=True))
    op.add_column("address", sa.Column("longitude", sa.BigInteger(), nullable=True))
    op.add_column("visit", sa.Column("fixed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("visit", sa.Column("calendar_uid", sa.Text(), nullable=False, server_default=""))
    op.add_column("activity", sa.Column("status", sa.Text(), nullable=False, server_default=""))
    op.add_column("opportunity", sa.Column("pipeline", sa.Text(), nullable=False, server_default=""))
    op.add_column("opportunity", sa.Column("competitor", sa.Text(), nullable=False, server_default=""))
    op.add_column("opportunity", sa.Column("lost_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("opportunity", sa.Column("price_gap_percent", sa.BigInteger(), nullable=True))
    op.add_column("opportunity", sa.Column("lost_note", sa.Text(), nullable=False, server_default=""))
    op.add_column("opportunity", sa.Column("next_purchase_on", sa.Text(), nullable=True))
    op.add_column("quote", sa.Column("competitor", sa.Text(), nullable=False, server_default=""))
    op.add_column("quote", sa.Column("lost_reason", sa.Text(), nullable=False, server_default=""))
    op.add_column("quote", sa.Column("price_gap_percent", sa.BigInteger(), nullable=True))
    op.add_column("quote", sa.Column("lost_note", sa.Text(), nullable=False, server_default=""))
    op.add_column("quote_revision", sa.Column("requested_by", sa.Text(), nullable=True))
    op.add_column("quote_revision", sa.Column("requested_at", sa.Text(), nullable=True))
    op.add_column("quote_revision", sa.Column("request_note", sa.Text(), nullable=False, server_default=""))
    op.add_column("quote_revision", sa.Column("decided_by", sa.Text(), nullable=True))
    op.add_column("quote_revision", sa.Column("decided_at", sa.Text(), nullable=True))
    op.add_column("quote_revision", sa.Column("decision_note", sa.Text(), nullable=False, server_default=""))
    op.add_column("quote_revision", sa.Column("signed_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("quote_revision", sa.Column("signed_at", sa.Text(), nullable=True))
    op.add_column("quote_revision", sa.Column("signature_id", sa.Text(), nullable=True))
    op.add_column("attachment", sa.Column("contract_id", sa.Text(), nullable=True))
    op.add_column("attachment", sa.Column("case_id", sa.Text(), nullable=True))
    op.add_column("attachment", sa.Column("lead_id", sa.Text(), nullable=True))
