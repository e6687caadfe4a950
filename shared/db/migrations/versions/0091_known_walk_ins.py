"""Find the people who came to one store and are another one's lead"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0091_known_walk_ins"
down_revision = "0088_replays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = sa.text("code = 'known'")
    op.create_index("ix_walk_ins_known", "walk_ins", ["decided_at"], postgresql_where=known)


def downgrade() -> None:
    op.drop_index("ix_walk_ins_known", table_name="walk_ins")
