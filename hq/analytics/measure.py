"""Counting a campaign: two statements over the records themselves, whatever its size."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from shared.leads import metrics

_OF_CAMPAIGN = "(CAST(:campaign_id AS uuid) IS NULL OR campaign_id = :campaign_id)"

_SIGNUPS = text(
    f"""
    WITH s AS MATERIALIZED (
        SELECT contact_id, coalesce(touchpoint, '') AS touchpoint,
               date_trunc('hour', accepted_at AT TIME ZONE 'Asia/Shanghai') AS hour,
               CASE WHEN aside_at IS NOT NULL THEN 'aside' WHEN state = 'received' THEN 'pending'
                    ELSE outcome END AS became
        FROM signups WHERE {_OF_CAMPAIGN} AND accepted_at <= :until
    )
    SELECT (SELECT count(*) FROM s) AS signups,
           (SELECT count(*) FROM (SELECT FROM s WHERE contact_id IS NOT NULL GROUP BY contact_id) p) AS people,
           (SELECT jsonb_object_agg(became, n) FROM (SELECT became, count(*) AS n FROM s GROUP BY 1) b) AS became,
           (SELECT jsonb_object_agg(touchpoint, n)
            FROM (SELECT touchpoint, jsonb_build_array(count(*), count(*) FILTER (WHERE became = ANY(:fake))) AS n
                  FROM s GROUP BY 1) t) AS touchpoints,
           (SELECT jsonb_object_agg(to_char(hour, 'YYYY-MM-DD"T"HH24'), n)
            FROM (SELECT hour, count(*) AS n FROM s GROUP BY 1 ORDER BY 1 DESC LIMIT 1440) h) AS hours
    """  # noqa: S608 (names of this module)
)

# One row per giving of a lead to a store, then one per lead; every grouping below reads these two.
_LEADS = text(
    f"""
    WITH lead AS MATERIALIZED (
        SELECT lead_id, state = 'won' AND closed_at <= :until AS won, coalesce({metrics.PROVINCE}, '') AS province
        FROM leads WHERE {_OF_CAMPAIGN} AND opened_at <= :until
    ), given AS MATERIALIZED (
        SELECT a.lead_id, a.store_id, a.stage, a.offered_at, a.ended_at,
               a.offer -> 'why' ->> 'code' IS NOT DISTINCT FROM 'pool' AS pooled,
               min(f.at) FILTER (WHERE {metrics.CLAIM}) AS claimed_at,
               bool_or({metrics.REACHED}) AS reached, bool_or({metrics.VISIT}) AS visited,
               count(*) FILTER (WHERE {metrics.UNANSWERED}) AS unanswered, bool_or({metrics.GAVE_UP}) AS gave_up
        FROM lead JOIN assignments a USING (lead_id)
        LEFT JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id AND f.at <= :until
        WHERE a.offered_at <= :until
        GROUP BY a.dealer_id, a.assignment_id
    ), did AS (
        SELECT lead_id, min(claimed_at) AS claimed_at,
               min(ended_at) FILTER (WHERE stage = 'expired' AND ended_at <= :until) AS late_at,
               bool_or(reached) AS reached, bool_or(visited) AS visited,
               sum(unanswered) AS unanswered, bool_or(gave_up) AS gave_up
        FROM given GROUP BY lead_id
    ), way AS (
        SELECT DISTINCT ON (s.lead_id) s.lead_id, coalesce(s.touchpoint, '') AS touchpoint
        FROM signups s JOIN lead USING (lead_id) ORDER BY s.lead_id, s.accepted_at, s.signup_id
    ), far AS MATERIALIZED (
        SELECT l.province, coalesce(way.touchpoint, '') AS touchpoint, l.won, did.lead_id IS NOT NULL AS offered,
               did.claimed_at IS NOT NULL AS claimed,
               did.claimed_at <= coalesce(did.late_at, 'infinity') AS in_time,
               did.reached, did.visited,
               did.claimed_at IS NOT NULL AND did.reached IS NOT TRUE
                   AND (did.gave_up OR did.unanswered >= {metrics.SILENT_AFTER}) AS silent
        FROM lead l LEFT JOIN did USING (lead_id) LEFT JOIN way USING (lead_id)
    )
    SELECT (SELECT jsonb_build_object(
                'qualified', count(*), 'offered', count(*) FILTER (WHERE offered),
                'claimed', count(*) FILTER (WHERE claimed), 'in_time', count(*) FILTER (WHERE in_time),
                'contacted', count(*) FILTER (WHERE reached), 'visited', count(*) FILTER (WHERE visited),
                'won', count(*) FILTER (WHERE won), 'silent', count(*) FILTER (WHERE silent)) FROM far) AS steps,
           (SELECT jsonb_object_agg(touchpoint, n)
            FROM (SELECT touchpoint, jsonb_build_array(count(*), count(*) FILTER (WHERE won)) AS n
                  FROM far GROUP BY 1) t) AS touchpoints,
           (SELECT jsonb_object_agg(province, n)
            FROM (SELECT province, jsonb_build_array(count(*), count(*) FILTER (WHERE in_time),
                                                     count(*) FILTER (WHERE offered), count(*) FILTER (WHERE won)) AS n
                  FROM far GROUP BY 1) p) AS provinces,
           CASE WHEN :with_stores THEN (
            SELECT jsonb_object_agg(store_id, n)
            FROM (SELECT store_id, jsonb_build_array(
                      count(DISTINCT lead_id),
                      count(DISTINCT lead_id) FILTER (WHERE claimed_at IS NOT NULL AND NOT pooled),
                      count(DISTINCT lead_id) FILTER (WHERE stage = 'expired'),
                      count(DISTINCT lead_id) FILTER (WHERE NOT pooled AND (claimed_at IS NOT NULL
                                                      OR stage NOT IN ('offered', 'taken', 'recalled'))),
                      count(DISTINCT lead_id) FILTER (WHERE stage = 'won'),
                      round(extract(epoch FROM percentile_cont(0.5) WITHIN GROUP (ORDER BY claimed_at - offered_at)
                                               FILTER (WHERE NOT pooled))))
                      AS n
                  FROM given GROUP BY 1) s) END AS stores
    """  # noqa: S608 (names of this module)
)


def count(session: Session, campaign_id: UUID | None, *, until: datetime, with_stores: bool = True) -> dict[str, Any]:
    """Everything that is counted of a campaign (None: of all) up to a moment; two statements.

    Returns:
        JSON: `signups`, `people`, `became`, the steps by name, `hours` ("2026-11-20T15" in Beijing → sign-ups),
        `touchpoints` (→ sign-ups, fakes, leads, won), `provinces` (→ leads, in time, offered, won) and `stores`
        (id → leads given, claimed, let expire, answered or let expire, won, median seconds to the claim; what it
        claimed from the open pool was never offered and counts as given and won alone).
    """
    values = {"campaign_id": campaign_id, "until": until}
    came = session.execute(_SIGNUPS, {**values, "fake": list(metrics.FAKE)}).mappings().one()
    went = session.execute(_LEADS, {**values, "with_stores": with_stores}).mappings().one()
    return {
        "signups": came["signups"],
        "people": came["people"],
        "became": {name: (came["became"] or {}).get(name, 0) for name in metrics.BECAME},
        "hours": came["hours"] or {},
        **went["steps"],
        "touchpoints": _joined(came["touchpoints"] or {}, went["touchpoints"] or {}),
        "provinces": went["provinces"] or {},
        "stores": went["stores"] or {},
    }


def _joined(came: Mapping[str, list[int]], went: Mapping[str, list[int]]) -> dict[str, list[int]]:
    return {name: [*came.get(name, (0, 0)), *went.get(name, (0, 0))] for name in sorted({*came, *went})}
