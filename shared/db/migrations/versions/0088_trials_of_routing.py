"""Try routing rules on a past period step by step, as rules of other kinds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0088_replays"
down_revision = "0089_population_drafts"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.add_column("replays", sa.Column("asked", _JSON, nullable=False, server_default="{}"))
    op.add_column("replays", sa.Column("carried", _JSON, nullable=True))
    op.alter_column("replays", "asked", server_default=None)
    op.create_table(
        "replay_loads",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("day_before", sa.Integer(), nullable=False),
        sa.Column("day_after", sa.Integer(), nullable=False),
        sa.Column("week_before", sa.Integer(), nullable=False),
        sa.Column("week_after", sa.Integer(), nullable=False),
        sa.Column("turn_before", sa.Float(), nullable=False),
        sa.Column("turn_after", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["replay_id"], ["replays.replay_id"], name=op.f("fk_replay_loads_replay_id")),
        sa.PrimaryKeyConstraint("replay_id", "store_id", name=op.f("pk_replay_loads")),
    )
    op.create_table(
        "replay_stops",
        sa.Column("replay_id", sa.Uuid(), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("replay_id", name=op.f("pk_replay_stops")),
    )


def downgrade() -> None:
    op.drop_table("replay_stops")
    op.drop_table("replay_loads")
    op.execute("DELETE FROM replays WHERE kind = 'routing'")
    op.drop_column("replays", "carried")
    op.drop_column("replays", "asked")
