"""Screening rules by kind, lists that screening asks, inviters found fast, owners as an outcome of their own"""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OUTCOMES = "'rejected', 'quarantined', 'no_consent', 'below_threshold', 'duplicate', 'withdrawn', 'undone', 'in_lead'"
_CROWDS = {
    "device_many_people": ("device_people", "device_minutes", "people", 72 * 60),
    "address_many_people": ("address_people", "address_minutes", "people", 3 * 60),
    "bare_address_many_people": ("bare_address_people", "bare_address_minutes", "people", 60),
}
_ALWAYS = {
    "phone_unusable": {"effect": "reject"},
    "virtual_operator": {"effect": "flag"},
    "invited_themselves": {"effect": "quarantine"},
}


def upgrade() -> None:
    for table in ("signups", "signup_decisions"):
        op.drop_constraint(op.f(f"ck_{table}_outcome_known"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_outcome_known"), table, f"outcome IN ({_OUTCOMES}, 'loyalty')")
    op.create_index(
        "ix_signups_inviter",
        "signups",
        ["inviter_bidx", "occurred_at"],
        postgresql_where=sa.text("inviter_bidx IS NOT NULL"),
    )
    for table in ("hq_users", "staff"):
        op.add_column(table, sa.Column("phone_bidx", sa.LargeBinary(), nullable=True))
        op.create_index(f"ix_{table}_phone", table, ["phone_bidx"], postgresql_where=sa.text("phone_bidx IS NOT NULL"))
    _lists()
    _rewrite(_by_kind)


def _lists() -> None:
    op.create_table(
        "listed",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("value_bidx", sa.LargeBinary(), nullable=True),
        sa.Column("network", sa.dialects.postgresql.CIDR(), nullable=True),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_why", sa.Text(), nullable=True),
        sa.CheckConstraint("purpose IN ('blocked', 'staff', 'owner', 'winner')", name=op.f("ck_listed_purpose_known")),
        sa.CheckConstraint("what IN ('phone', 'openid', 'device', 'address')", name=op.f("ck_listed_what_known")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_listed")),
    )
    op.create_index(
        "ix_listed_value", "listed", ["what", "value_bidx"], postgresql_where=sa.text("value_bidx IS NOT NULL")
    )
    op.create_index(
        "ix_listed_network",
        "listed",
        ["network"],
        postgresql_using="gist",
        postgresql_ops={"network": "inet_ops"},
        postgresql_where=sa.text("network IS NOT NULL"),
    )
    op.create_index("ix_listed_added", "listed", ["added_at", "entry_id"])
    op.create_index("ix_listed_batch", "listed", ["batch_id"], postgresql_where=sa.text("batch_id IS NOT NULL"))


def _rewrite(form: Any) -> None:
    """Bring every version of the screening rules into another form; what they say stays the same."""
    link = op.get_bind()
    rows = link.execute(sa.text("SELECT rule_set_id, body FROM rule_sets WHERE kind = 'screening'")).all()
    for rule_set_id, body in rows:
        link.execute(
            sa.text("UPDATE rule_sets SET body = CAST(:body AS jsonb) WHERE rule_set_id = :id"),
            {"body": json.dumps(form(body)), "id": rule_set_id},
        )


def _by_kind(old: dict[str, Any]) -> dict[str, Any]:
    """`{code: {"effect": …, parameter: number}}`; a limit that was left out had its default, null was off."""
    new: dict[str, Any] = {code: dict(rule) for code, rule in _ALWAYS.items()}
    for code, (people, minutes, name, usual) in _CROWDS.items():
        limit = old.get(people, 6 if code == "bare_address_many_people" else 4)
        new[code] = {
            "effect": "off" if limit is None else "quarantine",
            name: max(limit or 4, 2),
            "minutes": old.get(minutes, usual),
        }
    new["bare_address_many_people"]["draws"] = 0  # the number of people alone decided
    draws, flags = old.get("many_draws", 6), old.get("flags", 2)
    new["many_draws"] = {"effect": "off" if draws is None else "flag", "draws": draws or 6}
    new["several_flags"] = {"effect": "off" if flags is None else "quarantine", "flags": max(flags or 2, 2)}
    return new


def _by_name(new: dict[str, Any]) -> dict[str, Any]:
    old: dict[str, Any] = {}
    for code, (people, minutes, name, usual) in _CROWDS.items():
        rule = new.get(code, {"effect": "off"})
        old[people] = None if rule["effect"] == "off" else rule[name]
        old[minutes] = rule.get("minutes", usual)
    for code, name in (("many_draws", "draws"), ("several_flags", "flags")):
        rule = new.get(code, {"effect": "off"})
        old["flags" if name == "flags" else code] = None if rule["effect"] == "off" else rule[name]
    return old


def downgrade() -> None:
    _rewrite(_by_name)
    op.drop_table("listed")
    for table in ("staff", "hq_users"):
        op.drop_index(f"ix_{table}_phone", table_name=table)
        op.drop_column(table, "phone_bidx")
    op.drop_index("ix_signups_inviter", table_name="signups")
    # Whoever was kept out of sales as an owner is looked at again by the older rules.
    op.execute("UPDATE signups SET state = 'received', outcome = NULL WHERE outcome = 'loyalty'")
    op.execute("DELETE FROM signup_decisions WHERE outcome = 'loyalty'")
    for table in ("signups", "signup_decisions"):
        op.drop_constraint(op.f(f"ck_{table}_outcome_known"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_outcome_known"), table, f"outcome IN ({_OUTCOMES})")
