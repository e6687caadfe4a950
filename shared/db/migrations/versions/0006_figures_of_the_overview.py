"""Keep the overview's figures, and find what needs attention without looking through everything"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "overview_figures",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("took_ms", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("campaign_id", name=op.f("pk_overview_figures")),
    )
    op.create_index("ix_overview_figures_due", "overview_figures", ["due_at"])
    op.create_index(
        "ix_signups_quarantined",
        "signups",
        ["accepted_at", "signup_id"],
        postgresql_where=sa.text("outcome = 'quarantined' AND aside_at IS NULL"),
    )
    op.create_index(
        "ix_leads_suspected",
        "leads",
        ["opened_at", "lead_id"],
        postgresql_where=sa.text("state = 'placed' AND (state_reason ->> 'code') = 'suspected'"),
    )
    op.create_index(
        "ix_assignments_expired",
        "assignments",
        ["ended_at", "store_id"],
        postgresql_where=sa.text("stage = 'expired'"),
    )


def downgrade() -> None:
    op.drop_index("ix_assignments_expired", table_name="assignments")
    op.drop_index("ix_leads_suspected", table_name="leads")
    op.drop_index("ix_signups_quarantined", table_name="signups")
    op.drop_table("overview_figures")
