"""Score everybody anew in pages, with progress that survives a crash"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_COUNTS = ("people", "pages", "people_done", "pages_done", "leads", "changed", "nurtured", "revived")


def upgrade() -> None:
    op.add_column("rule_sets", sa.Column("rescored_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "rescore_runs",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in _COUNTS),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('running', 'stopped', 'superseded', 'done')", name=op.f("ck_rescore_runs_state_known")
        ),
        sa.CheckConstraint("cause IN ('activated', 'aged', 'asked')", name=op.f("ck_rescore_runs_cause_known")),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_rescore_runs")),
    )
    op.create_index("ix_rescore_runs_started", "rescore_runs", ["started_at", "run_id"])
    op.create_index(
        "uq_rescore_runs_open",
        "rescore_runs",
        [sa.text("(true)")],
        unique=True,
        postgresql_where=sa.text("state IN ('running', 'stopped')"),
    )
    op.create_table(
        "rescore_pages",
        sa.Column("page_id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("low", sa.Uuid(), nullable=False),
        sa.Column("high", sa.Uuid(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aside_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["rescore_runs.run_id"], name=op.f("fk_rescore_pages_run_id")),
        sa.PrimaryKeyConstraint("page_id", name=op.f("pk_rescore_pages")),
        sa.UniqueConstraint("run_id", "number", name=op.f("uq_rescore_pages_run_id_number")),
    )
    op.create_index(
        "ix_rescore_pages_due",
        "rescore_pages",
        ["run_id", "number"],
        postgresql_where=sa.text("done_at IS NULL AND aside_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("rescore_pages")
    op.drop_table("rescore_runs")
    op.drop_column("rule_sets", "rescored_at")
