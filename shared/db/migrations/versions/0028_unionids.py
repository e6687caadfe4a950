"""The unionid names a person as the openid does; a number is as verified as the best of its sign-ups says"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028_unionids"
down_revision = "0027_people_of_lately"
branch_labels = None
depends_on = None

_MOST_PHONES = 4

# Nobody is joined here. A unionid goes to the contact whose sign-up brought it first; one that several contacts have
# had joins them when the person signs up next, on record and to be undone. It counts as known since now, so that undoing
# an older joining gives it to whom its sign-ups go to.
_KEYS = """
    INSERT INTO identities (kind, value_bidx, contact_id, signup_id, created_at)
    SELECT DISTINCT ON (unionid_bidx) 'unionid', unionid_bidx, contact_id, signup_id, now()
    FROM signups WHERE unionid_bidx IS NOT NULL AND contact_id IS NOT NULL
    ORDER BY unionid_bidx, accepted_at, signup_id
    ON CONFLICT DO NOTHING
"""
_CROWDS = f"""
    INSERT INTO crowded_accounts (kind, value_bidx, phone_bidx, at)
    SELECT DISTINCT 'unionid', s.unionid_bidx, s.phone_bidx, now()
    FROM signups s JOIN (
        SELECT unionid_bidx FROM signups WHERE unionid_bidx IS NOT NULL AND contact_id IS NOT NULL
        GROUP BY unionid_bidx HAVING count(DISTINCT phone_bidx) > {_MOST_PHONES}
    ) AS c USING (unionid_bidx)
    WHERE s.phone_bidx IS NOT NULL AND s.contact_id IS NOT NULL
"""
_BY_STRENGTH = "ARRAY['wechat', 'sms', 'none']"
_VERIFIED = f"""
    UPDATE contact_phones p SET verified = ({_BY_STRENGTH})[s.strength]
    FROM (
        SELECT phone_bidx, min(array_position({_BY_STRENGTH}, phone_verified)) AS strength
        FROM signups WHERE phone_bidx IS NOT NULL AND contact_id IS NOT NULL GROUP BY phone_bidx
    ) AS s
    WHERE s.phone_bidx = p.phone_bidx AND s.strength < array_position({_BY_STRENGTH}, p.verified)
"""


def upgrade() -> None:
    op.rename_table("crowded_openids", "crowded_accounts")
    op.alter_column("crowded_accounts", "openid_bidx", new_column_name="value_bidx")
    op.add_column("crowded_accounts", sa.Column("kind", sa.Text(), server_default="openid", nullable=False))
    op.alter_column("crowded_accounts", "kind", server_default=None)
    op.drop_constraint("pk_crowded_openids", "crowded_accounts", type_="primary")
    op.create_primary_key(op.f("pk_crowded_accounts"), "crowded_accounts", ["kind", "value_bidx", "phone_bidx"])
    op.create_check_constraint(
        op.f("ck_crowded_accounts_kind_known"),
        "crowded_accounts",
        "kind IN ('phone', 'openid', 'unionid', 'external')",
    )
    op.execute(_KEYS)
    op.execute(_CROWDS)
    op.execute(_VERIFIED)


def downgrade() -> None:
    op.execute("DELETE FROM identities WHERE kind = 'unionid'")
    op.execute("DELETE FROM crowded_accounts WHERE kind <> 'openid'")
    op.drop_constraint("ck_crowded_accounts_kind_known", "crowded_accounts", type_="check")
    op.drop_constraint("pk_crowded_accounts", "crowded_accounts", type_="primary")
    op.drop_column("crowded_accounts", "kind")
    op.alter_column("crowded_accounts", "value_bidx", new_column_name="openid_bidx")
    op.rename_table("crowded_accounts", "crowded_openids")
    op.create_primary_key(op.f("pk_crowded_openids"), "crowded_openids", ["openid_bidx", "phone_bidx"])
