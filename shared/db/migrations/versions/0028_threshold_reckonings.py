"""The bar of the thresholds as it was reckoned from what stores can take, night by night"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_threshold_reckonings"
down_revision = "0028_deadlines"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "threshold_reckonings",
        sa.Column("reckoning_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bar", sa.Float(), nullable=False),
        sa.Column("wanted", sa.Float(), nullable=False),
        sa.Column("before", sa.Float(), nullable=True),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=True),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("stores", "unlimited", "waiting", "seen")),
        sa.Column("days", sa.Float(), nullable=False),
        sa.Column("coming", sa.Float(), nullable=False),
        sa.Column("nurtured", sa.Integer(), nullable=False),
        sa.Column("passing", sa.Float(), nullable=False),
        sa.CheckConstraint(
            "because IN ('fits', 'room', 'step', 'nobody', 'no_limit')",
            name=op.f("ck_threshold_reckonings_because_known"),
        ),
        sa.CheckConstraint("bar >= 0 AND bar < 1", name=op.f("ck_threshold_reckonings_bar_is_a_chance")),
        sa.PrimaryKeyConstraint("reckoning_id", name=op.f("pk_threshold_reckonings")),
    )
    op.create_index("ix_threshold_reckonings_at", "threshold_reckonings", ["at", "reckoning_id"])


def downgrade() -> None:
    op.drop_table("threshold_reckonings")
