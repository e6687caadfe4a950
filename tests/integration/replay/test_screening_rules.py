"""A draft of screening rules is tried on the past: whom it would stop or let through, beside the rules in force."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import select, text, update

from hq.qualification.lists import service as lists
from hq.qualification.lists.reading import Entry
from hq.qualification.quarantine import service as desk
from hq.qualification.screening.kinds import ALL
from hq.qualification.screening.rules import default_body
from hq.replay import service
from hq.replay.errors import ReplayMoved, Unreadable
from hq.replay.models import Replay, ReplayMove
from hq.replay.people import past
from hq.replay.people.deciding import fate_of
from hq.replay.people.ruling import lines, yardsticks
from hq.rules import service as rules
from hq.rules.models import RuleSet
from shared.leads.models import FollowUp
from shared.platform.clock import beijing_day
from shared.platform.errors import Missing
from shared.platform.ids import NIL, new_id
from shared.signups.rows import Sealer
from shared.signups.service import insert_many
from shared.signups.submission import ImportedRow, Submission
from shared.work.drains import find
from shared.work.runs import Pace, run
from tests import factories as make
from tests.integration.pipeline.conftest import EAGER, HANGZHOU
from tests.working import at_work

QUICK = {"acted_at_once": {"effect": "quarantine", "seconds": 60}}
STRICT: dict[str, Any] = {
    **QUICK,
    "device_many_people": {"effect": "quarantine", "people": 2, "minutes": 600},
    "address_many_people": {"effect": "quarantine", "people": 3, "minutes": 60},
    "bare_address_many_people": {"effect": "quarantine", "people": 3, "minutes": 600, "draws": 0},
    "invite_crowd": {"effect": "quarantine", "people": 2, "minutes": 600, "draws": 0},
    "many_draws": {"effect": "quarantine", "draws": 6},
    "virtual_operator": {"effect": "reject"},
    "several_flags": {"effect": "reject", "flags": 2},
}
LAX: dict[str, Any] = {code: {**default_body()[code], "effect": "off"} for code in ("acted_at_once", "script_agent")}


def crowd(seed: int, mark: int) -> Iterator[dict[str, Any]]:
    """Sixty sign-ups with shared devices, addresses, inviters and numbers; of another `mark` the same with all keys
    changed."""
    chance = random.Random(seed)
    for number in range(60):
        who = chance.randrange(45)
        openid = chance.choice((None, f"o{who}", f"o{who}", "o-shared"))
        said: dict[str, Any] = {
            "phone": chance.choice((f"138{mark}{who:07}", f"138{mark}{who:07}", f"170{mark}{who:07}", "12")),
            "openid": openid and f"{openid}-{mark}",
            "device_id": chance.choice((None, f"d{chance.randrange(25)}-{mark}")),
            "ip": chance.choice((None, f"10.{mark}.0.{chance.randrange(12)}")),
            "user_agent": chance.choice((None, "Mozilla/5.0 (iPhone)", "python-requests/2")),
            "invited_by": chance.choice((None, None, f"o{chance.randrange(20)}-{mark}")),
            "actions": chance.choice(({}, {"draws": chance.randrange(9), "seconds_to_act": chance.randrange(1, 99)})),
            "interest": chance.choice((EAGER, {"purchase_horizon": "none"})),
        }
        yield {"minutes": number * 7.0, **said}


def signed_up(world, seed: int, mark: int) -> list[Any]:
    """Those sign-ups, decided in batches as they come in."""
    keys: list[Any] = []
    for batch in batched(crowd(seed, mark), 20):
        at = world.now + timedelta(minutes=batch[0]["minutes"])
        rows = [
            ImportedRow(
                submission=Submission(
                    occurred_at=world.now + timedelta(minutes=said.pop("minutes")), region=HANGZHOU, **said
                ),
                campaign_id=world.campaign.campaign_id,
                row=number,
                share_text_id=world.text.text_id,
            )
            for number, said in enumerate(batch)
        ]
        keys += insert_many(world.rows, rows, import_id=new_id(at), sealer=Sealer(make.RING), now=at)
        world.rows.commit()
        world.run("hq.qualify")
    return keys


def batched(all_of_them: Iterator[Any], size: int) -> Iterator[list[Any]]:
    """In lists of a size."""
    while batch := list(islice(all_of_them, size)):
        yield batch


def moved(world, replay: Replay) -> dict[Any, tuple[str, str]]:
    """By first sign-up the fates of people who fare differently."""
    query = select(ReplayMove).filter_by(replay_id=replay.replay_id)
    return {each.signup_id: (each.before, each.after) for each in world.rows.scalars(query)}


def codes(replay: Replay) -> dict[str, Any]:
    return {line.code: line for line in lines(replay.tally, ALL)}


def test_rules_beside_themselves_change_nothing_and_say_what_was_decided(world, act, draft_of, tried):
    signed_up(world, 1, 1)
    world.later(hours=8)
    replay = tried("screening", draft_of("screening"))
    assert (replay.state, replay.people, replay.people_done) == ("done", 60, 60)
    assert moved(world, replay) == {}
    people, same = replay.tally["again"]["people"]
    assert people > 30
    assert same == people
    assert all(line.met[0] == line.met[1] for line in lines(replay.tally, ALL))


@pytest.mark.parametrize("changes", [STRICT, LAX], ids=["stricter", "milder"])
def test_it_shows_exactly_whom_the_pipeline_would_stop_with_these_rules(world, act, draft_of, tried, changes):
    keys = signed_up(world, 7, 1)
    began = world.now
    world.later(hours=8)
    draft = draft_of("screening", **changes)
    said = moved(world, tried("screening", draft))
    act(rules.activate, kind="screening", version=draft, seen=2, seen_active=1, note="试用")
    world.now = began
    twins = signed_up(world, 7, 2)
    really = {
        people[0][0]: (before, after)
        for people in persons(world, keys, twins)
        if (before := fate(world, [key for key, _ in people])) != (after := fate(world, [twin for _, twin in people]))
    }
    assert len(said) > 5
    assert said == really


def persons(world, keys: list[Any], twins: list[Any]) -> list[list[tuple[Any, Any]]]:
    """Sign-ups and their twins, person by person."""
    found: dict[Any, list[tuple[Any, Any]]] = {}
    for key, twin in zip(keys, twins, strict=True):
        found.setdefault(world.signup(key).contact_id or key, []).append((key, twin))
    return list(found.values())


def fate(world, keys: list[Any]) -> str:
    return fate_of(world.outcomes(*keys))


def test_it_says_rule_by_rule_whom_it_stops_and_what_became_of_them(world, act, draft_of, tried):
    quick, _slow = (
        world.sign_up(phone=f"1380013800{n}", actions={"seconds_to_act": seconds})
        for n, seconds in enumerate((30, 600))
    )
    world.run("hq.qualify")
    lead = world.lead_of(quick)
    lead.state, lead.closed_at = "won", world.now
    world.rows.commit()
    replay = tried("screening", draft_of("screening", **QUICK))
    assert replay.tally["cards"]["stores"] == [2, 1]
    assert replay.tally["cards"]["won"] == [1, 0]
    line = codes(replay)["acted_at_once"]
    assert (line.stops, line.new, line.freed) == ([0, 1], {"won": 1}, {})
    (move,) = world.rows.scalars(select(ReplayMove).filter_by(replay_id=replay.replay_id))
    assert (move.way, move.lead_id, move.became) == ("leave", lead.lead_id, "won")
    assert [reason["seconds"] for reason in move.reasons] == [30]


def test_headquarters_verdicts_measure_both_sides_and_decide_neither(world, act, draft_of, tried):
    hunter, honest = (
        world.sign_up(phone=f"1380013800{n}", actions={"seconds_to_act": seconds}) for n, seconds in enumerate((3, 30))
    )
    world.run("hq.qualify")
    for key, verdict in ((hunter, "fraud"), (honest, "genuine")):
        act(desk.judge, signup_ids=[key], ring_key=key, verdict=verdict, note="")
    world.run("hq.qualify")
    replay = tried("screening", draft_of("screening", **QUICK))
    before, after = yardsticks(replay.tally)
    assert (before.precision, before.recall, before.stopped_genuine) == (1.0, 1.0, 0.0)
    assert (after.precision, after.recall, after.stopped_genuine) == (0.5, 1.0, 1.0)
    assert codes(replay)["acted_at_once"].precision == (1.0, 0.5)


def test_what_came_after_the_period_does_not_count(world, act, draft_of, tried):
    first = world.sign_up(phone="13800138000", device_id="shared", ip="10.0.0.1")
    world.run("hq.qualify")
    began = world.now
    world.later(days=1)
    for n in range(4):
        world.sign_up(phone=f"1380013801{n}", device_id="shared", minutes=n)
    entry = Entry(1, "address", "10.0.0.1", "10.0.*.1")
    said = {"purpose": "blocked", "why": "羊毛党", "expires_at": None, "file_name": "", "blind_key": make.RING.blind}
    act(lists.add, entries=[entry], **said)
    world.run("hq.qualify")
    assert world.outcomes(first) == ["rejected"]
    world.now = began
    replay = tried("screening", draft_of("screening", many_draws={"effect": "reject", "draws": 1}))
    assert replay.tally["cards"]["stores"] == [1, 1]
    assert replay.tally["again"]["people"] == [1, 0]


def test_a_return_by_a_store_counts_and_a_later_sale_protects_nobody(world, act, draft_of, tried):
    returned, sold = (
        world.sign_up(phone=f"1380013800{n}", actions={"seconds_to_act": 600 - 570 * n}) for n in range(2)
    )
    world.run("hq.qualify", "hq.route")
    (offer,) = world.assignments(world.lead_of(returned).lead_id)
    world.rows.add(
        FollowUp(
            dealer_id=offer.dealer_id,
            follow_up_id=new_id(world.now),
            assignment_id=offer.assignment_id,
            kind="decline",
            result="wrong_number",
            note="",
            user_id=NIL,
            at=world.now,
        )
    )
    lead = world.lead_of(sold)
    lead.state, lead.closed_at = "won", world.now
    world.rows.commit()
    replay = tried("screening", draft_of("screening", **QUICK))
    assert replay.tally["moves"] == {"in_lead": {"quarantined": [1]}}
    assert codes(replay)["returned_invalid"].stops == [1, 1]
    assert replay.tally["became"]["invalid"] == [1, 0, 0, 0, 0]
    assert replay.tally["became"]["won"] == [1, 1, 0, 0, 1]


def test_nothing_but_the_replay_is_written(world, act, draft_of, tried):
    signed_up(world, 2, 1)
    draft = draft_of("screening", **STRICT)
    before = _everything(world)
    tried("screening", draft)
    assert _everything(world) == before


def _everything(world) -> dict[str, str]:
    """A digest of every table that a trial must leave alone."""
    names = world.rows.scalars(
        text(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            " AND tablename NOT IN ('replays', 'replay_moves', 'audit_log', 'work_runs', 'breadcrumbs', 'work_tries')"
        )
    ).all()
    return {
        name: world.rows.scalar(text(f"SELECT md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {name} t"))
        for name in names
    }


def test_steps_of_any_size_count_everybody_once(world, act, draft_of, tried, monkeypatch):
    signed_up(world, 3, 1)
    draft = draft_of("screening", **QUICK)
    whole = tried("screening", draft)
    monkeypatch.setattr(past, "STEP", 7)
    steps = tried("screening", draft)
    assert steps.tally == whole.tally
    assert len(moved(world, steps)) == len(moved(world, whole)) > 0


def test_two_go_on_side_by_side_and_one_is_stopped_where_it_is(world, act, draft_of, monkeypatch):
    for n in range(6):
        world.sign_up(phone=f"1380013800{n}")
    world.run("hq.qualify")
    monkeypatch.setattr(past, "STEP", 2)
    today = {"first": beijing_day(world.now), "last": beijing_day(world.now)}
    version = draft_of("screening", **QUICK)
    one, two = (act(service.start, kind="screening", version=version, **today) for _ in range(2))
    for _ in range(2):
        world.later(seconds=1)
        with at_work(world.settings.worker(), now=world.now) as place:
            run(place, find("hq.replay"), Pace(stop=lambda: True))
    assert [_row(world, each).people_done for each in (one, two)] == [2, 2]
    act(service.stop, kind="screening", version=version, replay_id=one)
    world.run("hq.replay")
    stopped, over = _row(world, one), _row(world, two)
    assert (stopped.state, stopped.people_done, stopped.stopped_by) == ("stopped", 2, "沈清")
    assert (over.state, over.people_done) == ("done", 6)
    for replay_id in (one, two):
        with pytest.raises(ReplayMoved):
            act(service.stop, kind="screening", version=version, replay_id=replay_id)
    with pytest.raises(Missing):
        act(service.stop, kind="screening", version=1, replay_id=one)


def _row(world, replay_id: Any) -> Replay:
    return world.rows.get(Replay, replay_id, populate_existing=True)


def test_a_result_goes_with_its_people_on_its_date(world, act, draft_of, tried):
    world.sign_up(phone="13800138000", actions={"seconds_to_act": 30})
    world.run("hq.qualify")
    replay = tried("screening", draft_of("screening", **QUICK))
    world.later(days=179)
    world.run("hq.purge_replays")
    assert world.rows.get(Replay, replay.replay_id) is not None
    world.later(days=2)
    world.run("hq.purge_replays")
    assert world.rows.scalars(select(Replay)).all() == world.rows.scalars(select(ReplayMove)).all() == []


def test_a_draft_that_nobody_can_read_is_refused(world, act, draft_of):
    world.sign_up(phone="13800138000")
    world.run("hq.qualify")
    version = draft_of("screening", **QUICK)
    world.rows.execute(update(RuleSet).where(RuleSet.version == version).values(body={"no_such_rule": {}}))
    world.rows.commit()
    today = {"first": beijing_day(world.now), "last": beijing_day(world.now)}
    with pytest.raises(Unreadable):
        act(service.start, kind="screening", version=version, **today)
    with pytest.raises(Missing):
        act(service.start, kind="weather", version=1, **today)
    assert world.rows.scalars(select(Replay)).all() == []
