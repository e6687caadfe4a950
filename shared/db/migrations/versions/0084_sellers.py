"""Who of a store gets its leads: ways, turns, duty and what was given; notices that are over"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0084_sellers"
down_revision = "0028_deliveries"
branch_labels = None
depends_on = None

_WHEN = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("notifications", sa.Column("ended_at", _WHEN, nullable=True))
    op.create_table(
        "store_giving",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("changed_at", _WHEN, nullable=False),
        sa.CheckConstraint("way IN ('claim', 'manager', 'turn')", name=op.f("ck_store_giving_way_known")),
        sa.CheckConstraint("round >= 0", name=op.f("ck_store_giving_round_not_negative")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_store_giving_dealer_id_store_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "store_id", name=op.f("pk_store_giving")),
    )
    op.create_table(
        "seller_turns",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("given_at", _WHEN, nullable=False),
        sa.ForeignKeyConstraint(
            ["dealer_id", "store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_seller_turns_dealer_id_store_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "store_id", "user_id", name=op.f("pk_seller_turns")),
    )
    op.create_table(
        "staff_duty",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("off_since", _WHEN, nullable=True),
        sa.Column("back_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dealer_id", "user_id"],
            ["staff.dealer_id", "staff.user_id"],
            name=op.f("fk_staff_duty_dealer_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "user_id", name=op.f("pk_staff_duty")),
    )
    op.create_table(
        "lead_givings",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("giving_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("to_user", sa.Uuid(), nullable=True),
        sa.Column("from_user", sa.Uuid(), nullable=True),
        sa.Column("by_user", sa.Uuid(), nullable=True),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("at", _WHEN, nullable=False),
        sa.Column("told_at", _WHEN, nullable=True),
        sa.Column("aside_at", _WHEN, nullable=True),
        sa.CheckConstraint("how IN ('turn', 'hand', 'share', 'back')", name=op.f("ck_lead_givings_how_known")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "assignment_id"],
            ["assignments.dealer_id", "assignments.assignment_id"],
            name=op.f("fk_lead_givings_dealer_id_assignment_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "giving_id", name=op.f("pk_lead_givings")),
    )
    op.create_index("ix_lead_givings_assignment", "lead_givings", ["dealer_id", "assignment_id", "at"])
    op.create_index(
        "ix_lead_givings_batch",
        "lead_givings",
        ["dealer_id", "batch_id"],
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    op.create_index(
        "ix_lead_givings_due",
        "lead_givings",
        ["at"],
        postgresql_where=sa.text("told_at IS NULL AND aside_at IS NULL"),
    )


def downgrade() -> None:
    for table in ("lead_givings", "staff_duty", "seller_turns", "store_giving"):
        op.drop_table(table)
    op.drop_column("notifications", "ended_at")
