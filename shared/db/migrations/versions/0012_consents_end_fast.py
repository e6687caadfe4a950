"""Let a consent end without a look through all assignments: the foreign key asks by the contact alone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make("live_contact_id IS NOT NULL")


def downgrade() -> None:
    _make("ended_at IS NULL")


def _make(where: str) -> None:
    op.drop_index("ix_assignments_contact", table_name="assignments")
    op.create_index(
        "ix_assignments_contact",
        "assignments",
        ["live_contact_id"],
        unique=False,
        postgresql_where=sa.text(where),
    )
