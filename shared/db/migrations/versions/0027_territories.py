"""Territories of dealers and stores"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_territories"
down_revision = "0026_columns_of_past_leads"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "territories",
        sa.Column("territory_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("for_dealer_id", sa.Uuid(), nullable=False),
        sa.Column("for_store_id", sa.Uuid(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("divisions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("radius_km", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('exclusive', 'shared')", name=op.f("ck_territories_mode_known")),
        sa.CheckConstraint("radius_km > 0", name=op.f("ck_territories_radius_positive")),
        sa.CheckConstraint(
            "radius_km IS NOT NULL OR jsonb_array_length(divisions) > 0", name=op.f("ck_territories_covers_something")
        ),
        sa.ForeignKeyConstraint(["for_dealer_id"], ["dealers.dealer_id"], name=op.f("fk_territories_for_dealer_id")),
        sa.ForeignKeyConstraint(
            ["for_dealer_id", "for_store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_territories_for_dealer_id_for_store_id"),
        ),
        sa.PrimaryKeyConstraint("territory_id", name=op.f("pk_territories")),
    )
    op.create_index("ix_territories_for_dealer", "territories", ["for_dealer_id"])


def downgrade() -> None:
    op.drop_table("territories")
