from collections.abc import Iterator

import pytest

from shared.leads.lifecycle import (
    HOLDING,
    LIVE,
    OPEN,
    IllegalMove,
    LeadMove,
    LeadState,
    Move,
    Stage,
    after,
    lead_after,
    lead_sources,
    sources,
)


def test_a_store_claims_contacts_and_sells():
    stage = Stage.OFFERED
    for move in (Move.CLAIM, Move.CONTACT, Move.APPOINT, Move.VISIT, Move.WIN):
        stage = after(stage, move)
    assert stage is Stage.WON


def test_a_follow_up_never_sets_an_assignment_back():
    assert after(Stage.VISITED, Move.CONTACT) is Stage.VISITED
    assert after(Stage.APPOINTMENT, Move.CONTACT) is Stage.APPOINTMENT


@pytest.mark.parametrize("stage", sorted(set(Stage) - LIVE))
@pytest.mark.parametrize("move", list(Move))
def test_what_has_ended_does_not_move_again(stage, move):
    with pytest.raises(IllegalMove):
        after(stage, move)


def test_an_offer_cannot_be_worked_before_it_is_claimed():
    for move in (Move.CONTACT, Move.VISIT, Move.WIN, Move.LOSE, Move.RECYCLE):
        with pytest.raises(IllegalMove) as refused:
            after(Stage.OFFERED, move)
        assert refused.value.status == 409


def test_expiry_hits_only_offers_and_a_claim_only_offers():
    assert sources(Move.EXPIRE) == {Stage.OFFERED} == sources(Move.CLAIM)


def test_every_stage_can_be_reached():
    seen = {Stage.OFFERED}
    for _ in Stage:
        seen |= {reached for stage in seen for reached in _reached(stage)}
    assert seen == set(Stage)
    assert HOLDING <= LIVE


def _reached(stage: Stage) -> Iterator[Stage]:
    for move in Move:
        if stage in sources(move):
            yield after(stage, move)


def test_a_closed_lead_stays_closed_unless_somebody_opens_it_again():
    for move in set(LeadMove) - {LeadMove.REOPEN, LeadMove.REVIVE}:
        assert lead_sources(move) <= OPEN
    assert lead_sources(LeadMove.REOPEN) == {LeadState.CLOSED, LeadState.LOST}
    assert lead_sources(LeadMove.REVIVE) == {LeadState.CLOSED}


def test_a_lead_that_is_waiting_can_be_placed_only_once():
    assert lead_after(LeadState.WAITING, LeadMove.PLACE) is LeadState.PLACED
    with pytest.raises(IllegalMove):
        lead_after(LeadState.PLACED, LeadMove.PLACE)
