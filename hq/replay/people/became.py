"""What became of somebody, as SQL: the farthest that a lead came, and the store that had it last."""

from __future__ import annotations

from shared.leads.metrics import CLAIM, REACHED, VISIT

_DONE = (
    "EXISTS (SELECT 1 FROM assignments a"
    " JOIN follow_ups f ON f.dealer_id = a.dealer_id AND f.assignment_id = a.assignment_id"
    " WHERE a.lead_id = l.lead_id AND"
)
#: One of `tally.BECAME` by a lead `l` (lead_id, state), which may be missing; asks for `:invalid`.
BECAME = f"""
    CASE WHEN l.lead_id IS NULL THEN 'none' WHEN l.state = 'won' THEN 'won'
         WHEN {_DONE} {VISIT}) THEN 'visited'
         WHEN {_DONE} f.kind IN ('decline', 'lost') AND f.result = ANY(:invalid)) THEN 'invalid'
         WHEN {_DONE} {REACHED}) THEN CASE WHEN l.state = 'lost' THEN 'lost' ELSE 'contacted' END
         WHEN {_DONE} {CLAIM}) THEN 'claimed' ELSE 'unreached' END
"""
#: The name of the store that was given the lead last, or nothing.
STORE = """
    coalesce((SELECT t.name FROM assignments a JOIN stores t USING (dealer_id, store_id)
              WHERE a.lead_id = l.lead_id ORDER BY a.offered_at DESC, a.assignment_id LIMIT 1), '')
"""
