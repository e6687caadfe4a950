"""Tell the people of the demo brand from real ones"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_TABLES = ("hq_users", "staff")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("is_demo", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for table in _TABLES:
        op.drop_column(table, "is_demo")
