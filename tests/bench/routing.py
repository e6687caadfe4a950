"""How near, how fair and how fast leads are spread over stores, by the engine that does it in life.

First the real map: 20,000 leads drawn by the counties' population, 508 real points of dealers with room for 48 each,
one batch after the other in the order drawn. Of the future the engine knows another month; prices are reckoned before
each batch for what is left. The limits are the nearest store with room, first come first served, and the best plan that
knows everybody beforehand. Then size: generated stores and leads, without prices, then with them.
"""

from __future__ import annotations

import csv
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np

from hq.routing.costs import Costs, Standing
from hq.routing.facts import LeadsFacts, WaitingLead
from hq.routing.field import Floats, Ints, kilometres, vectors
from hq.routing.network import Network
from hq.routing.plan import Setting, plan
from hq.routing.policy import Room
from hq.routing.prices.demand import Demand, Plan
from hq.routing.rules import RoutingRules
from shared.work.collector import collector_paused

_DATA = Path(__file__).parents[3] / "shared" / "data"
_LEADS, _CAP, _BATCH = 20_000, 48, 1_000
_NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
_SCOPE, _DEALER = UUID(int=1), UUID(int=2)
_RULES = RoutingRules(max_km=None, price_percent=100, equal_km=0)
_FARTHEST_KM = 5_000.0
_GROWTH = ((10_000, 500), (10_000, 5_000), (10_000, 40_000), (100_000, 40_000), (1_000_000, 40_000))


def run(words: Sequence[str]) -> dict[str, Any]:
    """Measure; `--batch N` leads at once, `--leads N` of the largest case."""
    sizes = {"--batch": _BATCH, "--leads": 1_000_000}
    sizes |= {word: int(words[at + 1]) for at, word in enumerate(words[:-1]) if word in sizes}
    spread = _spread(sizes["--batch"])
    growth = [_grown(leads, stores) for leads, stores in _GROWTH if leads <= sizes["--leads"]]
    last = growth[-1]
    return {
        "name": "routing",
        "figures": {
            **spread.figures,
            "engine_s_of_all": round(last.engine_s, 1),
            "solve_s_of_all": round(last.solve_s, 1),
            "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 0),
            **{
                f"us_per_lead_{each.leads}_on_{each.stores}": round(each.engine_s / each.leads * 1e6, 1)
                for each in growth
            },
        },
        "limits": spread.limits,
        "ratios": {
            "km_to_best": round(spread.figures["mean_km"] / spread.limits["best_km"], 3),
            "km_to_nearest": round(spread.figures["mean_km"] / spread.limits["nearest_km"], 3),
        },
        "notes": [
            f"{each.leads:>9,} leads, {each.stores:>6,} stores: {each.engine_s:5.1f} s, prices {each.solve_s:4.1f} s"
            for each in growth
        ],
    }


@dataclass(frozen=True, slots=True)
class _Spread:
    figures: dict[str, Any]
    limits: dict[str, Any]


def _spread(batch: int) -> _Spread:
    counties = _read("cn_county_census2020/counties.csv")
    dealers = [row for row in _read("cn_dealers_ford/dealers.csv") if row["coords_ok"] == "True"]
    places = np.array([(float(row["inside_lng"]), float(row["inside_lat"])) for row in counties])
    people = np.array([float(row["population_2020"]) for row in counties])
    network = _network(np.array([(float(row["lng_raw"]), float(row["lat_raw"])) for row in dealers]), _CAP)
    drawn, other = (_draw(people, seed) for seed in (42, 43))
    known = np.bincount(other, minlength=len(places)).astype(float)
    field, room = network.field, Room.of([_CAP] * len(dealers))
    problem = Plan(
        field,
        [field.usable],
        Demand(places, np.zeros(len(places)), np.zeros(len(places), dtype=np.int64)),
        most_km=_FARTHEST_KM,
    )
    solve_s = engine_s = 0.0
    kms: list[float] = []
    for start in range(0, _LEADS, batch):
        here = drawn[start : start + batch]
        began = time.perf_counter()
        coming = known * (1 - (start + len(here)) / _LEADS) + np.bincount(here, minlength=len(places))
        prices = problem.prices(coming, np.array(room.left, dtype=float)).prices
        solved = time.perf_counter()
        planned, seconds = _routed(network, room, places[here], start, prices)
        solve_s, engine_s = solve_s + solved - began, engine_s + seconds
        kms += [each.km or 0.0 for each in planned.placements]
    load = _CAP - np.array(room.left)
    chords = np.linalg.norm(vectors(places)[:, None] - field.vectors[None], axis=2)
    far = kilometres(chords)
    every = np.full(len(dealers), float(_CAP))
    best = Plan(
        field,
        [field.usable],
        Demand(places, np.zeros(len(places)), np.zeros(len(places), dtype=np.int64)),
        most_km=_FARTHEST_KM,
    ).prices(np.bincount(drawn, minlength=len(places)).astype(float), every)
    figures = {
        "mean_km": round(float(np.mean(kms)), 2),
        "over_cap": int((load > _CAP).sum()),
        "unplaced": _LEADS - len(kms),
        "gini": round(_gini(load), 3),
        "engine_s": round(engine_s, 2),
        "solve_s": round(solve_s, 2),
    }
    return _Spread(figures, {"nearest_km": round(_nearest(far, drawn), 2), "best_km": round(best.mean, 2)})


def _nearest(far: Floats, drawn: Ints) -> float:
    """Mean kilometres when each goes to the nearest store that has room, in order."""
    left = np.full(far.shape[1], _CAP)
    order = np.argsort(far, axis=1)
    total = 0.0
    for county in drawn:
        store = next(each for each in order[county] if left[each] > 0)
        left[store] -= 1
        total += far[county, store]
    return total / len(drawn)


@dataclass(frozen=True, slots=True)
class _Size:
    leads: int
    stores: int
    engine_s: float
    solve_s: float


def _grown(leads: int, stores: int) -> _Size:
    """Stores and leads where people live, each some way off its county's middle; room for all with a tenth to spare."""
    counties = _read("cn_county_census2020/counties.csv")
    places = np.array([(float(row["inside_lng"]), float(row["inside_lat"])) for row in counties])
    people = np.array([float(row["population_2020"]) for row in counties])
    chance = np.random.default_rng(7)
    at = _scattered(places, people, stores, chance)
    cap = -(-leads * 11 // (stores * 10))
    network, room = _network(at, cap), Room.of([cap] * stores)
    points = _scattered(places, people, leads, chance)
    prices = np.zeros(stores)
    engine_s = 0.0
    for start in range(0, leads, _BATCH):
        batch = points[start : start + _BATCH]
        engine_s += _routed(network, room, batch, start, prices)[1]
    began = time.perf_counter()
    problem = Plan(
        network.field,
        [network.field.usable],
        Demand(places, np.full(len(places), 10.0), np.zeros(len(places), dtype=np.int64)),
        most_km=300,
    )
    problem.prices(people / people.sum() * leads, np.full(stores, float(cap)))
    return _Size(leads, stores, engine_s, time.perf_counter() - began)


def _scattered(places: Floats, people: Floats, count: int, chance: np.random.Generator) -> Floats:
    return places[chance.choice(len(places), count, p=people / people.sum())] + chance.normal(0, 0.1, (count, 2))


def _draw(people: Floats, seed: int) -> Ints:
    return np.random.RandomState(seed).choice(len(people), _LEADS, p=people / people.sum()).astype(np.int64)


def _network(points: Floats, cap: int) -> Network:
    return Network.of(
        [
            (UUID(int=100 + n), _DEALER, f"S{n}", lng, lat, True, {}, cap, None, 1, None)
            for n, (lng, lat) in enumerate(points.tolist())
        ]
    )


def _routed(network: Network, room: Room, points: Floats, first: int, prices: Floats) -> tuple[Any, float]:
    """Route a batch; what came of it, and the engine's seconds."""
    zero = np.zeros(len(prices))
    costs = Costs(Standing(prices, zero, zero, zero), _RULES)
    facts = LeadsFacts({}, {_SCOPE: frozenset({_DEALER})})
    leads = [_lead(first + number, lng, lat) for number, (lng, lat) in enumerate(points.tolist())]
    began = time.perf_counter()
    with collector_paused():  # as for every batch of a worker
        planned, aside = plan(leads, Setting(facts, network, room, _RULES, costs, {"rules": 1}, _NOW))
    seconds = time.perf_counter() - began
    assert not aside, aside
    return planned, seconds


def _lead(number: int, lng: float, lat: float) -> WaitingLead:
    key = UUID(int=1_000_000 + number)
    place = {"lng": lng, "lat": lat, "uncertainty_km": 0.0}
    given: dict[str, Any] = {"state": "waiting", "state_reason": {}, "grade": "A", "probability": 0.1, "reasons": []}
    given |= {"wish": {}, "place": place, "store_code": None, "hops": 0, "opened_at": _NOW, "name": None}
    return WaitingLead(
        lead_id=key, contact_id=key, scope_id=_SCOPE, campaign="", campaign_code="", consented=True, **given
    )


def _gini(load: Ints) -> float:
    ranked, count = np.sort(load), len(load)
    return float((2 * np.arange(1, count + 1) - count - 1) @ ranked / (count * ranked.sum()))


def _read(name: str) -> list[dict[str, str]]:
    path = _DATA / name
    if not path.exists():
        raise SystemExit(f"koi: this measurement needs {path}, which is not on this machine")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
