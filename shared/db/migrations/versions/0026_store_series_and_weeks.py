"""Series a store may sell, its leads a week and its weight, and the weeks on which claims are counted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026_store_series"
down_revision = "0025_learning_in_steps"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
# What a list that was imported before had written about stores lacked these: the list changed nothing of them.
_OF_LISTS = """'{"series": null, "weekly_capacity": null, "weight": 1}'::jsonb"""


def upgrade() -> None:
    op.add_column("stores", sa.Column("weekly_capacity", sa.Integer(), nullable=True))
    op.add_column("stores", sa.Column("weight", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("stores", sa.Column("series", _JSON, nullable=True))
    op.create_check_constraint(op.f("ck_stores_weekly_capacity_not_negative"), "stores", "weekly_capacity >= 0")
    op.create_check_constraint(op.f("ck_stores_weight_positive"), "stores", "weight >= 1")
    op.create_table(
        "series",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("models", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_series")),
    )
    op.create_table(
        "store_weeks",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("extract(isodow FROM week) = 1", name=op.f("ck_store_weeks_week_begins_on_monday")),
        sa.CheckConstraint("taken <= cap", name=op.f("ck_store_weeks_taken_within_cap")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_store_weeks_taken_not_negative")),
        sa.ForeignKeyConstraint(
            ["dealer_id", "store_id"],
            ["stores.dealer_id", "stores.store_id"],
            name=op.f("fk_store_weeks_dealer_id_store_id"),
        ),
        sa.PrimaryKeyConstraint("dealer_id", "store_id", "week", name=op.f("pk_store_weeks")),
    )
    op.create_index("ix_store_weeks_week", "store_weeks", ["week"])
    op.execute(
        """
        INSERT INTO store_weeks (dealer_id, store_id, week, cap, taken)
        SELECT dealer_id, store_id, date_trunc('week', day)::date, NULL, sum(taken) FROM store_days GROUP BY 1, 2, 3
        """
    )
    op.execute(f"UPDATE import_changes SET after = {_OF_LISTS} || after, before = {_OF_LISTS} || before")


def downgrade() -> None:
    op.execute(
        "UPDATE import_changes SET after = after - ARRAY['series', 'weekly_capacity', 'weight'],"
        " before = before - ARRAY['series', 'weekly_capacity', 'weight']"
    )
    op.drop_table("store_weeks")
    op.drop_table("series")
    for name in ("series", "weight", "weekly_capacity"):
        op.drop_column("stores", name)
