"""`koi_sms_ask` and `koi_sms_check`: codes by text message, counted and checked where nobody can be faster.

They run as the owner, so that no face may read or write the tables behind them: it can ask for a code for a number
that it holds, and try one. Limits are counted from the codes themselves, over windows that slide, under advisory
locks on the number, the device and the address (in order of key): who is one too many learns how long to wait.

An address is charged only for codes that nobody typed in. People on the shared Wi-Fi of a store type theirs in, so
hundreds of them pass; a program that has messages sent to numbers which are not its own does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from shared.db.roles import DEALER, HQ, PUBLIC

TRIES: Final = 5
#: Codes for those who work at stores and headquarters are counted apart from those for customers, so that nobody can
#: keep a manager out by asking for codes on a campaign's page.
STAFF_PURPOSES: Final = ("staff_sign_in", "reset", "new_phone")
KEPT_HOURS: Final = 48


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` codes within `seconds`; `unused`: only those count that nobody has typed in."""

    kind: Literal["phone", "device", "address"]
    seconds: int
    most: int
    unused: bool


LIMITS: Final = (
    Limit("phone", 60, 1, unused=True),
    Limit("phone", 3600, 5, unused=False),
    Limit("phone", 86_400, 10, unused=False),
    Limit("device", 3600, 10, unused=True),
    Limit("device", 86_400, 30, unused=True),
    Limit("address", 3600, 40, unused=True),
    Limit("address", 86_400, 200, unused=True),
)


def _nth(limit: Limit) -> str:
    """When the limit is over; no row while there is room."""
    which = " AND used_at IS NULL" if limit.unused else ""
    if limit.kind == "phone":
        which += f" AND (purpose IN {STAFF_PURPOSES}) = (given_purpose IN {STAFF_PURPOSES})"
    return (
        f"(SELECT '{limit.kind}' AS kind, created_at + interval '{limit.seconds} s' AS until FROM sms_codes"
        f" WHERE {limit.kind}_bidx = given_{limit.kind} AND created_at > moment - interval '{limit.seconds} s'{which}"
        f" ORDER BY created_at DESC OFFSET {limit.most - 1} LIMIT 1)"
    )


_FULL: Final = " UNION ALL ".join(map(_nth, LIMITS))

_ASK_TAKES: Final = (
    "given_message uuid, given_code uuid, given_phone bytea, given_device bytea, given_address bytea,"
    " given_purpose text, given_minutes integer, given_hash bytea, given_template text, given_sealed bytea,"
    " given_deliver boolean"
)
_ASK: Final = f"""
CREATE FUNCTION koi_sms_ask({_ASK_TAKES})
RETURNS TABLE (limited_by text, wait_s integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
  lock bigint;
  moment timestamptz;
  full_kind text;
  full_until timestamptz;
BEGIN
  FOR lock IN
    SELECT DISTINCT hashtextextended(subject, 0) AS number FROM unnest(ARRAY[
      'sms:phone:' || encode(given_phone, 'hex'), 'sms:device:' || encode(given_device, 'hex'),
      'sms:address:' || encode(given_address, 'hex')]) AS subject
    WHERE subject IS NOT NULL ORDER BY number
  LOOP
    PERFORM pg_advisory_xact_lock(lock);
  END LOOP;
  moment := clock_timestamp();  -- the transaction may have begun before somebody else's code
  SELECT kind, until INTO full_kind, full_until FROM ({_FULL}) AS reached ORDER BY until DESC LIMIT 1;
  IF full_kind IS NOT NULL THEN
    RETURN QUERY SELECT full_kind, greatest(1, ceil(extract(epoch FROM full_until - moment))::integer);
    RETURN;
  END IF;
  INSERT INTO sms_codes (code_id, purpose, phone_bidx, device_bidx, address_bidx, code_hash, tries, created_at,
    expires_at, purge_at)
  VALUES (given_code, given_purpose, given_phone, given_device, given_address, given_hash, 0, moment,
    moment + given_minutes * interval '1 min', moment + interval '{KEPT_HOURS} h');
  INSERT INTO sms_messages (message_id, key, template, sealed, state, tries, due_at, expires_at, answer, purge_at,
    created_at)
  VALUES (given_message, 'code:' || given_code, given_template, given_sealed,
    CASE WHEN given_deliver THEN 'due' ELSE 'void' END, 0, moment, moment + given_minutes * interval '1 min', '{{}}',
    moment + interval '{KEPT_HOURS} h', moment);
  RETURN QUERY SELECT NULL::text, 0;
END $$
"""

_CHECK_TAKES: Final = "given_phone bytea, given_purpose text, given_hash bytea, given_use bytea"
_CHECK: Final = f"""
CREATE FUNCTION koi_sms_check({_CHECK_TAKES})
RETURNS TABLE (result text, tries_left integer)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
  moment timestamptz;
  most integer;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('sms:phone:' || encode(given_phone, 'hex'), 0));
  moment := clock_timestamp();
  UPDATE sms_codes SET used_at = moment, used_by = given_use WHERE code_id = (
    SELECT code_id FROM sms_codes WHERE phone_bidx = given_phone AND purpose = given_purpose
      AND used_at IS NULL AND expires_at > moment AND tries < {TRIES} AND code_hash = given_hash
    ORDER BY created_at DESC LIMIT 1);
  IF FOUND THEN  -- what was sent before is of no use any more
    UPDATE sms_codes SET expires_at = moment
    WHERE phone_bidx = given_phone AND purpose = given_purpose AND used_at IS NULL AND expires_at > moment;
    RETURN QUERY SELECT 'right', 0;
    RETURN;
  END IF;
  IF EXISTS (
    SELECT FROM sms_codes WHERE phone_bidx = given_phone AND purpose = given_purpose AND expires_at > moment
      AND code_hash = given_hash AND used_by = given_use
  ) THEN
    RETURN QUERY SELECT 'right', 0;
    RETURN;
  END IF;
  WITH tried AS (
    UPDATE sms_codes SET tries = tries + 1
    WHERE phone_bidx = given_phone AND purpose = given_purpose AND used_at IS NULL AND expires_at > moment
      AND tries < {TRIES}
    RETURNING tries
  )
  SELECT {TRIES} - min(tries) INTO most FROM tried;
  IF coalesce(most, 0) > 0 THEN
    RETURN QUERY SELECT 'wrong', most;
  ELSE
    RETURN QUERY SELECT 'gone', 0;
  END IF;
END $$
"""


def _closed_to_all_but_faces(name: str, takes: str) -> tuple[str, str]:
    kinds = ", ".join(each.split()[1] for each in takes.split(", "))
    return (
        f"REVOKE ALL ON FUNCTION {name}({kinds}) FROM PUBLIC",
        f"GRANT EXECUTE ON FUNCTION {name}({kinds}) TO {HQ}, {DEALER}, {PUBLIC}",
    )


STATEMENTS: Final = (
    "DROP FUNCTION IF EXISTS koi_sms_ask",
    "DROP FUNCTION IF EXISTS koi_sms_check",
    _ASK,
    _CHECK,
    *_closed_to_all_but_faces("koi_sms_ask", _ASK_TAKES),
    *_closed_to_all_but_faces("koi_sms_check", _CHECK_TAKES),
)
