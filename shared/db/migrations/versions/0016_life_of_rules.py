"""Who drafted, changed, put in force and replaced each version of rules"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_STATES = "status IN ('draft', 'active', 'retired', 'discarded')"


def upgrade() -> None:
    op.drop_constraint(op.f("ck_rule_sets_status_known"), "rule_sets", type_="check")
    op.create_check_constraint(op.f("ck_rule_sets_status_known"), "rule_sets", _STATES)
    op.add_column("rule_sets", sa.Column("based_on", sa.Integer(), nullable=True))
    op.add_column("rule_sets", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column("rule_sets", sa.Column("changed_by", sa.Text(), nullable=True))
    op.add_column("rule_sets", sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rule_sets", sa.Column("activated_by", sa.Text(), nullable=True))
    op.add_column("rule_sets", sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE rule_sets SET revision = 1, changed_by = author, changed_at = created_at,"
        " activated_by = CASE WHEN activated_at IS NOT NULL THEN author END"
    )
    for name in ("revision", "changed_by", "changed_at"):
        op.alter_column("rule_sets", name, nullable=False)


def downgrade() -> None:
    for name in ("retired_at", "activated_by", "changed_at", "changed_by", "revision", "based_on"):
        op.drop_column("rule_sets", name)
    op.execute("DELETE FROM rule_sets WHERE status = 'discarded'")
    op.drop_constraint(op.f("ck_rule_sets_status_known"), "rule_sets", type_="check")
    op.create_check_constraint(
        op.f("ck_rule_sets_status_known"), "rule_sets", "status IN ('draft', 'active', 'retired')"
    )
