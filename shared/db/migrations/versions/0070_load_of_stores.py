"""Keep how full stores are beside their other figures"""

from __future__ import annotations

from alembic import op

revision = "0070_load_of_stores"
down_revision = "0028_threshold_reckonings"
branch_labels = None
depends_on = None

_NAME = "ck_store_figures_measure_known"


def upgrade() -> None:
    op.drop_constraint(_NAME, "store_figures")
    op.create_check_constraint(op.f(_NAME), "store_figures", "measure IN ('response', 'in_time', 'won', 'load')")


def downgrade() -> None:
    op.execute("DELETE FROM store_figures WHERE measure = 'load'")
    op.drop_constraint(_NAME, "store_figures")
    op.create_check_constraint(op.f(_NAME), "store_figures", "measure IN ('response', 'in_time', 'won')")
