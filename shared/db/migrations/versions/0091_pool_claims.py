"""Count what a store claims from the open pool by itself, beside its other figures"""

from __future__ import annotations

from alembic import op

revision = "0091_pool_claims"
down_revision = "0090_turns_by_hand"
branch_labels = None
depends_on = None

_NAME = "ck_store_figures_measure_known"


def upgrade() -> None:
    op.drop_constraint(_NAME, "store_figures")
    op.create_check_constraint(
        op.f(_NAME), "store_figures", "measure IN ('response', 'in_time', 'won', 'load', 'pool')"
    )
    # no figure is older than the rule it is reckoned by: the worker begins anew
    op.execute("UPDATE store_figures SET reckoned_at = 'epoch' WHERE measure = 'won'")


def downgrade() -> None:
    op.execute("DELETE FROM store_figures WHERE measure = 'pool'")
    op.drop_constraint(_NAME, "store_figures")
    op.create_check_constraint(op.f(_NAME), "store_figures", "measure IN ('response', 'in_time', 'won', 'load')")
