"""Find customers by a part of their name without reading all of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_contacts_name_letters", "contacts", [sa.text("string_to_array(name, NULL)")], postgresql_using="gin"
    )


def downgrade() -> None:
    op.drop_index("ix_contacts_name_letters", table_name="contacts")
