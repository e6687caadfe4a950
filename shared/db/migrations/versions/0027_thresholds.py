"""Thresholds are rules of their own; whom they keep from stores is nurtured or closed"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from shared.platform.ids import new_id

revision = "0027_thresholds"
down_revision = "0026_read_by_person"
branch_labels = None
depends_on = None

_OUTCOMES = (
    "'rejected', 'quarantined', 'no_consent', 'loyalty', 'below_threshold', 'duplicate', 'withdrawn', 'undone',"
    " 'in_lead'"
)
_KINDS = "'screening', 'scorecard', 'routing'"
_CAUSES = "'activated', 'aged', 'asked'"


def upgrade() -> None:
    _known("rule_sets", "kind", f"{_KINDS}, 'thresholds'")
    _known("rescore_runs", "cause", f"{_CAUSES}, 'thresholds'")
    for table in ("signups", "signup_decisions"):
        _known(table, "outcome", f"{_OUTCOMES}, 'nurture'")
    _say_nurture()
    _take_over()


def _say_nurture() -> None:
    """Who was below the threshold was nurtured; now that somebody may be closed as well, the books say so."""
    for table in ("signups", "signup_decisions"):
        op.execute(f"UPDATE {table} SET outcome = 'nurture' WHERE outcome = 'below_threshold'")


def _take_over() -> None:
    """What the scorecard in force says of its threshold becomes the first thresholds, so that everybody fares as
    before."""
    link = op.get_bind()
    card = link.execute(
        sa.text("SELECT * FROM rule_sets WHERE kind = 'scorecard' AND status = 'active' AND body ? 'threshold'")
    ).one_or_none()
    if card is None:
        return
    link.execute(
        sa.text(
            "INSERT INTO rule_sets (rule_set_id, kind, version, status, body, note, author, created_at, revision,"
            " changed_by, changed_at, activated_by, activated_at)"
            " VALUES (:id, 'thresholds', 1, 'active', CAST(:body AS jsonb), :note, 'system', now(), 1, 'system', now(),"
            " 'system', :activated_at)"
        ),
        {
            "id": new_id(card.created_at),
            "body": json.dumps(_as_thresholds(card.body)),
            "note": f"scorecard:{card.version}:{card.body['threshold']}",
            "activated_at": card.activated_at or card.created_at,
        },
    )


def _as_thresholds(card: Mapping[str, Any]) -> dict[str, Any]:
    """The thresholds that say the same as a card's number of points."""
    fates = dict.fromkeys("ABCD", "stores")
    return {"fates": fates, "campaigns": {}, "bar": {"by": "chance", "least": _least(card)}}


def _least(card: Mapping[str, Any]) -> float:
    """The shortest number above the chance of one point less, and not above that of the threshold."""
    below, least = (_chance(card, card["threshold"] - less) for less in (1, 0))
    for digits in range(1, 17):
        unit = 10.0 ** (math.floor(math.log10(least)) - digits + 1)
        rounded = float(f"{math.floor(least / unit) * unit:.{digits}g}")
        if below < rounded <= least:
            return rounded
    return least


def _chance(card: Mapping[str, Any], points: int) -> float:
    log_odds = math.log(card["base_odds"]) + (points - card["base_points"]) / card["double_odds"] * math.log(2)
    return 1 / (1 + math.exp(-min(max(log_odds, -600.0), 30.0)))


def _known(table: str, column: str, words: str) -> None:
    name = op.f(f"ck_{table}_{column}_known")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f"{column} IN ({words})")


def downgrade() -> None:
    op.execute("DELETE FROM rule_sets WHERE kind = 'thresholds'")
    op.execute("UPDATE rescore_runs SET cause = 'activated' WHERE cause = 'thresholds'")
    for table in ("signups", "signup_decisions"):
        op.execute(f"UPDATE {table} SET outcome = 'below_threshold' WHERE outcome = 'nurture'")
        _known(table, "outcome", _OUTCOMES)
    _known("rescore_runs", "cause", _CAUSES)
    _known("rule_sets", "kind", _KINDS)
