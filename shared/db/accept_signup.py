"""`koi_accept_signup`: the one statement that stores a sign-up from the API or the campaign page.

It is a function so that its plan is made once per connection, also behind a PgBouncer that forbids prepared
statements: planning it anew costs three times what running it does. It runs with the rights of its caller.

The body is one statement. Receipt, sign-up and payload appear together or not at all, and the token, the campaign and
the consent texts are read in the same snapshot: a token revoked or a campaign closed a moment ago stores nothing.
"""

from __future__ import annotations

from typing import Final

from shared.db.roles import PUBLIC

# Columns of `signups` that are stored as they come, with their types; imports store the same.
FACTS: Final = {
    "touchpoint": "text",
    "store_code": "text",
    "name": "text",
    "phone_bidx": "bytea",
    "phone_problem": "text",
    "phone_verified": "text",
    "phone_virtual": "boolean",
    "openid_bidx": "bytea",
    "unionid_bidx": "bytea",
    "device_bidx": "bytea",
    "inviter_bidx": "bytea",
    "ip": "inet",
    "user_agent": "text",
    "region": "jsonb",
    "interest": "jsonb",
    "actions": "jsonb",
}
# What the function takes, in order. `token`: SHA-256 of an API client's token, NULL from the campaign page.
ARGUMENTS: Final = {
    "token": "bytea",
    "campaign": "text",
    "marketing": "integer",
    "share": "integer",
    "occurred": "timestamptz",
    "id": "uuid",
    "key": "text",
    "body": "bytea",
    "sealed": "bytea",
    **FACTS,
}
KEY_KEPT_HOURS: Final = 48  # how long an idempotency key is remembered; at least 24 are promised
PAYLOAD_KEPT_DAYS: Final = 180  # PIPL art. 19: no longer than a campaign and its follow-up need
CLOCK_SLACK_MINUTES: Final = 5  # how far a sender's clock may be ahead of ours

_NAMES = ", ".join(FACTS)
_GIVEN = ", ".join(f"given_{name}" for name in FACTS)
_TAKES = ", ".join(f"given_{name} {kind}" for name, kind in ARGUMENTS.items())
_ACCEPT: Final = f"""
CREATE FUNCTION koi_accept_signup({_TAKES})
RETURNS TABLE (clock timestamptz, stored uuid, client uuid, known boolean, problem text)
LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS $$
#variable_conflict use_column
BEGIN RETURN QUERY
WITH sender AS (
  SELECT client_id, campaign_id AS only_for FROM api_clients WHERE token_hash = given_token AND revoked_at IS NULL
  UNION ALL SELECT '00000000-0000-0000-0000-000000000000', NULL WHERE given_token IS NULL
),
target AS (
  SELECT c.campaign_id, m.text_id AS marketing_text_id, s.text_id AS share_text_id,
    CASE WHEN c.status = 'draft' THEN 'campaign_unknown'
      WHEN c.status <> 'live' OR c.ends_at <= now() THEN 'campaign_closed'
      WHEN c.starts_at > now() THEN 'campaign_not_started'
      WHEN given_marketing IS NOT NULL AND m.text_id IS NULL THEN 'marketing_version_unknown'
      WHEN given_share IS NOT NULL AND s.text_id IS NULL THEN 'share_version_unknown'
      WHEN given_occurred > now() + interval '{CLOCK_SLACK_MINUTES} min' THEN 'occurred_in_future'
    END AS obstacle
  FROM campaigns c
  JOIN sender ON coalesce(only_for, c.campaign_id) = c.campaign_id
  LEFT JOIN consent_texts m ON m.campaign_id = c.campaign_id AND m.kind = 'marketing' AND m.version = given_marketing
  LEFT JOIN consent_texts s ON s.campaign_id = c.campaign_id AND s.kind = 'share' AND s.version = given_share
  WHERE c.code = given_campaign
),
receipt AS (
  INSERT INTO receipts (signup_id, client_id, key, body_hmac, accepted_at, expires_at)
  SELECT given_id, client_id, given_key, given_body, now(), now() + interval '{KEY_KEPT_HOURS} h'
  FROM sender, target WHERE obstacle IS NULL
  ON CONFLICT (client_id, key) DO NOTHING
  RETURNING signup_id
),
payload AS (
  INSERT INTO signup_payloads (signup_id, sealed, purge_at)
  SELECT signup_id, given_sealed, now() + interval '{PAYLOAD_KEPT_DAYS} days' FROM receipt
),
signup AS (
  INSERT INTO signups (signup_id, campaign_id, source, client_id, occurred_at, accepted_at, marketing_text_id,
    share_text_id, state, runs, {_NAMES})
  SELECT signup_id, campaign_id, CASE WHEN given_token IS NULL THEN 'page' ELSE 'api' END,
    CASE WHEN given_token IS NULL THEN NULL ELSE client_id END, coalesce(given_occurred, now()), now(),
    marketing_text_id, share_text_id, 'received', 0, {_GIVEN}
  FROM receipt, sender, target
)
SELECT now(), (SELECT signup_id FROM receipt), client_id, campaign_id IS NOT NULL, obstacle
FROM sender LEFT JOIN target ON true;
END $$
"""  # noqa: S608 (built from this module's own words)
_KINDS = ", ".join(ARGUMENTS.values())

STATEMENTS: Final = (
    "DROP FUNCTION IF EXISTS koi_accept_signup",
    _ACCEPT,
    f"REVOKE ALL ON FUNCTION koi_accept_signup({_KINDS}) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION koi_accept_signup({_KINDS}) TO {PUBLIC}",
)
