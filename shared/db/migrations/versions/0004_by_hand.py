"""People whom a store or headquarters enters by hand; pauses that end by themselves, days on which a store is shut"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CHECKS = (
    (
        "signups",
        "ck_signups_source_known",
        "source IN ('api', 'page', 'import')",
        "source IN ('api', 'page', 'import', 'hand', 'store')",
    ),
    (
        "consent_texts",
        "ck_consent_texts_kind_known",
        "kind IN ('marketing', 'share')",
        "kind IN ('marketing', 'share', 'store')",
    ),
    (
        "consent_texts",
        "ck_consent_texts_share_names_dealers",
        "(kind = 'share') = (scope_id IS NOT NULL)",
        "(kind <> 'marketing') = (scope_id IS NOT NULL)",
    ),
)


def upgrade() -> None:
    for table, name, _, after in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, after)
    op.add_column("signups", sa.Column("consent_how", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_signups_consent_how_known"), "signups", "consent_how IN ('spoken', 'paper', 'message')"
    )
    op.add_column("stores", sa.Column("opens_again_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("stores", sa.Column("pause_reason", sa.Text(), nullable=True))
    op.add_column("stores", sa.Column("closed_days", postgresql.JSONB(), nullable=True))
    op.create_table(
        "walk_ins",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("walk_in_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("name_masked", sa.Text(), nullable=False),
        sa.Column("phone_masked", sa.Text(), nullable=False),
        sa.Column("phone_bidx", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("region", postgresql.JSONB(), nullable=False),
        sa.Column("interest", postgresql.JSONB(), nullable=False),
        sa.Column("consent_text", sa.Text(), nullable=False),
        sa.Column("consent_how", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("signup_id", sa.Uuid(), nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('entered', 'checking', 'held', 'refused')", name=op.f("ck_walk_ins_state_known")),
        sa.CheckConstraint(
            "(state = 'held') = (assignment_id IS NOT NULL)", name=op.f("ck_walk_ins_held_has_assignment")
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_walk_ins_dealer_id_store_id"),
        ),
        sa.ForeignKeyConstraint(
            ["dealer_id", "user_id"], ["staff.dealer_id", "staff.user_id"], name=op.f("fk_walk_ins_dealer_id_user_id")
        ),
        sa.PrimaryKeyConstraint("dealer_id", "walk_in_id", name=op.f("pk_walk_ins")),
    )
    op.create_index("ix_walk_ins_store", "walk_ins", ["dealer_id", "store_id", "entered_at"], unique=False)
    op.create_index("ix_walk_ins_phone", "walk_ins", ["dealer_id", "phone_bidx"], unique=False)
    op.create_index(
        "ix_walk_ins_due",
        "walk_ins",
        ["entered_at"],
        unique=False,
        postgresql_where=sa.text("state IN ('entered', 'checking') AND aside_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("walk_ins")
    for column in ("closed_days", "pause_reason", "opens_again_at"):
        op.drop_column("stores", column)
    op.drop_constraint(op.f("ck_signups_consent_how_known"), "signups", type_="check")
    op.drop_column("signups", "consent_how")
    for table, name, before, _ in _CHECKS:
        op.drop_constraint(op.f(name), table, type_="check")
        op.create_check_constraint(op.f(name), table, before)
