"""The bar is reckoned from what stores can take, kept, used by decisions, and applied to those who wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event, func, select

from hq.qualification.models import SignupDecision
from hq.qualification.rescore import jobs as _rescore  # noqa: F401  its drains are declared
from hq.qualification.rescore.models import RescoreRun
from hq.qualification.scoring.default import DEFAULT_CARD
from hq.qualification.thresholds import jobs as _jobs  # noqa: F401  its drain is declared
from hq.qualification.thresholds.fates import Standing
from hq.qualification.thresholds.groups import Moves, crowd, moves
from hq.qualification.thresholds.models import ThresholdReckoning
from hq.qualification.thresholds.rules import DEFAULT_THRESHOLDS, Thresholds
from hq.rules.models import RuleSet
from hq.rules.queries import in_force
from shared.platform.ids import new_id
from tests.integration.pipeline.conftest import EAGER, store, world

__all__ = ["store", "world"]

MILD = {**EAGER, "purchase_horizon": "3m"}
COLD = {"purchase_horizon": "none"}
CAPACITY = {"by": "capacity", "fill": 100, "step": 50}


@pytest.fixture
def put(world) -> Callable[..., int]:
    """`put("thresholds", bar=…)`: puts what Koi comes with, with these changes, in force as the next version."""

    def do(kind: str, **changes: Any) -> int:
        of_kind = select(RuleSet).where(RuleSet.kind == kind)
        for each in world.rows.scalars(of_kind.where(RuleSet.status == "active")):
            each.status = "retired"
        world.rows.flush()
        version = 1 + (world.rows.scalar(select(func.max(RuleSet.version)).where(RuleSet.kind == kind)) or 0)
        usual = DEFAULT_THRESHOLDS if kind == "thresholds" else DEFAULT_CARD
        who = dict.fromkeys(("author", "changed_by", "activated_by", "note"), "x")
        when = dict.fromkeys(("created_at", "changed_at", "activated_at"), world.now)
        made = {"rule_set_id": new_id(world.now), "kind": kind, "version": version, "revision": 1}
        world.rows.add(RuleSet(**made, status="active", body={**usual, **changes}, **who, **when))
        world.rows.commit()
        return version

    return do


def sign_up(world, *interests: dict[str, str], first: int = 8000) -> list[Any]:
    """Sign-ups of different people, decided."""
    keys = [world.sign_up(phone=f"1380013{first + n}", interest=told) for n, told in enumerate(interests)]
    world.run("hq.qualify")
    return keys


def reckonings(world) -> list[ThresholdReckoning]:
    world.rows.rollback()
    return list(world.rows.scalars(select(ThresholdReckoning).order_by(ThresholdReckoning.at)))


def test_the_bar_fits_what_stores_can_take_and_decisions_name_the_reckoning(world, store, put):
    world.stores(store(cap=1))
    eager, *_ = sign_up(world, EAGER, MILD, EAGER, MILD)
    chance = world.lead_of(eager).probability
    version = put("thresholds", bar=CAPACITY)
    world.run("hq.thresholds")
    (found,) = reckonings(world)
    assert (found.version, found.stores, found.unlimited, found.waiting, found.seen) == (version, 1, 0, 4, 4)
    assert found.room == 7 - 4  # seven days of one, and four leads wait already
    assert (found.because, found.bar) == ("room", pytest.approx(chance, abs=0.0001))
    late, good = sign_up(world, MILD, EAGER, first=8100)
    assert world.outcomes(late, good) == ["nurture", "in_lead"]
    steps = world.rows.get(SignupDecision, (late, 1)).steps["thresholds"]
    assert steps == {"fate": "nurture", "because": "bar", "least": found.bar, "reckoning": str(found.reckoning_id)}
    world.run("hq.thresholds")
    assert len(reckonings(world)) == 1


def test_it_is_reckoned_every_night_and_moves_no_farther_than_its_step(world, store, put):
    world.stores(store(cap=1))
    sign_up(world, EAGER, MILD, EAGER, MILD)
    put("thresholds", bar={**CAPACITY, "step": 5})
    world.run("hq.thresholds")
    store(cap=500, km=2)
    world.later(days=1)
    world.run("hq.thresholds")
    first, second = reckonings(world)
    assert (second.before, second.wanted, second.because) == (first.bar, 0, "step")
    assert first.bar / (1 - first.bar) == pytest.approx(second.bar / (1 - second.bar) * 1.05)


def test_a_lower_bar_opens_leads_for_those_who_were_nurtured(world, store, put):
    world.stores(store(cap=500))
    put("scorecard")
    put("thresholds", bar={"by": "chance", "least": 0.9})
    world.run("hq.rescore_due")
    world.run("hq.rescore")
    keys = sign_up(world, EAGER, MILD, COLD)
    assert world.outcomes(*keys) == ["nurture"] * 3
    world.later(minutes=1)
    fates = {"A": "stores", "B": "stores", "C": "stores", "D": "nurture"}
    put("thresholds", bar=CAPACITY, fates=fates)
    world.run("hq.rescore_due")
    assert [each.cause for each in world.rows.scalars(select(RescoreRun))] == ["activated"]  # the bar is not known yet
    for name in ("hq.thresholds", "hq.rescore_due", "hq.rescore", "hq.qualify"):
        world.run(name)
    assert world.outcomes(*keys) == ["in_lead", "in_lead", "nurture"]
    (found,) = reckonings(world)
    assert (found.nurtured, found.bar, found.because) == (2, 0, "fits")


def test_what_thresholds_would_change_is_foretold(world, store, put):
    world.stores(store())
    sign_up(world, EAGER, COLD, COLD)
    groups = crowd(world.rows, now=world.now).groups
    assert sorted((each.place, each.people) for each in groups) == [("nurtured", 2), ("waiting", 1)]
    fates = dict.fromkeys("ABCD", "stores")
    for said, foretold in (
        ({"fates": fates, "bar": {"by": "none"}}, Moves(2, 0, 0, 0)),
        ({"fates": fates, "bar": {"by": "chance", "least": 0.99}}, Moves(0, 1, 0, 0)),
        ({"fates": {**fates, "D": "close"}, "bar": {"by": "none"}}, Moves(0, 0, 2, 0)),
    ):
        assert moves(groups, Standing(Thresholds.parse(said), 2)) == foretold


def test_the_bar_is_read_with_the_rules(world, put):
    put("thresholds", bar=CAPACITY)
    statements: list[str] = []
    engine = world.rows.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    found = in_force(world.rows)["thresholds"]
    assert (found.bar, len(statements)) == (None, 1)


def test_without_people_or_limits_there_is_no_bar(world, store, put):
    put("thresholds", bar=CAPACITY)
    world.run("hq.thresholds")
    world.stores(store(cap=None))
    sign_up(world, EAGER)
    put("thresholds", bar=CAPACITY)
    world.later(minutes=1)
    world.run("hq.thresholds")
    assert [(each.because, each.bar, each.room) for each in reckonings(world)] == [
        ("nobody", 0, 0),
        ("no_limit", 0, None),
    ]
