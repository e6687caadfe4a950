"""Tell dealers' owners and headquarters too"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_notices"
down_revision = "0024"
branch_labels = None
depends_on = None

_NIL = "00000000-0000-0000-0000-000000000000"


def upgrade() -> None:
    op.add_column("notifications", sa.Column("audience", sa.Text(), nullable=True))
    op.add_column("notifications", sa.Column("permission", sa.Text(), nullable=True))
    op.execute("UPDATE notifications SET audience = 'store'")
    op.alter_column("notifications", "audience", nullable=False)
    op.alter_column("notifications", "store_id", nullable=True)
    op.create_check_constraint(
        op.f("ck_notifications_audience_known"), "notifications", "audience IN ('store', 'owner', 'hq')"
    )
    op.create_check_constraint(
        op.f("ck_notifications_audience_fits"),
        "notifications",
        f"(audience = 'hq') = (dealer_id = '{_NIL}') AND (audience = 'hq') = (store_id IS NULL)"
        " AND (audience = 'hq') = (permission IS NOT NULL)",
    )


def downgrade() -> None:
    op.execute("DELETE FROM notifications WHERE audience <> 'store'")
    op.drop_constraint(op.f("ck_notifications_audience_fits"), "notifications", type_="check")
    op.drop_constraint(op.f("ck_notifications_audience_known"), "notifications", type_="check")
    op.alter_column("notifications", "store_id", nullable=False)
    op.drop_column("notifications", "permission")
    op.drop_column("notifications", "audience")
