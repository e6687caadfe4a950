"""What campaigns show and promise, and whether they take numbers only with a code"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaigns", sa.Column("phone_check", sa.Text(), nullable=False, server_default="optional"))
    op.alter_column("campaigns", "phone_check", server_default=None)
    op.create_check_constraint(
        op.f("ck_campaigns_phone_check_known"), "campaigns", "phone_check IN ('optional', 'required')"
    )
    op.create_table(
        "campaign_faces",
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("body", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.campaign_id"], name=op.f("fk_campaign_faces_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "version", name=op.f("pk_campaign_faces")),
    )


def downgrade() -> None:
    op.drop_table("campaign_faces")
    op.drop_constraint(op.f("ck_campaigns_phone_check_known"), "campaigns")
    op.drop_column("campaigns", "phone_check")
