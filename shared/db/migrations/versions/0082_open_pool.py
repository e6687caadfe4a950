"""The open pool: leads that stores near a customer may claim themselves"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0082_open_pool"
down_revision = "0086_desk"
branch_labels = None
depends_on = None

_STATES = "'waiting', 'placed', 'desk', 'pooled', 'won', 'lost', 'closed'"
_BEFORE = "'waiting', 'placed', 'desk', 'won', 'lost', 'closed'"


def _checks(states: str, open_states: str) -> None:
    for name, rule in (
        ("ck_leads_state_known", f"state IN ({states})"),
        ("ck_leads_closed_when_over", f"(closed_at IS NULL) = (state IN ({open_states}))"),
    ):
        op.drop_constraint(op.f(name), "leads")
        op.create_check_constraint(op.f(name), "leads", rule)


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _checks(_STATES, "'waiting', 'placed', 'desk', 'pooled'")
    op.add_column("assignments", _moment("card_due_at", nullable=True))
    op.create_index(
        "ix_assignments_card",
        "assignments",
        ["card_due_at"],
        postgresql_where=sa.text("card_due_at IS NOT NULL AND ended_at IS NULL"),
    )
    for name in ("pool_claims", "pool_views"):
        op.add_column("store_days", sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
    op.create_table(
        "pool_entries",
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("offer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lng", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("reach_km", sa.Float(), nullable=True),
        sa.Column("store_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("former_days", sa.Integer(), nullable=False),
        _moment("entered_at"),
        _moment("open_from"),
        _moment("until"),
        _moment("due_at"),
        sa.CheckConstraint("grade IN ('A', 'B', 'C', 'D')", name=op.f("ck_pool_entries_grade_known")),
        sa.CheckConstraint("reach_km > 0", name=op.f("ck_pool_entries_reach_positive")),
        sa.CheckConstraint(
            "reach_km IS NOT NULL OR cardinality(store_ids) > 0", name=op.f("ck_pool_entries_reaches_something")
        ),
        sa.CheckConstraint(
            "open_from >= entered_at AND until > entered_at", name=op.f("ck_pool_entries_times_in_order")
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_pool_entries_lead_id")),
        sa.ForeignKeyConstraint(["scope_id"], ["consent_scopes.scope_id"], name=op.f("fk_pool_entries_scope_id")),
        sa.PrimaryKeyConstraint("lead_id", name=op.f("pk_pool_entries")),
    )
    op.create_index("ix_pool_entries_point", "pool_entries", ["lat", "lng"])
    op.create_index("ix_pool_entries_reach", "pool_entries", ["reach_km"])
    op.create_index("ix_pool_entries_stores", "pool_entries", ["store_ids"], postgresql_using="gin")
    op.create_index("ix_pool_entries_due", "pool_entries", ["due_at", "lead_id"])
    op.create_table(
        "pool_views",
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("of_dealer_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _moment("at"),
        sa.ForeignKeyConstraint(
            ["of_dealer_id", "store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_pool_views_of_dealer_id_store_id"),
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name=op.f("fk_pool_views_lead_id")),
        sa.PrimaryKeyConstraint("view_id", name=op.f("pk_pool_views")),
    )
    op.create_index("ix_pool_views_lead", "pool_views", ["lead_id", "store_id"])


def downgrade() -> None:
    op.execute("DROP TRIGGER IF EXISTS pool_follows ON leads")
    for name in ("koi_pool_follows", "koi_pool_of", "koi_pool_look", "koi_pool_claim", "koi_pool_left"):
        op.execute(f"DROP FUNCTION IF EXISTS {name}")
    op.drop_table("pool_views")
    op.drop_table("pool_entries")
    for name in ("pool_claims", "pool_views"):
        op.drop_column("store_days", name)
    op.drop_index("ix_assignments_card", "assignments")
    op.drop_column("assignments", "card_due_at")
    op.execute("UPDATE leads SET state = 'waiting' WHERE state = 'pooled'")
    _checks(_BEFORE, "'waiting', 'placed', 'desk'")
