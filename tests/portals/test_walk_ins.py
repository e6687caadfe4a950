"""A store enters who came in or called, on its phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select, update

from shared.dealers.models import Store
from shared.identity.models import StaffStore
from shared.identity.permissions import Role
from shared.leads.models import Assignment
from shared.walkins.models import WalkIn
from tests import factories as make
from tests.portals.conftest import Browser, Person, sign_in


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the form."""
    found = {}
    for tag in re.findall(r"<input [^>]*>", page):
        if 'type="hidden"' in tag and (name := re.search(r'name="(\w+)"', tag)) and name[1] != "csrf_token":
            value = re.search(r'value="([^"]*)"', tag)
            found[name[1]] = value[1] if value else ""
    return found


@pytest.fixture
def at_store(
    browser: Callable[[], Browser], staff_person: Callable[..., Person]
) -> Callable[..., tuple[Browser, Person]]:
    """A browser in which somebody at a store is signed in."""

    def make(role: Role = Role.SALESPERSON, **given: Any) -> tuple[Browser, Person]:
        person, here = staff_person(role, **given), browser()
        sign_in(here, "/dealer", person.login)
        return here, person

    return make


def _send(here: Browser, **said: Any) -> Any:
    form = hidden(here.get("/dealer/walk-ins/new").text)
    given = {"phone": "139 1234 5678", "name": "林静", "touchpoint": "walk_in", "how": "spoken", "agreed": "y", **form}
    return here.post("/dealer/walk-ins/new", {name: value for name, value in {**given, **said}.items() if value})


def _count(session: Any, _now: Any) -> int:
    return session.scalar(select(func.count()).select_from(WalkIn))


def test_a_number_a_name_and_a_yes_are_enough(at_store, as_hq):
    here, _person = at_store()
    answer = _send(here)
    page = here.get(answer.location)

    assert answer.status_code == 303
    assert "正在核对" in page.text
    assert "139****5678" in page.text
    assert "13912345678" not in page.text
    assert "林**" in here.get("/dealer/walk-ins").text or "林*" in here.get("/dealer/walk-ins").text
    kept = as_hq(lambda session, _now: [str(v) for v in session.execute(select(WalkIn.__table__)).one()])
    assert not [value for value in kept if "13912345678" in value or "林静" in value]


def test_nothing_is_ticked_beforehand_and_the_words_name_who_gets_the_number(at_store):
    here, _person = at_store()
    page = here.get("/dealer/walk-ins/new").text
    assert 'name="agreed"' in page
    assert "checked" not in page.split('name="agreed"')[1].split(">")[0]
    assert "接收方：经销商" in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"agreed": ""}, "同意了再勾"),
        ({"phone": "0571-88886666"}, "座机"),
        ({"phone": "1391234567"}, "11 位"),
        ({"phone": ""}, "填客户的手机号"),
        ({"words": "别的话"}, "再念一遍"),
    ],
)
def test_what_is_missing_is_said_beside_it_and_nothing_typed_is_lost(at_store, as_hq, said, words):
    here, _person = at_store()
    answer = _send(here, model="S1 & Pro", **said)

    assert answer.status_code in (409, 422)
    assert words in answer.text
    assert 'value="林静"' in answer.text
    assert "S1 &amp; Pro" in answer.text
    assert as_hq(_count) == 0


def test_sent_twice_it_is_one(at_store, as_hq):
    here, _person = at_store()
    form = hidden(here.get("/dealer/walk-ins/new").text)
    said = {"phone": "13912345678", "touchpoint": "phone_call", "how": "spoken", "agreed": "y", **form}
    first, second = (here.post("/dealer/walk-ins/new", said) for _ in range(2))
    assert first.location == second.location
    assert as_hq(_count) == 1


def test_the_same_number_leads_to_what_was_entered(at_store, as_hq):
    here, _person = at_store()
    first = _send(here)
    again = _send(here)
    assert again.location == first.location
    assert "今天录入过" in here.get(again.location).text
    assert as_hq(_count) == 1


def test_a_number_that_a_colleague_entered_is_said_so_and_leads_somewhere(at_store, as_hq):
    here, person = at_store()
    colleague, other = at_store(dealer_id=person.dealer_id)
    works_there = StaffStore(dealer_id=person.dealer_id, user_id=other.user_id, store_id=person.store_id)
    as_hq(lambda session, _now: session.add(works_there))
    _send(here)
    again = _send(colleague, store=str(person.store_id))
    page = colleague.get(again.location)
    assert page.status_code == 200
    assert "今天录入过" in page.text
    assert as_hq(_count) == 1


def test_whoever_comes_to_a_colleague_as_well_is_said_to_be_theirs(at_store, rows):
    here, person = at_store()
    _, other = at_store(dealer_id=person.dealer_id)
    address = _send(here).location
    held = make.claimed(rows, rows.get(Store, (person.dealer_id, person.store_id)), assignee=other.user_id)
    rows.execute(update(WalkIn).values(state="held", assignment_id=held.assignment_id))
    rows.commit()
    page = here.get(address)
    assert page.status_code == 200
    assert "同事在跟进这位客户" in page.text
    rows.execute(update(Assignment).values(assignee=person.user_id))
    rows.commit()
    assert here.get(address).location.endswith(f"/leads/{held.assignment_id}")


def test_another_dealer_finds_nothing_there(at_store):
    here, _person = at_store()
    address = _send(here).location
    stranger, _other = at_store()
    assert stranger.get(address).status_code == 404
    assert "139****5678" not in stranger.get("/dealer/walk-ins").text


def test_a_colleague_does_not_see_it_but_the_manager_does(at_store):
    here, person = at_store()
    address = _send(here).location
    colleague, _ = at_store(dealer_id=person.dealer_id)
    owner, _ = at_store(Role.DEALER_OWNER, dealer_id=person.dealer_id)
    assert colleague.get(address).status_code == 404
    assert owner.get(address).status_code == 200


def test_nobody_enters_for_a_store_that_is_not_theirs(at_store, as_hq):
    here, _person = at_store()
    _, other = at_store()
    assert _send(here, store=str(other.store_id)).status_code == 422
    assert as_hq(_count) == 0
