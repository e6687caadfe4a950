"""Keep people's views of lists, and how they look at them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_views",
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["owner_id"], ["hq_users.user_id"], name="fk_saved_views_owner_id"),
        sa.PrimaryKeyConstraint("view_id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_list", "saved_views", ["list_name", "owner_id"], unique=False)
    op.create_table(
        "list_habits",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("list_name", sa.Text(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("dense", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["hq_users.user_id"], name="fk_list_habits_user_id"),
        sa.PrimaryKeyConstraint("user_id", "list_name", name="pk_list_habits"),
    )


def downgrade() -> None:
    op.drop_table("list_habits")
    op.drop_table("saved_views")
