"""Count the leads that stores hold without reading all leads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_leads_placed", "leads", ["lead_id"], postgresql_where=sa.text("state = 'placed'"))


def downgrade() -> None:
    op.drop_index("ix_leads_placed", table_name="leads")
