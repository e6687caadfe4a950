"""How a version of an asset moves. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from shared.platform.errors import Conflict


class VersionState(StrEnum):
    """A version's state; stored by value."""

    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"
    RETIRED = "retired"


class VersionMove(StrEnum):
    """What somebody does with a version."""

    REPLACE = "replace"
    APPROVE = "approve"
    PUBLISH = "publish"
    RETIRE = "retire"
    RESTORE = "restore"
    REINSTATE = "reinstate"


class IllegalVersionMove(Conflict):
    """The version is not in a state for this; `params` name both."""

    code = "illegal_version_move"


_S, _M = VersionState, VersionMove
_MOVES: Final = {
    (_S.DRAFT, _M.REPLACE): _S.RETIRED,  # its author went on: each saving is a version
    (_S.DRAFT, _M.APPROVE): _S.APPROVED,
    (_S.APPROVED, _M.PUBLISH): _S.PUBLISHED,
    (_S.PUBLISHED, _M.PUBLISH): _S.PUBLISHED,  # to one more audience
    (_S.APPROVED, _M.RETIRE): _S.RETIRED,
    (_S.PUBLISHED, _M.RETIRE): _S.RETIRED,
    (_S.RETIRED, _M.RESTORE): _S.PUBLISHED,  # its taking back was a mistake: stores had it
    (_S.RETIRED, _M.REINSTATE): _S.APPROVED,  # the same, before any store had it
}


def after(state: str, move: VersionMove) -> VersionState:
    """The state after a move.

    Raises:
        IllegalVersionMove: the table has no such move.
    """
    try:
        return _MOVES[VersionState(state), move]
    except KeyError:
        raise IllegalVersionMove(state=state, move=move.value) from None
