"""Deadlines of held leads with reminders and escalation, and what was missed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_deadlines"
down_revision = "0028_unionids"
branch_labels = None
depends_on = None

_ALARM = "CASE WHEN ended_at IS NULL THEN LEAST(remind_at, owner_at, CASE WHEN breached_at IS NULL THEN due_at END) END"
_ON_THE_DESK = "state = 'placed' AND (state_reason ->> 'code') IN ('suspected', 'escalated')"


def upgrade() -> None:
    for name in ("due_at", "remind_at", "breached_at", "owner_at", "hq_at"):
        op.add_column("assignments", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("assignments", sa.Column("due_kind", sa.Text(), nullable=True))
    op.add_column(
        "assignments",
        sa.Column("alarm_at", sa.DateTime(timezone=True), sa.Computed(_ALARM, persisted=True), nullable=True),
    )
    op.create_check_constraint(
        op.f("ck_assignments_due_kind_known"), "assignments", "due_kind IN ('contact', 'follow_up')"
    )
    op.create_check_constraint(op.f("ck_assignments_due_whole"), "assignments", "(due_at IS NULL) = (due_kind IS NULL)")
    op.create_index(
        "ix_assignments_alarm",
        "assignments",
        ["alarm_at", "assignment_id"],
        postgresql_where=sa.text("alarm_at IS NOT NULL"),
    )
    op.create_index(
        "ix_assignments_hq",
        "assignments",
        ["hq_at"],
        postgresql_where=sa.text("ended_at IS NULL AND hq_at IS NOT NULL"),
    )
    op.create_table(
        "breaches",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('claim', 'contact', 'follow_up')", name=op.f("ck_breaches_kind_known")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "assignment_id"],
            ["assignments.dealer_id", "assignments.assignment_id"],
            name=op.f("fk_breaches_dealer_id_assignment_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "assignment_id", "kind", "due_at", name=op.f("pk_breaches")),
    )
    op.create_index("ix_breaches_store", "breaches", ["dealer_id", "store_id", "due_at"])
    op.drop_index("ix_leads_suspected", table_name="leads")
    op.create_index("ix_leads_suspected", "leads", ["opened_at", "lead_id"], postgresql_where=sa.text(_ON_THE_DESK))


def downgrade() -> None:
    op.drop_index("ix_leads_suspected", table_name="leads")
    op.create_index(
        "ix_leads_suspected",
        "leads",
        ["opened_at", "lead_id"],
        postgresql_where=sa.text("state = 'placed' AND (state_reason ->> 'code') = 'suspected'"),
    )
    op.drop_table("breaches")
    op.drop_index("ix_assignments_hq", table_name="assignments")
    op.drop_index("ix_assignments_alarm", table_name="assignments")
    op.drop_constraint(op.f("ck_assignments_due_whole"), "assignments", type_="check")
    op.drop_constraint(op.f("ck_assignments_due_kind_known"), "assignments", type_="check")
    for name in ("alarm_at", "due_kind", "hq_at", "owner_at", "breached_at", "remind_at", "due_at"):
        op.drop_column("assignments", name)
