"""Notices go out by text message and e-mail"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028_deliveries"
down_revision = "0061_replays"
branch_labels = None
depends_on = None

_JSON = postgresql.JSONB(astext_type=sa.Text())


def _moment(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    _notices()
    _deliveries()
    _mail()


def _notices() -> None:
    op.add_column("notifications", _moment("spread_at", nullable=True))
    op.add_column("notifications", _moment("aside_at", nullable=True))
    op.execute("UPDATE notifications SET spread_at = at")  # what is old is told in the portal alone
    op.create_index(
        "ix_notifications_due",
        "notifications",
        ["at"],
        postgresql_where=sa.text("spread_at IS NULL AND aside_at IS NULL"),
    )
    op.create_index("ix_notifications_at", "notifications", ["at"])
    for way in ("phone", "mail"):
        op.add_column("notice_people", sa.Column(f"{way}_sealed", sa.LargeBinary(), nullable=True))
        op.add_column("notice_people", sa.Column(f"{way}_masked", sa.Text(), nullable=True))
    op.add_column("notice_people", sa.Column("mail_asked", sa.LargeBinary(), nullable=True))
    op.add_column("notice_people", _moment("mail_asked_at", nullable=True))
    op.add_column("notice_people", _moment("mail_told_at", nullable=True))
    op.create_index(
        "ix_notice_people_asked",
        "notice_people",
        ["mail_asked_at"],
        postgresql_where=sa.text("mail_asked_at IS NOT NULL AND mail_told_at IS NULL"),
    )
    op.add_column("notice_people", sa.Column("mail_tries", sa.Integer(), nullable=True))
    op.create_table(
        "notice_settings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        _moment("changed_at"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_notice_settings")),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("dealer_id", sa.Uuid(), nullable=False),
        sa.Column("delivery_id", sa.Uuid(), nullable=False),
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        _moment("due_at"),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        _moment("composed_at", nullable=True),
        _moment("aside_at", nullable=True),
        sa.CheckConstraint("channel IN ('sms', 'mail')", name=op.f("ck_deliveries_channel_known")),
        sa.CheckConstraint("state IN ('waiting', 'composed', 'dropped')", name=op.f("ck_deliveries_state_known")),
        sa.PrimaryKeyConstraint("dealer_id", "delivery_id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "dealer_id",
            "notification_id",
            "user_id",
            "channel",
            name=op.f("uq_deliveries_dealer_id_notification_id_user_id_channel"),
        ),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_at"],
        postgresql_where=sa.text("state = 'waiting' AND aside_at IS NULL"),
    )
    op.create_index("ix_deliveries_person", "deliveries", ["dealer_id", "user_id", "channel", "composed_at"])
    op.create_index(
        "ix_deliveries_message", "deliveries", ["message_id"], postgresql_where=sa.text("message_id IS NOT NULL")
    )


def _mail() -> None:
    op.create_table(
        "mail_messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        _moment("due_at"),
        _moment("expires_at"),
        _moment("answered_at", nullable=True),
        sa.Column("answer", _JSON, nullable=False),
        _moment("purge_at"),
        _moment("created_at"),
        _moment("aside_at", nullable=True),
        sa.CheckConstraint(
            "state IN ('due', 'sent', 'failed', 'uncertain')", name=op.f("ck_mail_messages_state_known")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_mail_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_mail_messages_key")),
    )
    op.create_index(
        "ix_mail_messages_due",
        "mail_messages",
        ["due_at"],
        postgresql_where=sa.text("state = 'due' AND aside_at IS NULL"),
    )
    op.create_index("ix_mail_messages_purge_at", "mail_messages", ["purge_at"])
    for table in ("sms_messages", "mail_messages"):
        op.create_index(
            f"ix_{table}_failed",
            table,
            ["answered_at"],
            postgresql_where=sa.text("state IN ('failed', 'uncertain')"),
        )
    op.create_table(
        "mail_tries",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        _moment("begun_at"),
        sa.Column("answer", _JSON, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["mail_messages.message_id"], name=op.f("fk_mail_tries_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", "number", name=op.f("pk_mail_tries")),
    )


def downgrade() -> None:
    op.drop_index("ix_sms_messages_failed", table_name="sms_messages")
    for table in ("mail_tries", "mail_messages", "deliveries", "notice_settings"):
        op.drop_table(table)
    op.drop_index("ix_notice_people_asked", table_name="notice_people")
    for column in ("mail_tries", "mail_told_at", "mail_asked_at", "mail_asked"):
        op.drop_column("notice_people", column)
    for way in ("mail", "phone"):
        op.drop_column("notice_people", f"{way}_masked")
        op.drop_column("notice_people", f"{way}_sealed")
    op.drop_index("ix_notifications_at", table_name="notifications")
    op.drop_index("ix_notifications_due", table_name="notifications")
    op.drop_column("notifications", "aside_at")
    op.drop_column("notifications", "spread_at")
