"""How a version moves."""

import pytest

from content_library.lifecycle import IllegalVersionMove, VersionMove, after


def test_a_version_goes_from_draft_to_retired():
    state = "draft"
    for move in (VersionMove.APPROVE, VersionMove.PUBLISH, VersionMove.RETIRE):
        state = after(state, move)
    assert state == "retired"


@pytest.mark.parametrize("state", ["draft", "retired"])
def test_what_was_not_approved_cannot_be_published(state):
    with pytest.raises(IllegalVersionMove):
        after(state, VersionMove.PUBLISH)
