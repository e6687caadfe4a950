"""Changing a scorecard on its page: parts of one form, acts that only show, and saving that checks everything."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from hq.qualification.lately.counting import Coded, as_json
from hq.qualification.lately.models import LatelyPeople
from hq.rules.defaults import defaults
from hq.rules.models import RuleSet
from hq.rules.service import ensure_defaults
from shared.identity.permissions import Role
from tests.portals.conftest import Browser, Person, sign_in

EDIT = "/hq/rules/scorecard/2/edit"
_CARRIED = re.compile(r'name="card" value="([^"]+)"')
_FIELD = re.compile(r'<input class="form-control[^>]* name="([^"]+)" value="([^"]*)"')


@pytest.fixture
def operator(browser: Callable[[], Browser], hq_person: Callable[..., Person], as_hq: Any) -> Browser:
    """Somebody with a draft of the scorecard, version 2, open in the form."""
    as_hq(lambda session, now: ensure_defaults(session, defaults(), now=now))
    visitor = browser()
    sign_in(visitor, "/hq", hq_person(Role.OPERATOR).login)
    visitor.get("/hq/rules/scorecard")
    assert visitor.post("/hq/rules/scorecard/1/draft").status_code == 303
    return visitor


def _card(page: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unescape(_CARRIED.findall(page.text)[0]))
    return found


def _form(page: Any, **changes: Any) -> dict[str, Any]:
    """What the page would send, with other values in some fields."""
    shown = re.findall(r'name="shown" value="(\w+)"', page.text)[0]
    fields = {name: unescape(value) for name, value in _FIELD.findall(page.text)}
    card = json.dumps(_card(page))
    return {"revision": "1", "shown": shown, "card": card, **fields, **changes}


def _stored(rows: Session) -> dict[str, Any]:
    rows.rollback()
    body: dict[str, Any] = rows.scalar(select(RuleSet.body).where(RuleSet.kind == "scorecard", RuleSet.version == 2))
    return body


def _attribute(body: dict[str, Any], fact: str) -> dict[str, Any]:
    return next(each for each in body["attributes"] if each.get("fact") == fact)


def test_points_are_saved_with_everything_that_the_form_carried(operator: Browser, rows: Session) -> None:
    page = operator.get(EDIT)
    assert operator.post(EDIT, _form(page, do="save", **{"b.0.points": "+50"})).status_code == 303
    stored = _stored(rows)
    assert _attribute(stored, "purchase_horizon")["bins"][0]["points"] == 50
    assert len(stored["attributes"]) == 11


def test_what_is_changed_in_one_part_stays_while_others_are_looked_at(operator: Browser, rows: Session) -> None:
    page = operator.post(EDIT, _form(operator.get(EDIT), do="show:head", **{"b.0.points": "50"}))
    assert page.status_code == 200
    page = operator.post(EDIT, _form(page, do="show:9", double_odds="25"))
    assert "离最近门店" in page.text
    assert _attribute(_stored(rows), "purchase_horizon")["bins"][0]["points"] == 40  # nothing is written by looking
    assert operator.post(EDIT, _form(page, do="save")).status_code == 303
    stored = _stored(rows)
    assert (stored["double_odds"], _attribute(stored, "purchase_horizon")["bins"][0]["points"]) == (25, 50)


def test_the_page_says_at_once_what_totals_mean_and_what_is_different(operator: Browser) -> None:
    page = operator.post(EDIT, _form(operator.get(f"{EDIT}?part=head"), do="look", base_odds="0.06", double_odds="25"))
    assert "5.7%" in page.text  # of a person with the base points: 0.06 / 1.06
    assert "20 → 25" in page.text


def test_bins_of_a_number_are_cut_moved_and_joined(operator: Browser, rows: Session) -> None:
    page = operator.post(EDIT, _form(operator.get(f"{EDIT}?part=9"), do="cut", cut="20"))
    page = operator.post(EDIT, _form(page, do="merge:2", **{"b.0.below": "8"}))
    assert operator.post(EDIT, _form(page, do="save")).status_code == 303
    bins = _attribute(_stored(rows), "store_km")["bins"]
    told = [(each.get("from"), each.get("below"), each["points"]) for each in bins]
    assert told == [(None, 8, 5), (8, 20, 0), (20, 100, 0), (100, None, -20), (None, None, -5)]


def test_words_are_put_into_another_bin(operator: Browser, rows: Session) -> None:
    page = operator.post(EDIT, _form(operator.get(EDIT), do="move", tick=["later", "none"], to="3"))
    page = operator.post(EDIT, _form(page, do="move", tick="none", to="new"))
    assert operator.post(EDIT, _form(page, do="save")).status_code == 303
    bins = _attribute(_stored(rows), "purchase_horizon")["bins"]
    assert [(each.get("values"), each["points"]) for each in bins[3:5]] == [(["6m", "later"], -8), (["none"], -8)]


def test_facts_are_added_and_taken_off(operator: Browser, rows: Session) -> None:
    page = operator.post(EDIT, _form(operator.get(EDIT), do="drop"))
    page = operator.post(EDIT, _form(page, do="add", fact="model"))
    page = operator.post(EDIT, _form(page, do="word", word="K1"))
    assert operator.post(EDIT, _form(page, do="save", **{"b.1.points": "7"})).status_code == 303
    stored = _stored(rows)
    assert stored["attributes"][0]["fact"] == "current_vehicle"
    assert _attribute(stored, "model")["bins"][1] == {"values": ["K1"], "points": 7}


def test_a_fact_of_after_the_first_contact_is_refused_even_when_the_form_is_forged(
    operator: Browser, rows: Session
) -> None:
    page = operator.get(EDIT)
    assert '<option value="follow_ups" disabled>' in page.text
    refused = operator.post(EDIT, _form(page, do="add", fact="follow_ups"))
    assert re.findall(r'name="([^"]+)"[^>]*aria-invalid', refused.text) == ["fact"]
    assert len(_card(refused)["attributes"]) == 11
    leak = {"fact": "won", "bins": [{"values": ["yes", "no"], "points": 9}, {"missing": True, "points": 0}]}
    card = {**_card(page), "attributes": [*_card(page)["attributes"], leak]}
    refused = operator.post(EDIT, _form(page, do="save") | {"card": json.dumps(card)})
    assert refused.status_code == 422
    assert len(_stored(rows)["attributes"]) == 11


@pytest.mark.parametrize(
    ("part", "fields", "marked"),
    [
        ("0", {"b.1.points": "viel"}, "b.1.points"),
        ("9", {"b.1.below": "5"}, "b.2.below"),  # begins before the one above ends
        ("9", {"b.0.below": "near"}, "b.0.below"),
        ("head", {"base_odds": "0"}, "base_odds"),
        ("head", {"grade_B": "150"}, "grade_A"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field_and_kept(
    operator: Browser, rows: Session, part: str, fields: dict[str, str], marked: str
) -> None:
    refused = operator.post(EDIT, _form(operator.get(f"{EDIT}?part={part}"), do="save", **fields))
    assert refused.status_code == 422
    assert marked in re.findall(r'name="([^"]+)"[^>]*aria-invalid', refused.text)
    assert f'value="{next(iter(fields.values()))}"' in refused.text
    assert rows.scalar(select(RuleSet.revision).where(RuleSet.kind == "scorecard", RuleSet.version == 2)) == 1


def test_a_mistake_in_another_part_brings_that_part_back(operator: Browser) -> None:
    page = operator.post(EDIT, _form(operator.get(EDIT), do="show:head", **{"b.0.points": "x"}))
    refused = operator.post(EDIT, _form(page, do="save"))
    assert refused.status_code == 422
    assert 'name="b.0.points" value="x"' in refused.text


def test_who_saves_over_somebody_elses_draft_is_told_and_keeps_the_card(operator: Browser, rows: Session) -> None:
    page = operator.get(EDIT)
    operator.post(EDIT, _form(page, do="save", **{"b.0.points": "50"}))
    refused = operator.post(EDIT, _form(page, do="save", **{"b.0.points": "60"}))
    assert refused.status_code == 409
    assert 'value="60"' in refused.text
    assert _attribute(_stored(rows), "purchase_horizon")["bins"][0]["points"] == 50


@pytest.mark.parametrize(
    "card",
    [
        "",
        "[]",
        "{",
        '{"attributes": 3, "grades": []}',
        '{"grades": [], "attributes": [{"fact": "hour", "bins": []}]}',
        '{"grades": [], "attributes": [{"facts": ["hour", "draws"], "bins": [[], []], "points": [[1]]}]}',
        '{"grades": [["A"]], "attributes": []}',
        '{"grades": [], "attributes": [{"fact": "hour", "bins": [{"values": 3}, {"missing": true}]}]}',
    ],
)
def test_what_no_page_of_ours_sends_is_not_read(operator: Browser, card: str) -> None:
    page = operator.get(EDIT)
    assert operator.post(EDIT, _form(page, do="look") | {"card": card}).status_code == 400


@pytest.mark.parametrize("act", ["merge:99", "merge:x", "fly", "merge:-1"])
def test_a_button_that_there_is_not_does_nothing(operator: Browser, act: str) -> None:
    assert operator.post(EDIT, _form(operator.get(EDIT), do=act)).status_code == 400


def test_two_facts_together_are_shown_and_their_points_changed(operator: Browser, rows: Session) -> None:
    page = operator.get(EDIT)
    sides = [[{"below": 10}, {"from": 10}, {"missing": True}], [{"values": ["yes", "no"]}, {"missing": True}]]
    pair = {"facts": ["store_km", "visited_store"], "bins": sides, "points": [[1, 2], [3, 4], [5, 6]]}
    card = {**_card(page), "attributes": [*_card(page)["attributes"], pair]}
    page = operator.post(EDIT, _form(page, do="show:11") | {"card": json.dumps(card)})
    assert 'name="p.2.1"' in page.text
    assert operator.post(EDIT, _form(page, do="save", **{"p.2.1": "-9"})).status_code == 303
    assert _stored(rows)["attributes"][11]["points"] == [[1, 2], [3, 4], [5, -9]]


def test_two_facts_are_added_as_one_in_the_bins_that_they_have_alone(operator: Browser, rows: Session) -> None:
    page = operator.post(EDIT, _form(operator.get(EDIT), do="pair", first="store_km", second="budget"))
    pair = _card(page)["attributes"][11]
    assert (pair["facts"], [len(bins) for bins in pair["bins"]]) == (["store_km", "budget"], [5, 6])
    page = operator.post(EDIT, _form(page, do="join:0:1", **{"p.0.0": "4", "p.1.0": "5"}))  # 10–30 with 30–100
    page = operator.post(EDIT, _form(page, do="slice:0", **{"cut-0": "5"}))
    page = operator.post(EDIT, _form(page, do="join:1:0"))  # <2000 with 2000-3500
    pair = _card(page)["attributes"][11]
    assert [each.get("below") for each in pair["bins"][0]] == [5, 10, 100, None, None]
    assert [row[0] for row in pair["points"]] == [4, 4, 5, 0, 0]
    assert pair["bins"][1][0]["values"] == ["<2000", "2000-3500"]
    page = operator.post(EDIT, _form(page, do="part:1:0"))
    assert operator.post(EDIT, _form(page, do="save")).status_code == 303
    stored = _stored(rows)["attributes"][11]
    assert [each.get("values") for each in stored["bins"][1]][:2] == [["<2000"], ["2000-3500"]]
    assert stored["points"][0][:2] == [4, 4]


@pytest.mark.parametrize(
    ("form", "marked"),
    [
        ({"first": "store_km", "second": "store_km"}, ["second"]),
        ({"first": "store_km", "second": ""}, ["second"]),
        ({"first": "calls", "second": "store_km"}, ["first"]),
    ],
)
def test_two_facts_that_cannot_be_one_are_refused_at_their_field(
    operator: Browser, form: dict[str, str], marked: list[str]
) -> None:
    refused = operator.post(EDIT, _form(operator.get(EDIT), do="pair", **form))
    assert re.findall(r'name="(first|second)"[^>]*aria-invalid', refused.text) == marked
    assert len(_card(refused)["attributes"]) == 11


@pytest.mark.parametrize("act", ["join:0:3", "join:2:0", "part:0:0", "slice:7", "join:0"])
def test_buttons_of_a_pair_that_there_are_not_do_nothing(operator: Browser, act: str) -> None:
    page = operator.post(EDIT, _form(operator.get(EDIT), do="pair", first="store_km", second="budget"))
    assert operator.post(EDIT, _form(page, do=act)).status_code == 400


def test_each_bin_says_how_many_of_the_latest_people_it_concerns_and_how_many_bought(
    operator: Browser, rows: Session
) -> None:
    assert "每晚统计一次" in operator.get(EDIT).text
    horizons, won = ["now", "now", "later", None], [1, 0, -1, 0]
    facts = {name: Coded.of([None] * 4) for name in ("budget", "store_km")}
    rows.add(
        LatelyPeople(
            lately_id=UUID(int=5),
            taken_at=datetime(2026, 11, 20, tzinfo=UTC),
            since=datetime(2026, 11, 1, tzinfo=UTC),
            people=4,
            ended=3,
            facts=as_json({**facts, "purchase_horizon": Coded.of(horizons)}),
            marks=[[1, end] for end in won],
        )
    )
    rows.commit()
    page = operator.get(EDIT).text
    cells = re.findall(r'<span class="k-two">(\d+)<small class="k-meta num">([\d.]+%)</small></span>', page)
    assert cells[0] == ("2", "50.0%")
    assert "50.0%</span></td>" in page  # one of the two bought
    shares = re.findall(r"k-cellbar.*?</svg>([\d.]+%)", page)
    changed = operator.post(EDIT, _form(operator.get(EDIT), do="look", **{"b.0.points": "500"})).text
    assert shares != re.findall(r"k-cellbar.*?</svg>([\d.]+%)", changed)  # the draft gives other grades
    pair = operator.post(EDIT, _form(operator.get(EDIT), do="pair", first="purchase_horizon", second="budget")).text
    assert '<small class="k-meta num k-under">2 · 50.0%</small>' in pair
