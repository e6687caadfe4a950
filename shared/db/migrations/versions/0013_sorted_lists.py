"""Page through long lists in any order, and count what stands under a filter, without reading them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_leads_grade", "leads", ["grade", "lead_id"])
    op.create_index("ix_leads_points", "leads", ["points", "lead_id"])
    op.create_index(
        "ix_signups_outcome",
        "signups",
        ["outcome", "accepted_at", "signup_id"],
        postgresql_where=sa.text("outcome IS NOT NULL AND aside_at IS NULL"),
    )
    op.create_index(
        "ix_signups_aside", "signups", ["accepted_at", "signup_id"], postgresql_where=sa.text("aside_at IS NOT NULL")
    )
    op.create_index("ix_audit_log_action", "audit_log", ["action", "at"])
    op.create_index(
        "ix_contacts_merged", "contacts", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    op.drop_index("ix_assignments_deadline", table_name="assignments")
    op.create_index(
        "ix_assignments_deadline",
        "assignments",
        ["deadline_at", "lead_id"],
        postgresql_where=sa.text("stage = 'offered' AND ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_assignments_deadline", table_name="assignments")
    op.create_index(
        "ix_assignments_deadline",
        "assignments",
        ["deadline_at"],
        postgresql_where=sa.text("stage = 'offered' AND ended_at IS NULL"),
    )
    op.drop_index("ix_contacts_merged", table_name="contacts")
    op.drop_index("ix_audit_log_action", table_name="audit_log")
    op.drop_index("ix_signups_aside", table_name="signups")
    op.drop_index("ix_signups_outcome", table_name="signups")
    op.drop_index("ix_leads_points", table_name="leads")
    op.drop_index("ix_leads_grade", table_name="leads")
