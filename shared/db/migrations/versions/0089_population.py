"""Keep the population of districts that headquarters brings along"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0089_population"
down_revision = "0082_pool_stores"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "population_tables",
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("counties", sa.Integer(), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("brought_by", sa.Text(), nullable=False),
        sa.Column("brought_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_population_tables_people_positive")),
        sa.PrimaryKeyConstraint("table_id", name=op.f("pk_population_tables")),
    )
    op.create_index("uq_population_tables_only", "population_tables", [sa.text("(true)")], unique=True)
    op.create_table(
        "division_people",
        sa.Column("table_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.CheckConstraint("people > 0", name=op.f("ck_division_people_people_positive")),
        sa.ForeignKeyConstraint(
            ["table_id"], ["population_tables.table_id"], name=op.f("fk_division_people_table_id_population_tables")
        ),
        sa.PrimaryKeyConstraint("table_id", "code", name=op.f("pk_division_people")),
    )


def downgrade() -> None:
    op.drop_table("division_people")
    op.drop_table("population_tables")
