"""Learn what room at stores is worth, and keep whose turn it is"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0060_prices"
down_revision = "0027_territories"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "store_turns",
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["store_id"], ["stores.store_id"], name=op.f("fk_store_turns_store_id")),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_store_turns")),
    )
    op.create_table(
        "price_runs",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("solved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("room", sa.Integer(), nullable=True),
        sa.Column("scarce", sa.Integer(), nullable=False),
        sa.Column("mean_km", sa.Float(), nullable=True),
        sa.Column("unserved", sa.Float(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("prices", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_price_runs")),
    )
    op.create_index(
        "uq_price_runs_newest",
        "price_runs",
        [sa.text("(prices IS NOT NULL)")],
        unique=True,
        postgresql_where=sa.text("prices IS NOT NULL"),
    )
    op.create_index("ix_price_runs_solved", "price_runs", ["solved_at"])
    op.execute(
        """
        INSERT INTO price_runs (run_id, solved_at, next_at, expected, scarce, unserved, seconds, prices)
        VALUES (gen_random_uuid(), 'epoch', 'epoch', 0, 0, 0, 0, '{}')
        """
    )


def downgrade() -> None:
    op.drop_table("price_runs")
    op.drop_table("store_turns")
