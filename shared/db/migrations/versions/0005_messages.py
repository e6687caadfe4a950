"""Text messages and the codes in them"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "sms_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("due_at"),
        _moment("expires_at"),
        _moment("answered_at", nullable=True),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _moment("purge_at"),
        _moment("created_at"),
        _moment("aside_at", nullable=True),
        sa.CheckConstraint("state IN ('due', 'sent', 'failed', 'void')", name=op.f("ck_sms_messages_state_known")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_sms_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_sms_messages_key")),
    )
    op.create_index(
        "ix_sms_messages_due",
        "sms_messages",
        ["due_at"],
        postgresql_where=sa.text("state = 'due' AND aside_at IS NULL"),
    )
    op.create_index("ix_sms_messages_purge_at", "sms_messages", ["purge_at"])
    op.create_table(
        "sms_codes",
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("phone_bidx", sa.LargeBinary(), nullable=False),
        sa.Column("device_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("address_bidx", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("used_at", nullable=True),
        sa.Column("used_by", sa.LargeBinary(), nullable=True),
        _moment("purge_at"),
        sa.PrimaryKeyConstraint("code_id", name=op.f("pk_sms_codes")),
    )
    op.create_index("ix_sms_codes_phone", "sms_codes", ["phone_bidx", "created_at"])
    op.create_index(
        "ix_sms_codes_device",
        "sms_codes",
        ["device_bidx", "created_at"],
        postgresql_where=sa.text("device_bidx IS NOT NULL"),
    )
    op.create_index("ix_sms_codes_address", "sms_codes", ["address_bidx", "created_at"])
    op.create_index("ix_sms_codes_purge_at", "sms_codes", ["purge_at"])


def downgrade() -> None:
    op.drop_table("sms_codes")
    op.drop_table("sms_messages")
