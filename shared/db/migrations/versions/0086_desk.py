"""Let headquarters raise a store's limit for one day, and keep the outlook of the leads that wait"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0086_desk"
down_revision = "0084_sellers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("store_days", sa.Column("raised", sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_check_constraint(op.f("ck_store_days_raised_not_negative"), "store_days", "raised >= 0")
    op.create_table(
        "desk_outlooks",
        sa.Column("outlook_id", sa.Uuid(), nullable=False),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("outlook_id", name=op.f("pk_desk_outlooks")),
    )
    op.execute(
        """
        INSERT INTO desk_outlooks (outlook_id, reckoned_at, next_at, waiting, seconds, told)
        VALUES (gen_random_uuid(), 'epoch', 'epoch', 0, 0, '{}')
        """
    )


def downgrade() -> None:
    op.drop_table("desk_outlooks")
    op.drop_constraint("ck_store_days_raised_not_negative", "store_days")
    op.drop_column("store_days", "raised")
