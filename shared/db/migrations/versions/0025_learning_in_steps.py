"""Tell how far learning a scorecard is, and let it be stopped"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_learning_in_steps"
down_revision = "0025_notices"
branch_labels = None
depends_on = None

_STATES = "'looking', 'choosing', 'waiting', 'done', 'refused'"


def upgrade() -> None:
    op.drop_constraint("ck_scorecard_fits_state_known", "scorecard_fits")
    op.create_check_constraint(
        op.f("ck_scorecard_fits_state_known"), "scorecard_fits", f"state IN ({_STATES}, 'stopped')"
    )
    op.create_table(
        "scorecard_fit_steps",
        sa.Column("fit_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["fit_id"], ["scorecard_fits.fit_id"], name=op.f("fk_scorecard_fit_steps_fit_id")),
        sa.PrimaryKeyConstraint("fit_id", name=op.f("pk_scorecard_fit_steps")),
    )


def downgrade() -> None:
    op.drop_table("scorecard_fit_steps")
    op.drop_constraint("ck_scorecard_fits_state_known", "scorecard_fits")
    op.execute("UPDATE scorecard_fits SET state = 'choosing' WHERE state = 'stopped'")
    op.create_check_constraint(op.f("ck_scorecard_fits_state_known"), "scorecard_fits", f"state IN ({_STATES})")
