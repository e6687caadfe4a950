"""Keep with each giving of a lead the turn that it was, so that what is undone is none"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0090_turns_by_hand"
down_revision = "0089_population"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lead_givings", sa.Column("turn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("lead_givings", sa.Column("turn_before", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("lead_givings", "turn_before")
    op.drop_column("lead_givings", "turn_at")
