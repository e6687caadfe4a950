"""What headquarters judges of people in quarantine"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "screening_verdicts",
        sa.Column("verdict_id", sa.Uuid(), nullable=False),
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("ring_key", sa.Uuid(), nullable=False),
        sa.Column("signup_id", sa.Uuid(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("codes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("undone_at", _MOMENT, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint("verdict IN ('genuine', 'fraud')", name=op.f("ck_screening_verdicts_verdict_known")),
        sa.ForeignKeyConstraint(["signup_id"], ["signups.signup_id"], name=op.f("fk_screening_verdicts_signup_id")),
        sa.PrimaryKeyConstraint("verdict_id", name=op.f("pk_screening_verdicts")),
    )
    op.create_index("ix_screening_verdicts_act", "screening_verdicts", ["act_id"])
    op.create_index("ix_screening_verdicts_at", "screening_verdicts", ["at", "act_id"])
    op.create_index("ix_screening_verdicts_ring", "screening_verdicts", ["ring_key"])
    op.create_index(
        "ix_screening_verdicts_standing",
        "screening_verdicts",
        ["signup_id", "at"],
        postgresql_where=sa.text("undone_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("screening_verdicts")
