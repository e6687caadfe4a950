"""Keep counted what was known of the latest people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027_people_of_lately"
down_revision = "0060_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lately_people",
        sa.Column("lately_id", sa.Uuid(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("marks", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("lately_id", name=op.f("pk_lately_people")),
    )


def downgrade() -> None:
    op.drop_table("lately_people")
