"""Remember which column of a file of past leads was what"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_columns_of_past_leads"
down_revision = "0027_thresholds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scorecard_fit_headings",
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("heading", name=op.f("pk_scorecard_fit_headings")),
    )


def downgrade() -> None:
    op.drop_table("scorecard_fit_headings")
