"""What can become of an assignment and of a lead: one table each; nothing else assigns a stage or a state."""

from enum import StrEnum

from shared.platform.errors import DomainError


class Stage(StrEnum):
    """Where one giving of a lead to one store stands."""

    OFFERED = "offered"
    CLAIMED = "claimed"
    CONTACTED = "contacted"
    APPOINTMENT = "appointment"
    VISITED = "visited"
    WON = "won"
    LOST = "lost"
    DECLINED = "declined"
    EXPIRED = "expired"
    TAKEN = "taken"
    RECALLED = "recalled"
    RECYCLED = "recycled"


class Move(StrEnum):
    """What a store, HQ or the clock does to an assignment."""

    CLAIM = "claim"
    DECLINE = "decline"
    EXPIRE = "expire"
    TAKE = "take"
    CONTACT = "contact"
    APPOINT = "appoint"
    VISIT = "visit"
    WIN = "win"
    LOSE = "lose"
    RECYCLE = "recycle"
    RECALL = "recall"


class LeadState(StrEnum):
    """Where HQ's record of one wish to buy stands. Whether a store holds it is read from `holds`, not here."""

    WAITING = "waiting"
    PLACED = "placed"
    DESK = "desk"
    POOLED = "pooled"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class LeadMove(StrEnum):
    """What happens to a lead; why it is closed (merged, withdrawn, dismissed) is in `state_reason`."""

    PLACE = "place"
    RETURN = "return"
    ASK = "ask"
    POOL = "pool"
    WIN = "win"
    LOSE = "lose"
    CLOSE = "close"
    REOPEN = "reopen"
    REVIVE = "revive"


class IllegalMove(DomainError):
    """The record cannot make this move from where it stands."""

    status = 409
    code = "illegal_move"

    def __init__(self, stage: Stage | LeadState, move: Move | LeadMove) -> None:
        super().__init__(stage=str(stage), move=str(move))
        self.stage = stage
        self.move = move


_WORKED = (Stage.CLAIMED, Stage.CONTACTED, Stage.APPOINTMENT, Stage.VISITED)

HOLDING = frozenset((*_WORKED, Stage.WON))
"""Stages in which the store has the hold and may see the customer; a sold customer stays with the store."""

LIVE = frozenset((Stage.OFFERED, *HOLDING))
"""Stages that have not ended: `ended_at` is NULL, a hold may point here, the consent must stand."""

_MOVES = {
    (Stage.OFFERED, Move.CLAIM): Stage.CLAIMED,
    (Stage.OFFERED, Move.DECLINE): Stage.DECLINED,
    (Stage.OFFERED, Move.EXPIRE): Stage.EXPIRED,
    (Stage.OFFERED, Move.TAKE): Stage.TAKEN,
    (Stage.OFFERED, Move.RECALL): Stage.RECALLED,
    (Stage.CLAIMED, Move.DECLINE): Stage.DECLINED,
    (Stage.CONTACTED, Move.DECLINE): Stage.DECLINED,
    (Stage.CLAIMED, Move.CONTACT): Stage.CONTACTED,
    (Stage.CLAIMED, Move.APPOINT): Stage.APPOINTMENT,
    (Stage.CONTACTED, Move.APPOINT): Stage.APPOINTMENT,
    (Stage.CONTACTED, Move.CONTACT): Stage.CONTACTED,
    (Stage.APPOINTMENT, Move.CONTACT): Stage.APPOINTMENT,
    (Stage.APPOINTMENT, Move.APPOINT): Stage.APPOINTMENT,
    (Stage.VISITED, Move.CONTACT): Stage.VISITED,
    (Stage.VISITED, Move.APPOINT): Stage.VISITED,
    (Stage.VISITED, Move.VISIT): Stage.VISITED,
    **{(stage, Move.VISIT): Stage.VISITED for stage in _WORKED[:3]},
    **{(stage, Move.WIN): Stage.WON for stage in _WORKED},
    **{(stage, Move.LOSE): Stage.LOST for stage in _WORKED},
    **{(stage, Move.RECALL): Stage.RECALLED for stage in _WORKED},
    (Stage.WON, Move.RECALL): Stage.RECALLED,
    **{(stage, Move.RECYCLE): Stage.RECYCLED for stage in _WORKED},
}

OPEN = frozenset((LeadState.WAITING, LeadState.PLACED, LeadState.DESK, LeadState.POOLED))
"""States of a lead that somebody still works on; a contact has at most one of these."""

_LEAD_MOVES = {
    (LeadState.WAITING, LeadMove.PLACE): LeadState.PLACED,
    (LeadState.WAITING, LeadMove.ASK): LeadState.DESK,
    (LeadState.WAITING, LeadMove.POOL): LeadState.POOLED,
    (LeadState.PLACED, LeadMove.RETURN): LeadState.WAITING,
    (LeadState.PLACED, LeadMove.ASK): LeadState.DESK,
    (LeadState.DESK, LeadMove.PLACE): LeadState.PLACED,
    (LeadState.DESK, LeadMove.RETURN): LeadState.WAITING,
    (LeadState.DESK, LeadMove.POOL): LeadState.POOLED,
    (LeadState.POOLED, LeadMove.PLACE): LeadState.PLACED,
    (LeadState.POOLED, LeadMove.RETURN): LeadState.WAITING,
    (LeadState.POOLED, LeadMove.ASK): LeadState.DESK,
    (LeadState.PLACED, LeadMove.WIN): LeadState.WON,
    (LeadState.PLACED, LeadMove.LOSE): LeadState.LOST,
    (LeadState.DESK, LeadMove.LOSE): LeadState.LOST,
    (LeadState.CLOSED, LeadMove.REOPEN): LeadState.DESK,
    (LeadState.LOST, LeadMove.REOPEN): LeadState.DESK,
    (LeadState.CLOSED, LeadMove.REVIVE): LeadState.WAITING,
    **{(state, LeadMove.CLOSE): LeadState.CLOSED for state in OPEN},
}


def after(stage: Stage, move: Move) -> Stage:
    """The stage after a move.

    Raises:
        IllegalMove: the table does not have the pair.
    """
    try:
        return _MOVES[stage, move]
    except KeyError:
        raise IllegalMove(stage, move) from None


def lead_after(state: LeadState, move: LeadMove) -> LeadState:
    """The lead's state after a move.

    Raises:
        IllegalMove: the table does not have the pair.
    """
    try:
        return _LEAD_MOVES[state, move]
    except KeyError:
        raise IllegalMove(state, move) from None


def sources(move: Move) -> frozenset[Stage]:
    """The stages from which a move is allowed; set-based writers guard their UPDATE with it."""
    return frozenset(stage for stage, known in _MOVES if known is move)


def lead_sources(move: LeadMove) -> frozenset[LeadState]:
    """The lead states from which a move is allowed."""
    return frozenset(state for state, known in _LEAD_MOVES if known is move)
