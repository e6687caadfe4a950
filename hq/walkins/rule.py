"""Whose the lead is of somebody whom a store entered: pure. The rule is explained in docs/decisions/0147."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from shared.leads.ending import Live
from shared.leads.lifecycle import Stage


class Checked(NamedTuple):
    """A walk-in whose sign-up is decided. `consented`: the consent that the store wrote down stands."""

    dealer_id: UUID
    walk_in_id: UUID
    store_id: UUID
    user_id: UUID
    role: str
    signup_id: UUID
    outcome: str
    scope_id: UUID
    consented: bool
    lead_id: UUID | None


class Holder(NamedTuple):
    """Who has a lead."""

    dealer_id: UUID
    store_id: UUID
    assignment_id: UUID


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a walk-in.

    Attributes:
        code: why the store does not get the lead; None when it does.
        assignment_id: the assignment that the store has (`mine`) or takes (an offer to it).
        mine: the store has the lead already.
    """

    code: str | None = None
    assignment_id: UUID | None = None
    mine: bool = False


def judge(walk_in: Checked, holder: Holder | None, lives: Sequence[Live], *, store_open: bool) -> Verdict:
    """Give the lead to the store where the person stands, unless another one has it.

    Args:
        walk_in: whom the store entered.
        holder: who has the person's open lead now.
        lives: the lead's assignments that have not ended, locked.
        store_open: the store is not closed for good.
    """
    if walk_in.outcome in ("rejected", "no_consent", "withdrawn") or not walk_in.consented:
        return Verdict("no_consent" if walk_in.outcome != "rejected" else "rejected")
    if walk_in.lead_id is None or not store_open:
        return Verdict("no_lead")
    if holder is not None:
        mine = holder.store_id == walk_in.store_id
        return Verdict(assignment_id=holder.assignment_id, mine=True) if mine else Verdict("known")
    own = (live for live in lives if live.store_id == walk_in.store_id and live.stage is Stage.OFFERED)
    offered = next(own, None)
    return Verdict(assignment_id=offered.assignment_id if offered else None)


def judge_all(
    seen: Sequence[Checked],
    holders: Mapping[UUID, Holder],
    lives: Mapping[UUID, Sequence[Live]],
    open_stores: Container[UUID],
) -> tuple[dict[UUID, Verdict], dict[UUID, Checked]]:
    """Judge walk-ins in the order in which they were entered: of two for one lead the first gets it.

    Returns:
        the verdicts by walk-in, and by lead who gets it now.
    """
    verdicts: dict[UUID, Verdict] = {}
    takers: dict[UUID, Checked] = {}
    for each in seen:
        if each.lead_id in takers:
            same = takers[each.lead_id].store_id == each.store_id
            verdicts[each.walk_in_id] = Verdict(mine=True) if same else Verdict("known")
            continue
        holder = holders.get(each.lead_id) if each.lead_id else None
        live = lives.get(each.lead_id, ()) if each.lead_id else ()
        verdict = judge(each, holder, live, store_open=each.store_id in open_stores)
        verdicts[each.walk_in_id] = verdict
        if verdict.code is None and not verdict.mine and each.lead_id:
            takers[each.lead_id] = each
    return verdicts, takers
