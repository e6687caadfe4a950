"""The functions in the database: sign-in before a tenant is known, codes, storing a sign-up, taking a lead."""

from __future__ import annotations

from typing import Final

from shared.db import accept_signup, pool, sms_codes, take_lead
from shared.db.roles import DEALER, HQ, PUBLIC, WORKER

SIGN_IN: Final = """
CREATE OR REPLACE FUNCTION koi_sign_in(wanted bytea)
RETURNS TABLE (dealer_id uuid, user_id uuid, status text, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT s.dealer_id, s.user_id, s.status, s.password_hash FROM public.staff s WHERE s.login_bidx = wanted $$
"""

# Nobody but made-up people is shown; whoever may see the list may be any of them.
DEMO_STAFF: Final = """
CREATE OR REPLACE FUNCTION koi_demo_staff()
RETURNS TABLE (code text, dealer_id uuid, user_id uuid, name text, role text, dealer text, store text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
  SELECT d.code, s.dealer_id, s.user_id, s.name, s.role, d.name, coalesce(min(t.name), '')
  FROM public.staff s
  JOIN public.dealers d ON d.dealer_id = s.dealer_id
  LEFT JOIN public.staff_stores w ON w.dealer_id = s.dealer_id AND w.user_id = s.user_id
  LEFT JOIN public.stores t ON t.dealer_id = w.dealer_id AND t.store_id = w.store_id
  WHERE s.is_demo AND s.status = 'active'
  GROUP BY d.code, s.dealer_id, s.user_id, s.name, s.role, d.name
$$
"""

# What the brand decided about notices holds for everybody's page; a store's people read that and no other setting.
NOTICE_SETTINGS: Final = """
CREATE OR REPLACE FUNCTION koi_notice_settings()
RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT n.body FROM public.notice_settings n WHERE n.name = 'brand' $$
"""

# Functions that run with their owner's rights, and who may call them; a test finds any other.
AS_OWNER: Final = {
    "koi_sign_in": frozenset({DEALER}),
    "koi_demo_staff": frozenset({DEALER}),
    "koi_notice_settings": frozenset({HQ, DEALER, WORKER}),
    **pool.AS_OWNER,
    "koi_sms_ask": frozenset({HQ, DEALER, PUBLIC}),
    "koi_sms_check": frozenset({HQ, DEALER, PUBLIC}),
}

STATEMENTS: Final = (
    SIGN_IN,
    "REVOKE ALL ON FUNCTION koi_sign_in(bytea) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION koi_sign_in(bytea) TO {DEALER}",
    "DROP FUNCTION IF EXISTS koi_demo_staff()",
    DEMO_STAFF,
    "REVOKE ALL ON FUNCTION koi_demo_staff() FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION koi_demo_staff() TO {DEALER}",
    NOTICE_SETTINGS,
    "REVOKE ALL ON FUNCTION koi_notice_settings() FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION koi_notice_settings() TO {HQ}, {DEALER}, {WORKER}",
    *accept_signup.STATEMENTS,
    *sms_codes.STATEMENTS,
    *take_lead.STATEMENTS,
    *pool.STATEMENTS,
)
