"""Keep the index of the pool's territories up to date at once: what waits there is read by every look"""

from __future__ import annotations

from alembic import op

revision = "0082_pool_stores"
down_revision = "0082_open_pool"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER INDEX ix_pool_entries_stores SET (fastupdate = off)")


def downgrade() -> None:
    op.execute("ALTER INDEX ix_pool_entries_stores RESET (fastupdate)")
