"""Keep what each joining of two customers moved, and who is not the same person"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact_merges",
        sa.Column("merge_id", sa.Uuid(), nullable=False),
        sa.Column("loser", sa.Uuid(), nullable=False),
        sa.Column("survivor", sa.Uuid(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("moved", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by IS NULL)", name=op.f("ck_contact_merges_undone_by_somebody")
        ),
        sa.ForeignKeyConstraint(["loser"], ["contacts.contact_id"], name=op.f("fk_contact_merges_loser")),
        sa.ForeignKeyConstraint(["survivor"], ["contacts.contact_id"], name=op.f("fk_contact_merges_survivor")),
        sa.PrimaryKeyConstraint("merge_id", name=op.f("pk_contact_merges")),
    )
    op.create_index("ix_contact_merges_survivor", "contact_merges", ["survivor"], unique=False)
    op.create_index(
        "uq_contact_merges_loser",
        "contact_merges",
        ["loser"],
        unique=True,
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "kept_apart",
        sa.Column("one", sa.Uuid(), nullable=False),
        sa.Column("other", sa.Uuid(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("one < other", name=op.f("ck_kept_apart_in_order")),
        sa.ForeignKeyConstraint(["one"], ["contacts.contact_id"], name=op.f("fk_kept_apart_one")),
        sa.ForeignKeyConstraint(["other"], ["contacts.contact_id"], name=op.f("fk_kept_apart_other")),
        sa.PrimaryKeyConstraint("one", "other", name=op.f("pk_kept_apart")),
    )
    op.create_index("ix_kept_apart_other", "kept_apart", ["other"], unique=False)


def downgrade() -> None:
    op.drop_table("kept_apart")
    op.drop_table("contact_merges")
