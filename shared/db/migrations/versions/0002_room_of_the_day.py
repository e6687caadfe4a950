"""Find what stores were offered today without looking through all that they were ever offered"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_assignments_offered", "assignments", ["offered_at"], unique=False)
    op.create_index("ix_store_days_day", "store_days", ["day"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_store_days_day", table_name="store_days")
    op.drop_index("ix_assignments_offered", table_name="assignments")
