"""Statements that are sent ahead: order, transaction and errors are as ever."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from shared.db.sending import send
from shared.work.attempt import Failed, attempt
from shared.work.drains import Drain
from shared.work.place import Place
from tests.work.conftest import Story

_TWICE = text("INSERT INTO work_tries (drain, row_id, tries, reason, last_at) VALUES ('t', :row, 1, '{}', now())")
_COUNT = text("SELECT count(*) FROM work_tries")
_ROW, _OTHER = "00000000-0000-7000-8000-000000000001", "00000000-0000-7000-8000-000000000002"


def test_what_was_sent_is_seen_by_the_next_statement_and_stays_after_the_commit(place: Place):
    with place.transaction() as session:
        send(session, _TWICE, {"row": _ROW})
        send(session, _TWICE, {"row": _OTHER})
        assert session.execute(_COUNT).scalar_one() == 2
    with place.transaction() as session:
        assert session.execute(_COUNT).scalar_one() == 2


@pytest.mark.parametrize("looks", [True, False], ids=["at the next statement", "at the commit"])
def test_an_error_is_raised_when_somebody_waits_and_nothing_stays(place: Place, *, looks: bool):
    def write():
        with place.transaction() as session:
            for row in (_ROW, _ROW, _OTHER):
                send(session, _TWICE, {"row": row})
            if looks:
                session.execute(_COUNT)

    with pytest.raises(IntegrityError) as caught:
        write()
    assert getattr(caught.value.orig, "sqlstate", None) == "23505"
    with place.transaction() as session:  # on the same connection
        assert session.execute(_COUNT).scalar_one() == 0


def test_a_batch_whose_sent_statement_lost_a_race_is_tried_again(place: Place, the_drain: Drain, story: Story, sign_up):
    def clash(session, _batch):
        send(session, _TWICE, {"row": _ROW})
        send(session, _TWICE, {"row": _ROW})

    sign_up(2)
    story.before.append(clash)
    outcome = attempt(place, the_drain)
    assert isinstance(outcome, Failed)
    assert outcome.race
