"""What each person has read of what they were told"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_read_by_person"
down_revision = "0026_store_series"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notice_people",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("choices", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("dealer_id", "user_id", name=op.f("pk_notice_people")),
    )
    op.create_table(
        "notice_reads",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("notice_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("dealer_id", "user_id", "notification_id", name=op.f("pk_notice_reads")),
    )
    # Up to the latest that somebody at the dealer has read, nobody there begins with a heap of old news.
    op.execute(
        "INSERT INTO notice_people (dealer_id, user_id, seen_until, choices)"
        " SELECT s.dealer_id, s.user_id, max(n.at), '{}'::jsonb FROM staff s"
        " JOIN notifications n ON n.dealer_id = s.dealer_id AND n.read_at IS NOT NULL"
        " GROUP BY s.dealer_id, s.user_id"
    )
    op.drop_index("ix_notifications_unread", table_name="notifications")
    op.create_index("ix_notifications_of_dealer", "notifications", ["dealer_id", "at", "notification_id"])
    op.create_index("ix_notifications_of_store", "notifications", ["dealer_id", "store_id", "at"])


def downgrade() -> None:
    op.drop_index("ix_notifications_of_store", table_name="notifications")
    op.drop_index("ix_notifications_of_dealer", table_name="notifications")
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["dealer_id", "store_id", "at"],
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_table("notice_reads")
    op.drop_table("notice_people")
