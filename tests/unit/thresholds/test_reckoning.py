import pytest
from hypothesis import given
from hypothesis import strategies as st

from hq.qualification.thresholds.reckoning import Demand, least_for, passing, reckon

WEEK = [Demand(0.30, 100), Demand(0.20, 200, 50), Demand(0.10, 400)]
demands = st.lists(
    st.builds(Demand, st.floats(0.001, 0.99), st.floats(0.1, 500), st.integers(0, 100)), min_size=1, max_size=12
)


def test_as_many_pass_as_there_is_room_for():
    found = reckon(WEEK, room=360, before=None, step=50)
    assert (found.bar, found.passing, found.because) == (0.20, 350, "room")


def test_nobody_is_kept_back_where_all_have_room():
    found = reckon(WEEK, room=750, before=None, step=50)
    assert (found.bar, found.passing, found.because) == (0.0, 750, "fits")


def test_the_best_pass_in_a_full_week_too():
    assert reckon(WEEK, room=0, before=None, step=50).bar == 0.30


def test_people_of_one_chance_pass_together_or_not_at_all():
    assert least_for([Demand(0.2, 60), Demand(0.3, 10), Demand(0.2, 60)], 100) == 0.3


def test_the_bar_moves_no_farther_than_one_step():
    found = reckon(WEEK, room=0, before=0.10, step=50)
    assert found.because == "step"
    assert found.bar / (1 - found.bar) == pytest.approx(0.1 / 0.9 * 1.5)
    assert found.wanted == 0.30


def test_no_bar_is_reached_and_left_by_steps_as_well():
    assert reckon(WEEK, room=0, before=0.0, step=10).bar == pytest.approx(0.1 / 0.9 * 1.1 / (1 + 0.1 / 0.9 * 1.1))
    assert reckon(WEEK, room=900, before=0.2, step=10).because == "step"
    assert reckon(WEEK, room=900, before=0.105, step=10).bar == 0.0


def test_it_stays_as_it_was_when_nobody_signed_up():
    assert (reckon([], room=9, before=0.2, step=50).bar, reckon([], room=9, before=None, step=50).bar) == (0.2, 0.0)


@given(demand=demands, room=st.integers(0, 5_000))
def test_the_bar_is_the_smallest_that_fits(demand, room):
    bar = least_for(demand, room)
    best = max(each.chance for each in demand)
    assert passing(demand, bar) <= room or bar == best
    lower = [each.chance for each in demand if each.chance < bar]
    assert not lower or passing(demand, max(lower)) > room


@given(demand=demands, room=st.integers(0, 5_000), more=st.integers(0, 500))
def test_more_room_never_raises_the_bar(demand, room, more):
    assert least_for(demand, room + more) <= least_for(demand, room)


@given(demand=demands, room=st.integers(0, 5_000), before=st.floats(0, 0.99), step=st.integers(5, 900))
def test_it_gets_where_it_wants_in_the_end(demand, room, before, step):
    wanted, bar = least_for(demand, room), before
    days = 0
    while bar != wanted and days < 400:
        bar, days = reckon(demand, room=room, before=bar, step=step).bar, days + 1
    assert bar == wanted
