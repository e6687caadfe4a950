"""Keep a population table while it is looked at, before it is in force"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0089_population_drafts"
down_revision = "0091_pool_claims"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "population_drafts",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("columns", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("unit", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=True),
        sa.Column("uploaded_by", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purge_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("draft_id", name=op.f("pk_population_drafts")),
    )
    op.create_index("ix_population_drafts_purge_at", "population_drafts", ["purge_at"])


def downgrade() -> None:
    op.drop_table("population_drafts")
