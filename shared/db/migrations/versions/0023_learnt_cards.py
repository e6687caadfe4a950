"""Keep what scorecards are learnt from, and the reports"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_STATES = "'looking', 'choosing', 'waiting', 'done', 'refused'"


def upgrade() -> None:
    op.create_table(
        "scorecard_fits",
        sa.Column("fit_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_key", sa.Text(), nullable=True),
        sa.Column("columns", postgresql.JSONB(), nullable=True),
        sa.Column("wishes", postgresql.JSONB(), nullable=False),
        sa.Column("report", postgresql.JSONB(), nullable=True),
        sa.Column("refusal", postgresql.JSONB(), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purge_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('file', 'own')", name=op.f("ck_scorecard_fits_source_known")),
        sa.CheckConstraint(f"state IN ({_STATES})", name=op.f("ck_scorecard_fits_state_known")),
        sa.PrimaryKeyConstraint("fit_id", name=op.f("pk_scorecard_fits")),
    )
    op.create_index("ix_scorecard_fits_asked", "scorecard_fits", ["asked_at", "fit_id"])
    op.create_index(
        "ix_scorecard_fits_due",
        "scorecard_fits",
        ["asked_at"],
        postgresql_where=sa.text("state IN ('looking', 'waiting')"),
    )
    op.create_index(
        "ix_scorecard_fits_purge", "scorecard_fits", ["purge_at"], postgresql_where=sa.text("file_key IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("scorecard_fits")
