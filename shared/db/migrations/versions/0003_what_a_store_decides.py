"""A store's own pause, its figures beside its region's, and when a report was written without network"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stores", sa.Column("paused_until", sa.Date(), nullable=True))
    op.add_column("follow_ups", sa.Column("written_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "store_figures",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("whole", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("median", sa.Float(), nullable=True),
        sa.Column("province_code", sa.Text(), nullable=True),
        sa.Column("reckoned_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("part <= whole", name=op.f("ck_store_figures_part_of_the_whole")),
        sa.CheckConstraint("measure IN ('response', 'in_time', 'won')", name=op.f("ck_store_figures_measure_known")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_store_figures_dealer_id_store_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "store_id", "measure", name=op.f("pk_store_figures")),
    )
    op.create_index("ix_store_figures_stale", "store_figures", ["store_id", "measure", "reckoned_at"], unique=False)


def downgrade() -> None:
    op.drop_table("store_figures")
    op.drop_column("follow_ups", "written_at")
    op.drop_column("stores", "paused_until")
