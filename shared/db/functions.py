"""The functions in the database: sign-in, which reads before a tenant is known, codes, and storing a sign-up."""

from __future__ import annotations

from typing import Final

from shared.db import accept_signup, sms_codes
from shared.db.roles import DEALER, HQ, PUBLIC

SIGN_IN: Final = """
CREATE OR REPLACE FUNCTION koi_sign_in(wanted bytea)
RETURNS TABLE (dealer_id uuid, user_id uuid, status text, password_hash text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$ SELECT s.dealer_id, s.user_id, s.status, s.password_hash FROM public.staff s WHERE s.login_bidx = wanted $$
"""

# Functions that run with their owner's rights, and who may call them; a test finds any other.
AS_OWNER: Final = {
    "koi_sign_in": frozenset({DEALER}),
    "koi_sms_ask": frozenset({HQ, DEALER, PUBLIC}),
    "koi_sms_check": frozenset({HQ, DEALER, PUBLIC}),
}

STATEMENTS: Final = (
    SIGN_IN,
    "REVOKE ALL ON FUNCTION koi_sign_in(bytea) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION koi_sign_in(bytea) TO {DEALER}",
    *accept_signup.STATEMENTS,
    *sms_codes.STATEMENTS,
)
