"""`koi_take_lead`: the one statement that gives a store a lead that was offered to it.

It is a function so that its plans are made once per connection, also behind a PgBouncer that forbids prepared
statements, and so that nothing travels while rows are locked. It runs with the rights of its caller, under the row
policies of the store.

The caller has locked the assignment and knows that it may be claimed. The locks that follow are taken in the order in
which the statements stand: hold, store-day, store-week.
"""

from __future__ import annotations

from typing import Final

from shared.db.roles import DEALER

# What the function takes, in order. `follow_up`, `audit`: whole rows of the store's story and of the log.
ARGUMENTS: Final = {
    "lead": "uuid",
    "dealer": "uuid",
    "assignment": "uuid",
    "store": "uuid",
    "day": "date",
    "week": "date",
    "stage": "text",
    "assignee": "uuid",
    "entry": "uuid",
    "at": "timestamptz",
    "follow_up": "jsonb",
    "audit": "jsonb",
}

_TAKES = ", ".join(f"given_{name} {kind}" for name, kind in ARGUMENTS.items())
# It gives what stands in the way, NULL when the store has the lead; whoever is told of an obstacle ends the
# transaction, as something may have been written before it.
_TAKE: Final = f"""
CREATE FUNCTION koi_take_lead({_TAKES})
RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS $$
BEGIN
  INSERT INTO holds (lead_id, dealer_id, assignment_id, held_at)
  VALUES (given_lead, given_dealer, given_assignment, given_at)
  ON CONFLICT (lead_id) DO NOTHING;
  IF NOT FOUND THEN RETURN 'hold'; END IF;

  UPDATE store_days SET taken = taken + 1
  WHERE dealer_id = given_dealer AND store_id = given_store AND day = given_day AND (cap IS NULL OR taken < cap);
  IF NOT FOUND THEN RETURN 'day'; END IF;

  UPDATE store_weeks SET taken = taken + 1
  WHERE dealer_id = given_dealer AND store_id = given_store AND week = given_week AND (cap IS NULL OR taken < cap);
  IF NOT FOUND THEN RETURN 'week'; END IF;

  INSERT INTO quota_ledger (dealer_id, entry_id, store_id, day, assignment_id, delta, reason, at)
  VALUES (given_dealer, given_entry, given_store, given_day, given_assignment, 1, 'claim', given_at);
  UPDATE assignments SET stage = given_stage, moved_at = given_at, assignee = given_assignee
  WHERE dealer_id = given_dealer AND assignment_id = given_assignment;
  INSERT INTO follow_ups SELECT * FROM jsonb_populate_record(NULL::follow_ups, given_follow_up);
  INSERT INTO audit_log SELECT * FROM jsonb_populate_record(NULL::audit_log, given_audit);
  RETURN NULL;
END $$
"""  # noqa: S608 (built from this module's own words)
_KINDS = ", ".join(ARGUMENTS.values())

STATEMENTS: Final = (
    "DROP FUNCTION IF EXISTS koi_take_lead",
    _TAKE,
    f"REVOKE ALL ON FUNCTION koi_take_lead({_KINDS}) FROM PUBLIC",
    f"GRANT EXECUTE ON FUNCTION koi_take_lead({_KINDS}) TO {DEALER}",
)
