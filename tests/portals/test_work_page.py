"""HQ's work page: what waits, what was put aside and why, and trying it again."""

from __future__ import annotations

from shared.identity.permissions import Role
from shared.work.runs import run
from tests.portals.conftest import sign_in
from tests.work.conftest import NAME, counts, no_drains, place, sign_up, story, the_drain

__all__ = ["counts", "no_drains", "place", "sign_up", "story", "the_drain"]


def test_the_page_shows_what_waits_and_why_a_row_was_put_aside(browser, hq_person, place, the_drain, sign_up, counts):
    sign_up(3, "poison")
    run(place, the_drain)
    sign_up(2)
    operator = browser()
    sign_in(operator, "/hq", hq_person(Role.OPERATOR).login)
    page = operator.get("/hq/work")
    assert page.status_code == 200
    assert "Poisoned" in page.text
    assert "tests/work/conftest.py:" in page.text
    assert "13800" not in page.text
    answer = operator.post(f"/hq/work/{NAME}/again")
    assert answer.status_code == 303
    assert counts() == {"decided": 3, "received": 3}
    assert "Poisoned" not in operator.get("/hq/work").text


def test_the_page_opens_when_some_work_cannot_say_since_when_it_waits(browser, hq_person):
    import wsgi

    list(wsgi.every("jobs"))
    operator = browser()
    sign_in(operator, "/hq", hq_person(Role.OPERATOR).login)
    page = operator.get("/hq/work")
    assert page.status_code == 200
    assert "hq.qualify" in page.text
    assert "hq.settle" in page.text


def test_one_row_is_tried_again(browser, hq_person, place, the_drain, sign_up, counts):
    sign_up(1, "poison", "poison")
    run(place, the_drain)
    operator = browser()
    sign_in(operator, "/hq", hq_person(Role.OPERATOR).login)
    page = operator.get(f"/hq/work?drain={NAME}")
    address = page.text.split(f'action="/hq/work/{NAME}/')[2].split('"')[0]
    assert operator.post(f"/hq/work/{NAME}/{address}").status_code == 303
    assert counts() == {"decided": 1, "received": 1, "aside": 1}


def test_an_unknown_drain_is_not_found_and_analysts_may_not_look(browser, hq_person):
    operator, analyst = browser(), browser()
    sign_in(operator, "/hq", hq_person(Role.OPERATOR).login)
    operator.get("/hq/work")
    assert operator.post("/hq/work/test.nothing/again").status_code == 404
    sign_in(analyst, "/hq", hq_person(Role.ANALYST).login)
    assert analyst.get("/hq/work").status_code == 403
