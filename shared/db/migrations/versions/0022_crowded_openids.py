"""Remember the openids that many phones were seen with"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crowded_openids",
        sa.Column("openid_bidx", sa.LargeBinary(), nullable=False),
        sa.Column("phone_bidx", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("openid_bidx", "phone_bidx", name=op.f("pk_crowded_openids")),
    )


def downgrade() -> None:
    op.drop_table("crowded_openids")
