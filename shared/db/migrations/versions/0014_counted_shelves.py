"""Count the stores of a publication without reading the shelf's rows"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_shelf_publication", table_name="shelf")
    op.create_index("ix_shelf_publication", "shelf", ["publication_id", "removed_at"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_shelf_publication", table_name="shelf")
    op.create_index("ix_shelf_publication", "shelf", ["publication_id"], unique=False)
