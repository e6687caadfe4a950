"""Let an import be mapped, checked, continued and undone"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())
_STATES = (
    "state IN ('looking', 'mapping', 'waiting', 'running', 'done', 'cancelled', 'refused', 'dropped', 'undoing',"
    " 'undone')"
)
_OLD_STATES = "state IN ('waiting', 'running', 'done', 'refused')"
_OUTCOMES = "'rejected', 'quarantined', 'no_consent', 'below_threshold', 'duplicate', 'withdrawn', 'in_lead'"


def upgrade() -> None:
    _imports()
    _tables()
    for table in ("signups", "signup_decisions"):
        op.drop_constraint(op.f(f"ck_{table}_outcome_known"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_outcome_known"), table, f"outcome IN ({_OUTCOMES}, 'undone')")
    op.drop_index("ix_signups_import", table_name="signups")
    op.create_index(
        "ix_signups_import",
        "signups",
        ["import_id", "signup_id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )


def _imports() -> None:
    for column in (
        sa.Column("skipped", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("continues", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("reading", _JSON, nullable=True),
        sa.Column("check_row", sa.Integer(), nullable=True),
        sa.Column("checked", _JSON, nullable=True),
        sa.Column("undo", _JSON, nullable=True),
        sa.Column("undo_after", sa.Uuid(), nullable=True),
    ):
        op.add_column("imports", column)
    for name in ("skipped", "version"):
        op.alter_column("imports", name, server_default=None)
    op.create_foreign_key(op.f("fk_imports_continues"), "imports", "imports", ["continues"], ["import_id"])
    _states(_STATES, "state IN ('looking', 'mapping', 'waiting', 'running', 'undoing')")
    op.create_index(
        "ix_imports_continues",
        "imports",
        ["continues"],
        unique=False,
        postgresql_where=sa.text("continues IS NOT NULL"),
    )


def _states(known: str, due: str) -> None:
    op.drop_constraint(op.f("ck_imports_state_known"), "imports", type_="check")
    op.create_check_constraint(op.f("ck_imports_state_known"), "imports", known)
    op.drop_index("ix_imports_due", table_name="imports")
    op.create_index("ix_imports_due", "imports", ["uploaded_at"], unique=False, postgresql_where=sa.text(due))


def _tables() -> None:
    op.create_table(
        "import_samples",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name=op.f("fk_import_samples_import_id")),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_samples")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("fields", _JSON, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('signups', 'stores')", name=op.f("ck_import_mappings_kind_known")),
        sa.PrimaryKeyConstraint("kind", "fingerprint", name=op.f("pk_import_mappings")),
    )
    op.create_table(
        "import_changes",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("store_id", sa.Uuid(), nullable=False),
        sa.Column("before", _JSON, nullable=True),
        sa.Column("after", _JSON, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.import_id"], name=op.f("fk_import_changes_import_id")),
        sa.PrimaryKeyConstraint("import_id", "store_id", name=op.f("pk_import_changes")),
    )
    op.create_index("ix_import_changes_store", "import_changes", ["store_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_signups_import", table_name="signups")
    op.create_index(
        "ix_signups_import",
        "signups",
        ["import_id"],
        unique=False,
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    for table in ("signups", "signup_decisions"):
        op.drop_constraint(op.f(f"ck_{table}_outcome_known"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_outcome_known"), table, f"outcome IN ({_OUTCOMES})")
    for table in ("import_changes", "import_mappings", "import_samples"):
        op.drop_table(table)
    op.drop_index("ix_imports_continues", table_name="imports")
    _states(_OLD_STATES, "state IN ('waiting', 'running')")
    op.drop_constraint(op.f("fk_imports_continues"), "imports", type_="foreignkey")
    for name in ("undo_after", "undo", "checked", "check_row", "reading", "version", "continues", "skipped"):
        op.drop_column("imports", name)
