"""Try rules of every kind on a past period, stop it, and forget the result in time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0061_replays"
down_revision = "0070_load_of_stores"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_DUE = sa.text("state = 'running' AND aside_at IS NULL")


def upgrade() -> None:
    op.add_column("replays", sa.Column("kind", sa.Text(), nullable=False, server_default="scorecard"))
    op.add_column("replays", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("replays", sa.Column("beside", _JSON, nullable=False, server_default="{}"))
    op.add_column("replays", sa.Column("bar", sa.Float(), nullable=True))
    op.add_column("replays", sa.Column("against_bar", sa.Float(), nullable=True))
    op.add_column("replays", sa.Column("stepped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("replays", sa.Column("stopped_by", sa.Text(), nullable=True))
    op.add_column("replays", sa.Column("purge_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE replays SET purge_at = started_at + interval '180 days'")
    op.alter_column("replays", "purge_at", nullable=False)
    for name in ("kind", "revision", "beside"):
        op.alter_column("replays", name, server_default=None)
    op.drop_constraint(op.f("ck_replays_state_known"), "replays", type_="check")
    op.create_check_constraint(op.f("ck_replays_state_known"), "replays", "state IN ('running', 'stopped', 'done')")
    op.drop_index("ix_replays_version", "replays")
    op.create_index("ix_replays_version", "replays", ["kind", "version", "started_at"])
    op.drop_index("ix_replays_due", "replays")
    op.create_index("ix_replays_due", "replays", [sa.text("coalesce(stepped_at, started_at)")], postgresql_where=_DUE)
    op.create_index("ix_replays_purge_at", "replays", ["purge_at"])

    op.add_column("replay_moves", sa.Column("way", sa.Text(), nullable=True))
    op.add_column("replay_moves", sa.Column("signup_id", sa.Uuid(), nullable=True))
    op.add_column("replay_moves", sa.Column("before", sa.Text(), nullable=True))
    op.add_column("replay_moves", sa.Column("after", sa.Text(), nullable=True))
    op.add_column("replay_moves", sa.Column("reasons", _JSON, nullable=False, server_default="[]"))
    op.execute(
        """
        UPDATE replay_moves SET way = CASE WHEN enters THEN 'enter' ELSE 'leave' END,
               before = CASE WHEN enters THEN 'below_threshold' ELSE 'in_lead' END,
               after = CASE WHEN enters THEN 'in_lead' ELSE 'below_threshold' END
        """
    )
    for name in ("way", "before", "after"):
        op.alter_column("replay_moves", name, nullable=False)
    op.alter_column("replay_moves", "reasons", server_default=None)
    for name in ("contact_id", "points_before", "points"):
        op.alter_column("replay_moves", name, nullable=True)
    op.drop_column("replay_moves", "enters")
    op.create_check_constraint(op.f("ck_replay_moves_way_known"), "replay_moves", "way IN ('enter', 'leave', 'other')")
    op.create_index("ix_replay_moves_way", "replay_moves", ["replay_id", "way", "number"])


def downgrade() -> None:
    op.execute("DELETE FROM replay_moves")
    op.execute("DELETE FROM replays WHERE kind <> 'scorecard' OR state = 'stopped'")
    op.drop_index("ix_replay_moves_way", "replay_moves")
    op.add_column("replay_moves", sa.Column("enters", sa.Boolean(), nullable=False))
    for name in ("contact_id", "points_before", "points"):
        op.alter_column("replay_moves", name, nullable=False)
    for name in ("way", "signup_id", "before", "after", "reasons"):
        op.drop_column("replay_moves", name)
    op.drop_index("ix_replays_purge_at", "replays")
    op.drop_index("ix_replays_due", "replays")
    op.create_index("ix_replays_due", "replays", ["started_at"], postgresql_where=_DUE)
    op.drop_index("ix_replays_version", "replays")
    op.create_index("ix_replays_version", "replays", ["version", "started_at"])
    op.drop_constraint(op.f("ck_replays_state_known"), "replays", type_="check")
    op.create_check_constraint(op.f("ck_replays_state_known"), "replays", "state IN ('running', 'done')")
    for name in ("kind", "revision", "beside", "bar", "against_bar", "stepped_at", "stopped_by", "purge_at"):
        op.drop_column("replays", name)
