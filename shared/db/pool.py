"""The functions of the open pool: what a store may see there, looking at it, and claiming out of it.

Dealers are granted nothing on leads or on the pool. They ask for one of their stores; the announced tenant must own
it. Everything is asked again when a lead is claimed, under the lead's lock: a list that was read before proves nothing.
"""

from __future__ import annotations

from typing import Final

from shared.db.roles import DEALER

_KM_PER_DEGREE: Final = 111.19  # of latitude, on the sphere that distances are measured on
_MY_STORE: Final = """
    SELECT s.dealer_id, s.store_id, s.lng, s.lat, s.series, s.name,
           s.status = 'active' AND d.status = 'active'
             AND NOT coalesce(s.paused_until > (moment AT TIME ZONE 'Asia/Shanghai')::date, false) AS active
    FROM stores s JOIN dealers d USING (dealer_id)
    WHERE s.store_id = wanted AND s.dealer_id = NULLIF(current_setting('app.dealer_id', true), '')::uuid
"""
# An entry `e` for a store `me`: kilometres, and whether the store may have it at all.
_KM: Final = """
    CASE WHEN me.lng IS NOT NULL THEN 12742 * asin(least(1, sqrt(
      power(sin(radians(e.lat - me.lat) / 2), 2)
      + cos(radians(me.lat)) * cos(radians(e.lat)) * power(sin(radians(e.lng - me.lng) / 2), 2)))) END
"""
_MAY: Final = """
    e.until > moment
    AND (e.series IS NULL OR me.series IS NULL OR me.series ? e.series)
    AND EXISTS (SELECT FROM scopes c WHERE c.scope_id = e.scope_id AND c.dealer_id = me.dealer_id)
"""
_REACHED: Final = "(e.store_ids @> ARRAY[me.store_id] OR away.km <= e.reach_km)"
# When a store that had the lead may claim it: 'infinity' for an offer that it sent back, NULL for now. A store that had
# claimed it, or let the offer run out, waits, whoever had it in between.
_FREE_AT: Final = """
    (SELECT max(CASE WHEN a.stage = 'declined' AND NOT h.held THEN 'infinity'::timestamptz
                     WHEN h.held OR a.stage = 'expired' THEN a.ended_at + make_interval(days => e.former_days) END)
     FROM assignments a,
     LATERAL (SELECT EXISTS (SELECT FROM follow_ups f WHERE f.dealer_id = a.dealer_id
                             AND f.assignment_id = a.assignment_id AND f.kind = 'claim') AS held) h
     WHERE a.lead_id = e.lead_id AND a.dealer_id = me.dealer_id AND a.store_id = me.store_id
       AND a.ended_at IS NOT NULL AND a.end_reason ->> 'code' IS DISTINCT FROM 'merged')
"""
_RULE: Final = """
    (SELECT (r.body ->> '{name}')::integer FROM rule_sets r WHERE r.kind = 'routing' AND r.status = 'active')
"""


def _rule(name: str) -> str:
    return _RULE.format(name=name)


_OF: Final = f"""
CREATE FUNCTION koi_pool_of(wanted uuid, moment timestamptz)
RETURNS TABLE (lead_id uuid, grade text, offer jsonb, km double precision, entered_at timestamptz,
               open_from timestamptz, until timestamptz, free_at timestamptz, looked boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
  WITH me AS MATERIALIZED ({_MY_STORE}),
  reach AS MATERIALIZED (SELECT max(reach_km) / {_KM_PER_DEGREE} AS degrees FROM pool_entries),
  near AS (
    SELECT e.* FROM me, reach, pool_entries e
    WHERE e.lat BETWEEN me.lat - reach.degrees AND me.lat + reach.degrees
      AND e.lng BETWEEN me.lng - reach.degrees / greatest(0.1, cos(radians(me.lat)) - 0.02)
                    AND me.lng + reach.degrees / greatest(0.1, cos(radians(me.lat)) - 0.02)
      AND e.reach_km IS NOT NULL
    UNION ALL
    SELECT e.* FROM me, pool_entries e
    WHERE e.store_ids @> ARRAY[me.store_id] AND (e.reach_km IS NULL OR me.lng IS NULL OR NOT (
      e.lat BETWEEN me.lat - (SELECT degrees FROM reach) AND me.lat + (SELECT degrees FROM reach)
      AND e.lng BETWEEN me.lng - (SELECT degrees FROM reach) / greatest(0.1, cos(radians(me.lat)) - 0.02)
                    AND me.lng + (SELECT degrees FROM reach) / greatest(0.1, cos(radians(me.lat)) - 0.02)))
  )
  SELECT e.lead_id, e.grade, e.offer - 'name' - 'phone', away.km, e.entered_at, e.open_from, e.until, free.at,
         EXISTS (SELECT FROM pool_views v WHERE v.lead_id = e.lead_id AND v.store_id = me.store_id)
  FROM me, near e, LATERAL (SELECT {_KM} AS km) away, LATERAL (SELECT {_FREE_AT} AS at) free
  WHERE me.active AND {_MAY} AND {_REACHED} AND free.at IS DISTINCT FROM 'infinity'
$$
"""  # noqa: S608 (built from this module's own words)

# `look` NULL: only what the store has looked at before, which costs nothing. The row of the day is locked first, so
# that two colleagues who open the same lead at once are counted once.
_LOOK: Final = f"""
CREATE FUNCTION koi_pool_look(wanted uuid, chosen uuid, person uuid, look uuid, moment timestamptz)
RETURNS TABLE (outcome text, grade text, offer jsonb, km double precision, entered_at timestamptz,
               open_from timestamptz, until timestamptz, free_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
DECLARE
  me record; entry record; counted integer; most integer := {_rule("pool_views_per_day")};
BEGIN
  SELECT * INTO me FROM ({_MY_STORE}) AS mine;
  IF NOT FOUND THEN RETURN; END IF;
  SELECT e.grade, e.offer, away.km, e.entered_at, e.open_from, e.until, free.at INTO entry
  FROM pool_entries e, LATERAL (SELECT {_KM} AS km) away, LATERAL (SELECT {_FREE_AT} AS at) free
  WHERE e.lead_id = chosen AND {_MAY} AND {_REACHED} AND free.at IS DISTINCT FROM 'infinity';
  IF NOT FOUND THEN RETURN; END IF;
  IF look IS NOT NULL THEN
    SELECT d.pool_views INTO counted FROM store_days d
    WHERE d.dealer_id = me.dealer_id AND d.store_id = me.store_id
      AND d.day = (moment AT TIME ZONE 'Asia/Shanghai')::date FOR NO KEY UPDATE;
    IF NOT FOUND THEN RETURN QUERY SELECT 'day_not_open', NULL, NULL::jsonb, NULL::float8,
      NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz; RETURN;
    END IF;
  END IF;
  IF NOT EXISTS (SELECT FROM pool_views v WHERE v.lead_id = chosen AND v.store_id = me.store_id) THEN
    IF look IS NULL THEN RETURN; END IF;
    IF counted >= most THEN RETURN QUERY SELECT 'views', NULL, NULL::jsonb, NULL::float8,
      NULL::timestamptz, NULL::timestamptz, NULL::timestamptz, NULL::timestamptz; RETURN;
    END IF;
    UPDATE store_days d SET pool_views = d.pool_views + 1
    WHERE d.dealer_id = me.dealer_id AND d.store_id = me.store_id
      AND d.day = (moment AT TIME ZONE 'Asia/Shanghai')::date;
  END IF;
  IF look IS NOT NULL THEN
    INSERT INTO pool_views (of_dealer_id, view_id, store_id, lead_id, user_id, at)
    VALUES (me.dealer_id, look, me.store_id, chosen, person, moment);
  END IF;
  RETURN QUERY SELECT 'seen', entry.grade, entry.offer, entry.km, entry.entered_at, entry.open_from, entry.until,
    entry.at;
END $$
"""  # noqa: S608 (built from this module's own words)

# Whoever locks the lead first is offered it, and takes it in the same transaction as any offer (`koi_take_lead`).
# Nobody else can hold it then. The caller ends the transaction on any outcome but claimed and own.
_CLAIM: Final = f"""
CREATE FUNCTION koi_pool_claim(wanted uuid, chosen uuid, given uuid, moment timestamptz)
RETURNS TABLE (outcome text, assignment uuid, retry_at timestamptz)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
#variable_conflict use_column
DECLARE
  me record; entry record; wish record; today date := (moment AT TIME ZONE 'Asia/Shanghai')::date;
  most integer := {_rule("pool_claims_per_day")};
BEGIN
  SELECT * INTO me FROM ({_MY_STORE}) AS mine;
  IF NOT FOUND THEN RETURN QUERY SELECT 'missing', NULL::uuid, NULL::timestamptz; RETURN; END IF;
  SELECT l.lead_id, l.state, l.contact_id, l.scope_id, l.hops INTO wish FROM leads l
  WHERE l.lead_id = chosen AND EXISTS (
    SELECT FROM scopes c WHERE c.scope_id = l.scope_id AND c.dealer_id = me.dealer_id)
  FOR NO KEY UPDATE OF l;
  IF NOT FOUND THEN RETURN QUERY SELECT 'missing', NULL::uuid, NULL::timestamptz; RETURN; END IF;
  IF wish.state <> 'pooled' THEN
    RETURN QUERY SELECT CASE WHEN a.dealer_id = me.dealer_id AND a.store_id = me.store_id THEN 'own' ELSE 'taken' END,
      CASE WHEN a.dealer_id = me.dealer_id AND a.store_id = me.store_id THEN a.assignment_id END, NULL::timestamptz
    FROM holds h JOIN assignments a USING (dealer_id, assignment_id) WHERE h.lead_id = chosen;
    IF NOT FOUND THEN RETURN QUERY SELECT 'gone', NULL::uuid, NULL::timestamptz; END IF;
    RETURN;
  END IF;
  SELECT e.grade, e.offer, e.open_from, e.until, away.km, free.at INTO entry
  FROM pool_entries e, LATERAL (SELECT {_KM} AS km) away, LATERAL (SELECT {_FREE_AT} AS at) free
  WHERE e.lead_id = chosen AND {_MAY} AND {_REACHED};
  IF NOT FOUND THEN RETURN QUERY SELECT 'missing', NULL::uuid, NULL::timestamptz; RETURN; END IF;
  IF NOT me.active THEN RETURN QUERY SELECT 'paused', NULL::uuid, NULL::timestamptz; RETURN; END IF;
  IF entry.at = 'infinity' THEN RETURN QUERY SELECT 'declined', NULL::uuid, NULL::timestamptz; RETURN; END IF;
  IF entry.at > moment THEN RETURN QUERY SELECT 'former', NULL::uuid, entry.at; RETURN; END IF;
  IF entry.open_from > moment THEN RETURN QUERY SELECT 'cooling', NULL::uuid, entry.open_from; RETURN; END IF;
  UPDATE leads SET state = 'placed', state_reason = '{{"code": "pool"}}', due_at = moment, changed_at = moment
  WHERE lead_id = chosen AND state = 'pooled';
  INSERT INTO assignments (dealer_id, assignment_id, store_id, lead_id, contact_id, scope_id, stage, grade, offer, hop,
    offered_at, deadline_at, moved_at, end_reason, card_due_at)
  VALUES (me.dealer_id, given, me.store_id, chosen, wish.contact_id, wish.scope_id, 'offered', entry.grade,
    entry.offer || jsonb_build_object('km', round(entry.km::numeric, 1), 'why', jsonb_build_object('code', 'pool')),
    wish.hops + 1, moment, entry.until, moment, '{{}}', moment);
  UPDATE store_days d SET pool_claims = d.pool_claims + 1
  WHERE d.dealer_id = me.dealer_id AND d.store_id = me.store_id AND d.day = today
    AND (most IS NULL OR d.pool_claims < most);
  IF NOT FOUND THEN
    RETURN QUERY SELECT CASE WHEN EXISTS (SELECT FROM store_days d WHERE d.dealer_id = me.dealer_id
      AND d.store_id = me.store_id AND d.day = today) THEN 'claims' ELSE 'day_not_open' END,
      NULL::uuid, (today + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
    RETURN;
  END IF;
  RETURN QUERY SELECT 'claimed', given, NULL::timestamptz;
END $$
"""  # noqa: S608 (built from this module's own words)

# What is left of a store's limits today; NULL: no limit.
_LEFT: Final = f"""
CREATE FUNCTION koi_pool_left(wanted uuid, moment timestamptz)
RETURNS TABLE (claims integer, views integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
  SELECT CASE WHEN most.claims IS NOT NULL THEN greatest(0, most.claims - coalesce(d.pool_claims, 0)) END,
         CASE WHEN most.views IS NOT NULL THEN greatest(0, most.views - coalesce(d.pool_views, 0)) END
  FROM (SELECT {_rule("pool_claims_per_day")} AS claims, {_rule("pool_views_per_day")} AS views) AS most,
    ({_MY_STORE}) AS me
  LEFT JOIN store_days d ON d.dealer_id = me.dealer_id AND d.store_id = me.store_id
    AND d.day = (moment AT TIME ZONE 'Asia/Shanghai')::date
$$
"""  # noqa: S608 (built from this module's own words)

# A lead that leaves the pool, by whatever hand, leaves nothing behind there; one that changes is looked at again, and
# its times stay as they were.
_FOLLOWS: Final = """
CREATE OR REPLACE FUNCTION koi_pool_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public
AS $$
BEGIN
  IF NEW.state = 'pooled' THEN
    UPDATE pool_entries SET due_at = least(due_at, NEW.changed_at), grade = NEW.grade WHERE lead_id = NEW.lead_id;
  ELSE
    DELETE FROM pool_entries WHERE lead_id = NEW.lead_id;
  END IF;
  RETURN NULL;
END $$
"""
_ASKED: Final = {
    "koi_pool_of": (_OF, "uuid, timestamptz"),
    "koi_pool_look": (_LOOK, "uuid, uuid, uuid, uuid, timestamptz"),
    "koi_pool_claim": (_CLAIM, "uuid, uuid, uuid, timestamptz"),
    "koi_pool_left": (_LEFT, "uuid, timestamptz"),
}

AS_OWNER: Final = {**dict.fromkeys(_ASKED, frozenset({DEALER})), "koi_pool_follows": frozenset[str]()}

STATEMENTS: Final = (
    *(
        statement
        for name, (body, kinds) in _ASKED.items()
        for statement in (
            f"DROP FUNCTION IF EXISTS {name}",
            body,
            f"REVOKE ALL ON FUNCTION {name}({kinds}) FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {name}({kinds}) TO {DEALER}",
        )
    ),
    _FOLLOWS,
    "REVOKE ALL ON FUNCTION koi_pool_follows() FROM PUBLIC",
    """
    CREATE OR REPLACE TRIGGER pool_follows AFTER UPDATE ON leads FOR EACH ROW WHEN (OLD.state = 'pooled')
    EXECUTE FUNCTION koi_pool_follows()
    """,
)
